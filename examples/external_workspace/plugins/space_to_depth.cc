// A primitive: `space_to_depth(block)` moves each block of pixels into channels, so that an image
// gets smaller and nothing of it is lost. The opposite of the layer of Shi et al., CVPR 2016.
#include <ATen/ops/pixel_shuffle.h>
#include <ATen/ops/pixel_unshuffle.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/primitive_attributes.h"
#include "compiler/primitive_rules.h"
#include "compiler/primitives.h"
#include "export/python_expressions.h"
#include "runtime/kernels.h"

namespace {

constexpr char kName[] = "space_to_depth";

// Sizes are not numbers but functions of the decisions: Apply computes with all that they may be.
absl::StatusOr<nasc::ir::TensorType> Shape(const nasc::ir::Graph& graph,
                                           const nasc::ir::Instruction& instruction) {
  absl::Status image = nasc::NeedsImage(graph, instruction);
  if (!image.ok()) return image;
  const nasc::ir::Dim& block = nasc::Attribute(instruction, "block");
  nasc::ir::TensorType type = nasc::Operand(graph, instruction);
  type.dims[1] = type.dims[1] * block * block;
  for (const int axis : {2, 3}) {
    absl::StatusOr<nasc::ir::Dim> blocks = nasc::ir::Apply(
        type.dims[axis], block, [](int64_t pixels, int64_t side) -> absl::StatusOr<int64_t> {
          if (pixels % side == 0) return pixels / side;
          return absl::InvalidArgumentError(
              absl::StrCat(pixels, " pixels do not make blocks of ", side));
        });
    if (!blocks.ok()) return blocks.status();
    type.dims[axis] = *std::move(blocks);
  }
  return type;
}

// What the compiler knows of it: as a row of nasc's own table.
const nasc::PrimitiveRegistration primitive(
    {kName,
     nasc::Primitive::Form::kUnary,
     {nasc::attribute::Required("block", "the side of a block of pixels")},
     Shape,
     /*params=*/nullptr,
     /*macs=*/nullptr,
     nasc::Always,
     "each block of pixels as channels of one pixel",
     nasc::Algebra::kLinear,
     "block * block times the channels of its input; rows and columns divided by `block`"});

// How it is computed.
at::Tensor SpaceToDepth(const nasc::KernelArgs& args) {
  return at::pixel_unshuffle(args.inputs[0], nasc::Whole(args.step, "block"));
}

// Without this, autograd would run the kernel once more for each gradient.
std::vector<at::Tensor> Gradient(const nasc::KernelArgs& args, const at::Tensor& dy) {
  return {at::pixel_shuffle(dy, nasc::Whole(args.step, "block"))};
}

const nasc::KernelRegistration kernel(kName, SpaceToDepth, Gradient);

// What it is in Python and TorchScript. It has no form in ONNX, so `nasc export --format onnx` says
// that it has none.
const nasc::PythonRegistration python(kName, "F.pixel_unshuffle({x}, {block})");

}  // namespace
