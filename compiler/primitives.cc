#include "compiler/primitives.h"

#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/printer.h"

namespace nasc {
namespace {

using ir::Dim;
using ir::Graph;
using ir::Instruction;
using ir::Param;
using ir::TensorType;
using Type = absl::StatusOr<TensorType>;
using Default = AttributeSpec::Default;
using Form = Primitive::Form;

const TensorType& Operand(const Graph& graph, const Instruction& instruction, size_t i = 0) {
  return graph.instruction(instruction.operands[i]).type;
}

Dim Attribute(const Instruction& instruction, absl::string_view name) {
  return std::get<Dim>(*ir::FindAttribute(instruction, name));
}

absl::Status NeedsImage(const Graph& graph, const Instruction& instruction) {
  const TensorType& type = Operand(graph, instruction);
  if (type.dims.size() == 4) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", instruction.op, "' needs images, found ", ir::Print(type, graph)));
}

// --- shapes ---

Type SameShape(const Graph& graph, const Instruction& instruction) {
  return Operand(graph, instruction);
}

Type InputShape(const Graph&, const Instruction& instruction) {
  return TensorType{{Dim::Batch(), Attribute(instruction, "channels"),
                     Attribute(instruction, "height"), Attribute(instruction, "width")}};
}

// floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
absl::StatusOr<Dim> WindowedSize(const Dim& size, const Instruction& instruction) {
  const bool dilated = ir::FindAttribute(instruction, "dilation") != nullptr;
  const Dim reach = (dilated ? Attribute(instruction, "dilation") : Dim(1)) *
                    (Attribute(instruction, "kernel") - 1);
  return ir::Apply(
      size + Attribute(instruction, "padding") * 2 - reach - 1, Attribute(instruction, "stride"),
      [&](int64_t room, int64_t stride) -> absl::StatusOr<int64_t> {
        if (room < 0) {
          return absl::InvalidArgumentError(absl::StrCat("the window of '", instruction.op,
                                                         "' is larger than its input and padding"));
        }
        return room / stride + 1;
      });
}

Type WindowedShape(const Graph& graph, const Instruction& instruction, const Dim& channels) {
  if (absl::Status status = NeedsImage(graph, instruction); !status.ok()) return status;
  const TensorType& input = Operand(graph, instruction);
  TensorType type{{Dim::Batch(), channels}};
  for (int axis : {2, 3}) {
    absl::StatusOr<Dim> size = WindowedSize(input.dims[axis], instruction);
    if (!size.ok()) return size.status();
    type.dims.push_back(*std::move(size));
  }
  return type;
}

Type ConvShape(const Graph& graph, const Instruction& instruction) {
  return WindowedShape(graph, instruction, Attribute(instruction, "filters"));
}

Type WindowShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsImage(graph, instruction); !status.ok()) return status;
  return WindowedShape(graph, instruction, Operand(graph, instruction).dims[1]);
}

Type ImageShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsImage(graph, instruction); !status.ok()) return status;
  return Operand(graph, instruction);
}

Type NoneShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsImage(graph, instruction); !status.ok()) return status;
  const TensorType& input = Operand(graph, instruction);
  const auto strided = [&](const Dim& size) {
    return *ir::Apply(size, Attribute(instruction, "stride"),
                      [](int64_t s, int64_t stride) { return (s - 1) / stride + 1; });
  };
  return TensorType{{Dim::Batch(), Attribute(instruction, "filters"), strided(input.dims[2]),
                     strided(input.dims[3])}};
}

Type GlobalPoolShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsImage(graph, instruction); !status.ok()) return status;
  return TensorType{{Dim::Batch(), Operand(graph, instruction).dims[1], 1, 1}};
}

Type FlattenShape(const Graph& graph, const Instruction& instruction) {
  const TensorType& input = Operand(graph, instruction);
  Dim features = 1;
  for (size_t i = 1; i < input.dims.size(); ++i) features = features * input.dims[i];
  return TensorType{{Dim::Batch(), features}};
}

Type LinearShape(const Graph& graph, const Instruction& instruction) {
  const TensorType& input = Operand(graph, instruction);
  if (input.dims.size() < 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("'linear' needs a batch of values, found ", ir::Print(input, graph)));
  }
  for (size_t i = 2; i < input.dims.size(); ++i) {
    if (input.dims[i] != Dim(1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("'linear' needs one value a channel, found ", ir::Print(input, graph),
                       ": put `global_avg_pool` or `flatten` before it"));
    }
  }
  return TensorType{{Dim::Batch(), Attribute(instruction, "features")}};
}

