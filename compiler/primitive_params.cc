#include <string>
#include <utility>

#include "compiler/primitive_rules.h"

namespace nasc {
namespace {

using ir::Dim;
using ir::Graph;
using ir::Instruction;
using ir::Param;
using ir::TensorType;

Param Weight(absl::string_view name, std::vector<Dim> dims, Param::Init init, int64_t fan_in = 0) {
  return {std::string(name), Param::Role::kWeight, init, fan_in, TensorType{std::move(dims)}};
}

Param Buffer(absl::string_view name, std::vector<Dim> dims, Param::Init init) {
  return {std::string(name), Param::Role::kBuffer, init, 0, TensorType{std::move(dims)}};
}

std::vector<Param> FilterParams(const Dim& filters, const Dim& channels, const Dim& height,
                                const Dim& width, bool bias) {
  const Dim fan_in = channels * height * width;
  std::vector<Param> params = {
      Weight("weight", {filters, channels, height, width}, Param::Init::kFanIn, fan_in.Max())};
  if (bias) params.push_back(Weight("bias", {filters}, Param::Init::kFanIn, fan_in.Max()));
  return params;
}

Dim Elements(const TensorType& type) {
  Dim count = 1;
  for (size_t i = 1; i < type.dims.size(); ++i) count = count * type.dims[i];
  return count;
}

}  // namespace

std::vector<Param> ConvParams(const Graph& graph, const Instruction& instruction) {
  return FilterParams(Attribute(instruction, "filters"), Operand(graph, instruction).dims[1],
                      Attribute(instruction, "kernel"), Attribute(instruction, "kernel_width"),
                      Attribute(instruction, "bias") != Dim(0));
}

std::vector<Param> DepthwiseParams(const Graph& graph, const Instruction& instruction) {
  const Dim kernel = Attribute(instruction, "kernel");
  return FilterParams(Operand(graph, instruction).dims[1], 1, kernel, kernel, /*bias=*/false);
}

std::vector<Param> LinearParams(const Graph& graph, const Instruction& instruction) {
  const Dim inputs = Operand(graph, instruction).dims[1];
  const Dim features = Attribute(instruction, "features");
  std::vector<Param> params = {
      Weight("weight", {features, inputs}, Param::Init::kFanIn, inputs.Max())};
  if (Attribute(instruction, "bias") != Dim(0)) {
    params.push_back(Weight("bias", {features}, Param::Init::kFanIn, inputs.Max()));
  }
  return params;
}

std::vector<Param> BatchNormParams(const Graph& graph, const Instruction& instruction) {
  const Dim& channels = Operand(graph, instruction).dims[1];
  std::vector<Param> params = LayerNormParams(graph, instruction);
  params.push_back(Buffer("running_mean", {channels}, Param::Init::kZeros));
  params.push_back(Buffer("running_var", {channels}, Param::Init::kOnes));
  return params;
}

std::vector<Param> LayerNormParams(const Graph& graph, const Instruction& instruction) {
  if (Attribute(instruction, "affine") == Dim(0)) return {};
  const Dim& channels = Operand(graph, instruction).dims[1];
  return {Weight("weight", {channels}, Param::Init::kOnes),
          Weight("bias", {channels}, Param::Init::kZeros)};
}

std::vector<Param> AffineParams(const Graph&, const Instruction& instruction) {
  const auto operands = static_cast<int64_t>(instruction.operands.size());
  return {Weight("weight", {operands}, Param::Init::kFanIn, operands),
          Weight("bias", {1}, Param::Init::kZeros)};
}

// --- multiply-accumulate operations ---

Dim ConvMacs(const Graph& graph, const Instruction& instruction) {
  return Elements(instruction.type) * Operand(graph, instruction).dims[1] *
         Attribute(instruction, "kernel") * Attribute(instruction, "kernel_width");
}

Dim DepthwiseMacs(const Graph&, const Instruction& instruction) {
  const Dim kernel = Attribute(instruction, "kernel");
  return Elements(instruction.type) * kernel * kernel;
}

Dim LinearMacs(const Graph& graph, const Instruction& instruction) {
  return Elements(instruction.type) * Operand(graph, instruction).dims[1];
}

}  // namespace nasc
