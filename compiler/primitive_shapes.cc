#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/printer.h"
#include "compiler/primitive_rules.h"
#include "compiler/primitives.h"

namespace nasc {
namespace {

using ir::Dim;
using ir::Graph;
using ir::Instruction;
using ir::TensorType;
using Type = absl::StatusOr<TensorType>;

absl::Status Needs(absl::string_view what, const Graph& graph, const Instruction& instruction) {
  return absl::InvalidArgumentError(absl::StrCat("'", instruction.op, "' needs ", what, ", found ",
                                                 ir::Print(Operand(graph, instruction), graph)));
}

// What an instruction says of an axis: windows that can be no squares have two attributes.
struct WindowAttributes {
  int axis;
  const char* kernel;
  const char* padding;
};

constexpr WindowAttributes kSquare[] = {{2, "kernel", "padding"}, {3, "kernel", "padding"}};
constexpr WindowAttributes kRectangle[] = {{2, "kernel", "padding"},
                                           {3, "kernel_width", "padding_width"}};

// floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
absl::StatusOr<Dim> WindowedSize(const Dim& size, const Instruction& instruction,
                                 const WindowAttributes& window) {
  const bool dilated = ir::FindAttribute(instruction, "dilation") != nullptr;
  const Dim reach = (dilated ? Attribute(instruction, "dilation") : Dim(1)) *
                    (Attribute(instruction, window.kernel) - 1);
  return ir::Apply(
      size + (Attribute(instruction, window.padding) * 2 - reach - 1),
      Attribute(instruction, "stride"),
      [&](int64_t room, int64_t stride) -> absl::StatusOr<int64_t> {
        if (room < 0) {
          return absl::InvalidArgumentError(absl::StrCat("the window of '", instruction.op,
                                                         "' is larger than its input and padding"));
        }
        return room / stride + 1;
      });
}

Type WindowedShape(const Graph& graph, const Instruction& instruction, const Dim& channels,
                   const WindowAttributes (&windows)[2]) {
  if (absl::Status status = NeedsImage(graph, instruction); !status.ok()) return status;
  TensorType type{{Dim::Batch(), channels}};
  for (const WindowAttributes& window : windows) {
    const Dim& input = Operand(graph, instruction).dims[window.axis];
    absl::StatusOr<Dim> size = WindowedSize(input, instruction, window);
    if (!size.ok()) return size.status();
    type.dims.push_back(*std::move(size));
  }
  return type;
}

}  // namespace

absl::Status NeedsImage(const Graph& graph, const Instruction& instruction) {
  if (Operand(graph, instruction).dims.size() == 4) return absl::OkStatus();
  return Needs("images", graph, instruction);
}

absl::Status NeedsChannels(const Graph& graph, const Instruction& instruction) {
  if (Operand(graph, instruction).dims.size() >= 2) return absl::OkStatus();
  return Needs("images or features", graph, instruction);
}

absl::Status NeedsFeatures(const Graph& graph, const Instruction& instruction) {
  if (Operand(graph, instruction).dims.size() == 2) return absl::OkStatus();
  return Needs("features", graph, instruction);
}

Type SameShape(const Graph& graph, const Instruction& instruction) {
  return Operand(graph, instruction);
}

Type InputShape(const Graph&, const Instruction& instruction) {
  return TensorType{{Dim::Batch(), Attribute(instruction, "channels"),
                     Attribute(instruction, "height"), Attribute(instruction, "width")}};
}

Type FeaturesShape(const Graph&, const Instruction& instruction) {
  return TensorType{{Dim::Batch(), Attribute(instruction, "features")}};
}

Type ConvShape(const Graph& graph, const Instruction& instruction) {
  return WindowedShape(graph, instruction, Attribute(instruction, "filters"), kRectangle);
}

Type WindowShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsImage(graph, instruction); !status.ok()) return status;
  return WindowedShape(graph, instruction, Operand(graph, instruction).dims[1], kSquare);
}

Type ImageShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsImage(graph, instruction); !status.ok()) return status;
  return Operand(graph, instruction);
}

Type ChannelsShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsChannels(graph, instruction); !status.ok()) return status;
  return Operand(graph, instruction);
}