Type EqualShapes(const Graph& graph, const Instruction& instruction, size_t first,
                 absl::string_view what) {
  const TensorType& type = Operand(graph, instruction, first);
  for (size_t i = first + 1; i < instruction.operands.size(); ++i) {
    const TensorType& other = Operand(graph, instruction, i);
    if (other != type) {
      return absl::InvalidArgumentError(absl::StrCat(
          what, " unlike shapes: ", ir::Print(type, graph), " and ", ir::Print(other, graph)));
    }
  }
  return type;
}

Type SumShape(const Graph& graph, const Instruction& instruction) {
  return EqualShapes(graph, instruction, 0, "a sum of");
}

// Values of one size, or one value a channel, which scales the whole channel.
Type MultiplyShape(const Graph& graph, const Instruction& instruction) {
  TensorType type = Operand(graph, instruction);
  for (size_t i = 1; i < instruction.operands.size(); ++i) {
    const TensorType& other = Operand(graph, instruction, i);
    bool fits = other.dims.size() == type.dims.size();
    for (size_t axis = 0; fits && axis < type.dims.size(); ++axis) {
      fits = other.dims[axis] == type.dims[axis] || (axis >= 2 && other.dims[axis] == Dim(1));
    }
    if (!fits) {
      return absl::InvalidArgumentError(
          absl::StrCat("a product of unlike shapes: ", ir::Print(type, graph), " and ",
                       ir::Print(other, graph)));
    }
  }
  return type;
}

Type ConcatShape(const Graph& graph, const Instruction& instruction) {
  TensorType type = Operand(graph, instruction);
  for (size_t i = 1; i < instruction.operands.size(); ++i) {
    const TensorType& other = Operand(graph, instruction, i);
    bool fits = other.dims.size() == type.dims.size() && type.dims.size() >= 2;
    for (size_t axis = 2; fits && axis < type.dims.size(); ++axis) {
      fits = other.dims[axis] == type.dims[axis];
    }
    if (!fits) {
      return absl::InvalidArgumentError(
          absl::StrCat("a concatenation of unlike sizes: ", ir::Print(type, graph), " and ",
                       ir::Print(other, graph)));
    }
    type.dims[1] = type.dims[1] + other.dims[1];
  }
  return type;
}

// The shape of the option that is taken: a function of the decision where options differ.
Type SelectShape(const Graph& graph, const Instruction& instruction) {
  TensorType type = Operand(graph, instruction);
  const size_t options = instruction.operands.size();
  for (size_t i = 1; i < options; ++i) {
    if (Operand(graph, instruction, i).dims.size() != type.dims.size()) {
      return EqualShapes(graph, instruction, 0, "a choice between");
    }
  }
  for (size_t axis = 1; axis < type.dims.size(); ++axis) {
    // sum over the options of [this option is taken] * its size
    Dim size = 0;
    for (size_t i = 0; i < options; ++i) {
      std::vector<Dim> taken(options, Dim(0));
      taken[i] = 1;
      size = size + Dim::Choice(instruction.decision, std::move(taken)) *
                        Operand(graph, instruction, i).dims[axis];
    }
    type.dims[axis] = size;
  }
  return type;
}

Type SubsetShape(const Graph& graph, const Instruction& instruction) {
  const ir::Decision& decision = graph.decisions[instruction.decision];
  const Primitive* combiner = FindPrimitive(instruction.combiner);
  if (instruction.combiner == "concat" &&
      decision.take != static_cast<int>(instruction.operands.size())) {
    return absl::InvalidArgumentError("a subset of edges cannot be merged by `concat`");
  }
  return combiner->shape(graph, instruction);
}

Type CasesShape(const Graph& graph, const Instruction& instruction) {
  return EqualShapes(graph, instruction, 0, "relaxed and fixed have");
}

Type LogitsShape(const Graph& graph, const Instruction& instruction) {
  return TensorType{{static_cast<int64_t>(graph.decisions[instruction.decision].options.size())}};
}

Type MixShape(const Graph& graph, const Instruction& instruction) {
  const Dim& weights = Operand(graph, instruction).dims[0];
  const auto candidates = static_cast<int64_t>(instruction.operands.size()) - 1;
  if (weights != Dim(candidates)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a mixture of ", candidates, " values with another number of weights"));
  }
  return EqualShapes(graph, instruction, 1, "a mixture of");
}

// --- weights ---

Param Weight(absl::string_view name, std::vector<Dim> dims, Param::Init init, int64_t fan_in = 0) {
  return {std::string(name), Param::Role::kWeight, init, fan_in, TensorType{std::move(dims)}};
}

Param Buffer(absl::string_view name, std::vector<Dim> dims, Param::Init init) {
  return {std::string(name), Param::Role::kBuffer, init, 0, TensorType{std::move(dims)}};
}

std::vector<Param> FilterParams(const Instruction& instruction, const Dim& filters,
                                const Dim& channels) {
  const Dim kernel = Attribute(instruction, "kernel");
  const Dim fan_in = channels * kernel * kernel;
  std::vector<Param> params = {
      Weight("weight", {filters, channels, kernel, kernel}, Param::Init::kFanIn, fan_in.Max())};
  const ir::AttributeValue* bias = ir::FindAttribute(instruction, "bias");
  if (bias != nullptr && std::get<Dim>(*bias) != Dim(0)) {
    params.push_back(Weight("bias", {filters}, Param::Init::kFanIn, fan_in.Max()));
  }
  return params;
}

std::vector<Param> ConvParams(const Graph& graph, const Instruction& instruction) {
  return FilterParams(instruction, Attribute(instruction, "filters"),
                      Operand(graph, instruction).dims[1]);
}

std::vector<Param> DepthwiseParams(const Graph& graph, const Instruction& instruction) {
  return FilterParams(instruction, Operand(graph, instruction).dims[1], 1);
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
  const Dim channels = Operand(graph, instruction).dims[1];
  std::vector<Param> params;
  if (Attribute(instruction, "affine") != Dim(0)) {
    params.push_back(Weight("weight", {channels}, Param::Init::kOnes));
    params.push_back(Weight("bias", {channels}, Param::Init::kZeros));
  }
  params.push_back(Buffer("running_mean", {channels}, Param::Init::kZeros));
  params.push_back(Buffer("running_var", {channels}, Param::Init::kOnes));
  return params;
}

// --- multiply-accumulate operations ---

Dim Elements(const TensorType& type) {
  Dim count = 1;
  for (size_t i = 1; i < type.dims.size(); ++i) count = count * type.dims[i];
  return count;
}

Dim ConvMacs(const Graph& graph, const Instruction& instruction) {
  const Dim kernel = Attribute(instruction, "kernel");
  return Elements(instruction.type) * Operand(graph, instruction).dims[1] * kernel * kernel;
}

Dim DepthwiseMacs(const Graph&, const Instruction& instruction) {
  const Dim kernel = Attribute(instruction, "kernel");
  return Elements(instruction.type) * kernel * kernel;
}

Dim LinearMacs(const Graph& graph, const Instruction& instruction) {
  return Elements(instruction.type) * Operand(graph, instruction).dims[1];
}

// --- attributes ---

AttributeSpec Required(std::string name, std::string doc, int64_t least = 1) {
  return {std::move(name), Default::kRequired, 0, true, least, std::move(doc)};
}
AttributeSpec Whole(std::string name, int64_t value, std::string doc, int64_t least) {
  return {std::move(name), Default::kNumber, static_cast<double>(value), true,
          least,           std::move(doc)};
}
AttributeSpec Stride() {
  return {"stride", Default::kStep, 1, true, 1, "the step in both directions"};
}
AttributeSpec Filters() {
  return {"filters", Default::kWidth, 0, true, 1, "the number of channels it gives"};
}
AttributeSpec Padding() {
  return {"padding",
          Default::kSame,
          0,
          true,
          0,
          "rows and columns added on each side; by default those that keep the size, before the "
          "stride"};
}
AttributeSpec Kernel() { return Required("kernel", "the side of the window"); }

}  // namespace