Type SliceShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsChannels(graph, instruction); !status.ok()) return status;
  TensorType type = Operand(graph, instruction);
  const Dim& channels = Attribute(instruction, "channels");
  const absl::StatusOr<Dim> rest =
      ir::Apply(Attribute(instruction, "first") + channels, type.dims[1],
                [](int64_t end, int64_t given) -> absl::StatusOr<int64_t> {
                  if (end <= given) return given - end;
                  return absl::InvalidArgumentError(
                      absl::StrCat("'slice' ends at channel ", end, " of ", given));
                });
  if (!rest.ok()) return rest.status();
  type.dims[1] = channels;
  return type;
}

Type ShuffleShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsChannels(graph, instruction); !status.ok()) return status;
  const TensorType& input = Operand(graph, instruction);
  const absl::StatusOr<Dim> size =
      ir::Apply(input.dims[1], Attribute(instruction, "groups"),
                [](int64_t channels, int64_t groups) -> absl::StatusOr<int64_t> {
                  if (channels % groups == 0) return channels / groups;
                  return absl::InvalidArgumentError(
                      absl::StrCat(channels, " channels do not make ", groups, " equal groups"));
                });
  if (!size.ok()) return size.status();
  return input;
}

Type NoneShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsChannels(graph, instruction); !status.ok()) return status;
  TensorType type = Operand(graph, instruction);
  type.dims[1] = Attribute(instruction, "filters");
  for (size_t axis = 2; axis < type.dims.size(); ++axis) {
    type.dims[axis] = *ir::Apply(type.dims[axis], Attribute(instruction, "stride"),
                                 [](int64_t s, int64_t stride) { return (s - 1) / stride + 1; });
  }
  return type;
}

Type GlobalPoolShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsImage(graph, instruction); !status.ok()) return status;
  return TensorType{{Dim::Batch(), Operand(graph, instruction).dims[1], 1, 1}};
}

Type AdaptivePoolShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsImage(graph, instruction); !status.ok()) return status;
  const Dim& size = Attribute(instruction, "size");
  return TensorType{{Dim::Batch(), Operand(graph, instruction).dims[1], size, size}};
}

Type FlattenShape(const Graph& graph, const Instruction& instruction) {
  const TensorType& input = Operand(graph, instruction);
  Dim features = 1;
  for (size_t i = 1; i < input.dims.size(); ++i) features = features * input.dims[i];
  return TensorType{{Dim::Batch(), features}};
}

Type LinearShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsChannels(graph, instruction); !status.ok()) return status;
  const TensorType& input = Operand(graph, instruction);
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
    ir::Assignment where;
    if (ir::Agree(type, other, &where)) continue;
    return ir::WithCounterexample(
        absl::InvalidArgumentError(absl::StrCat(what, " unlike shapes: ", ir::Print(type, graph),
                                                " and ", ir::Print(other, graph))),
        where);
  }
  return type;
}

Type ColumnShape(const Graph& graph, const Instruction& instruction) {
  if (absl::Status status = NeedsFeatures(graph, instruction); !status.ok()) return status;
  const Dim& features = Operand(graph, instruction).dims[1];
  const absl::StatusOr<Dim> rest =
      ir::Apply(features, Attribute(instruction, "index"),
                [](int64_t count, int64_t index) -> absl::StatusOr<int64_t> {
                  if (index < count) return count - index;
                  return absl::InvalidArgumentError(absl::StrCat(
                      "'column' ", index, " of ", count, " features, which are counted from 0"));
                });
  if (!rest.ok()) return rest.status();
  return TensorType{{Dim::Batch(), 1}};
}

Type SumShape(const Graph& graph, const Instruction& instruction) {
  return EqualShapes(graph, instruction, 0, "a sum of");
}

Type AffineShape(const Graph& graph, const Instruction& instruction) {
  return EqualShapes(graph, instruction, 0, "a weighted sum of");
}

// Values of one size, or one value a channel, which scales the whole channel.
Type MultiplyShape(const Graph& graph, const Instruction& instruction) {
  TensorType type = Operand(graph, instruction);
  for (size_t i = 1; i < instruction.operands.size(); ++i) {
    const TensorType& other = Operand(graph, instruction, i);
    bool fits = other.dims.size() == type.dims.size();
    for (size_t axis = 0; fits && axis < type.dims.size(); ++axis) {
      fits =
          ir::Agree(other.dims[axis], type.dims[axis]) || (axis >= 2 && other.dims[axis] == Dim(1));
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
      fits = ir::Agree(other.dims[axis], type.dims[axis]);
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

}  // namespace nasc