const std::vector<Primitive>& Primitives() {
  static const auto* const table = new std::vector<Primitive>{
      {"conv",
       Form::kUnary,
       {Kernel(), Filters(), Stride(), Whole("dilation", 1, "the distance of the taps", 1),
        Padding(), Whole("bias", 0, "whether an offset a filter is added", 0)},
       ConvShape,
       ConvParams,
       ConvMacs,
       "convolution with a square window"},
      {"depthwise",
       Form::kUnary,
       {Kernel(), Stride(), Whole("dilation", 1, "the distance of the taps", 1), Padding()},
       WindowShape,
       DepthwiseParams,
       DepthwiseMacs,
       "convolution of every channel with a filter of its own"},
      {"linear",
       Form::kUnary,
       {Required("features", "the number of values it gives"),
        Whole("bias", 1, "whether an offset a feature is added", 0)},
       LinearShape,
       LinearParams,
       LinearMacs,
       "fully connected layer"},
      {"bn",
       Form::kUnary,
       {{"affine", Default::kSetting, 1, true, 0,
         "whether a scale and an offset a channel are trained"}},
       ImageShape,
       BatchNormParams,
       nullptr,
       "batch normalisation (Ioffe and Szegedy, 2015); epsilon 1e-5, momentum 0.1"},
      {"relu", Form::kUnary, {}, SameShape, nullptr, nullptr, "max(x, 0)"},
      {"relu6", Form::kUnary, {}, SameShape, nullptr, nullptr, "min(max(x, 0), 6)"},
      {"sigmoid", Form::kUnary, {}, SameShape, nullptr, nullptr, "1 / (1 + exp(-x))"},
      {"max_pool",
       Form::kUnary,
       {Kernel(), Stride(), Padding()},
       WindowShape,
       nullptr,
       nullptr,
       "the greatest value of each window"},
      {"avg_pool",
       Form::kUnary,
       {Kernel(), Stride(), Padding()},
       WindowShape,
       nullptr,
       nullptr,
       "the mean of each window; padding does not count"},
      {"global_avg_pool",
       Form::kUnary,
       {},
       GlobalPoolShape,
       nullptr,
       nullptr,
       "the mean of each channel"},
      {"shift",
       Form::kUnary,
       {Required("rows", "moved up by", 0), Required("columns", "moved left by", 0)},
       ImageShape,
       nullptr,
       nullptr,
       "the image moved up and left; zeros come in from below and from the right"},
      {"flatten", Form::kUnary, {}, FlattenShape, nullptr, nullptr, "all values in one row"},
      {"identity", Form::kUnary, {}, SameShape, nullptr, nullptr, "its input"},
      {"none",
       Form::kUnary,
       {Filters(), Stride()},
       NoneShape,
       nullptr,
       nullptr,
       "zeros: the edge is absent"},
      {"drop_path",
       Form::kUnary,
       {{"rate", Default::kRequired, 0, false, 0, "the probability at the end of training"}},
       SameShape,
       nullptr,
       nullptr,
       "while training, zero for a random part of the images (Larsson et al., 2017)"},
      {"sum", Form::kCombiner, {}, SumShape, nullptr, nullptr, "the sum of its operands"},
      {"multiply",
       Form::kCombiner,
       {},
       MultiplyShape,
       nullptr,
       nullptr,
       "the product of its operands; one of size 1x1 scales whole channels"},
      {"concat",
       Form::kCombiner,
       {},
       ConcatShape,
       nullptr,
       nullptr,
       "the channels of its operands, one after the other"},
      {"input",
       Form::kInput,
       {Required("channels", "of the images"), Required("height", "in pixels"),
        Required("width", "in pixels")},
       InputShape,
       nullptr,
       nullptr,
       "the images"},
      {"select",
       Form::kControl,
       {},
       SelectShape,
       nullptr,
       nullptr,
       "the operand that the decision takes"},
      {"subset",
       Form::kControl,
       {},
       SubsetShape,
       nullptr,
       nullptr,
       "the operands that the decision takes, combined"},
      {"when_relaxed",
       Form::kControl,
       {},
       CasesShape,
       nullptr,
       nullptr,
       "one operand while the decision is relaxed, the other once it is fixed"},
      {"logits",
       Form::kControl,
       {},
       LogitsShape,
       nullptr,
       nullptr,
       "the strategy's parameters of a relaxed decision, one an option"},
      {"softmax", Form::kControl, {}, SameShape, nullptr, nullptr, "exp(x_i) / sum exp(x_j)"},
      {"mix",
       Form::kControl,
       {},
       MixShape,
       nullptr,
       nullptr,
       "the sum of its operands, weighted by the first one"},
  };
  return *table;
}

const Primitive* FindPrimitive(absl::string_view name) {
  for (const Primitive& primitive : Primitives()) {
    if (primitive.name == name) return &primitive;
  }
  return nullptr;
}

const Vocabulary& LanguageVocabulary() {
  static const auto* const vocabulary = [] {
    std::vector<Signature> signatures;
    for (const Primitive& primitive : Primitives()) {
      if (primitive.form != Form::kUnary && primitive.form != Form::kCombiner) continue;
      Signature signature{primitive.name, primitive.form == Form::kCombiner, {}};
      for (const AttributeSpec& attribute : primitive.attributes) {
        signature.params.push_back({attribute.name, attribute.fallback == Default::kRequired});
      }
      signatures.push_back(std::move(signature));
    }
    return new Vocabulary(std::move(signatures));
  }();
  return *vocabulary;
}

}  // namespace nasc
