#pragma once

#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/ir/graph.h"

// The rules that the rows of the table of primitives are made of.
namespace nasc {

// The type of an operand.
inline const ir::TensorType& Operand(const ir::Graph& graph, const ir::Instruction& instruction,
                                     size_t i = 0) {
  return graph.instruction(instruction.operands[i]).type;
}

// A whole-number attribute, which must be there.
inline const ir::Dim& Attribute(const ir::Instruction& instruction, absl::string_view name) {
  return std::get<ir::Dim>(*ir::FindAttribute(instruction, name));
}

// --- types ---

// An operand of another kind is an error.
absl::Status NeedsImage(const ir::Graph& graph, const ir::Instruction& instruction);
// Axis 1 holds the channels of images or the features of a row.
absl::Status NeedsChannels(const ir::Graph& graph, const ir::Instruction& instruction);
absl::Status NeedsFeatures(const ir::Graph& graph, const ir::Instruction& instruction);

absl::StatusOr<ir::TensorType> SameShape(const ir::Graph& graph,
                                         const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> InputShape(const ir::Graph& graph,
                                          const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> FeaturesShape(const ir::Graph& graph,
                                             const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> ConvShape(const ir::Graph& graph,
                                         const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> WindowShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> ImageShape(const ir::Graph& graph,
                                          const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> ChannelsShape(const ir::Graph& graph,
                                             const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> SliceShape(const ir::Graph& graph,
                                          const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> ShuffleShape(const ir::Graph& graph,
                                            const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> NoneShape(const ir::Graph& graph,
                                         const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> GlobalPoolShape(const ir::Graph& graph,
                                               const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> AdaptivePoolShape(const ir::Graph& graph,
                                                 const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> FlattenShape(const ir::Graph& graph,
                                            const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> LinearShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
// The type of all operands from `first` on, which must be one. Error: `what` ("a sum of") unlike
// shapes.
absl::StatusOr<ir::TensorType> EqualShapes(const ir::Graph& graph,
                                           const ir::Instruction& instruction, size_t first,
                                           absl::string_view what);
absl::StatusOr<ir::TensorType> ColumnShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> SumShape(const ir::Graph& graph, const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> AffineShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> MultiplyShape(const ir::Graph& graph,
                                             const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> ConcatShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> SelectShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> SubsetShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> SwitchShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> AssumeShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> AbsentShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> CasesShape(const ir::Graph& graph,
                                          const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> LogitsShape(const ir::Graph& graph,
                                           const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> PickShape(const ir::Graph& graph,
                                         const ir::Instruction& instruction);
absl::StatusOr<ir::TensorType> MixShape(const ir::Graph& graph, const ir::Instruction& instruction);

// --- weights and buffers ---

std::vector<ir::Param> ConvParams(const ir::Graph& graph, const ir::Instruction& instruction);
std::vector<ir::Param> DepthwiseParams(const ir::Graph& graph, const ir::Instruction& instruction);
std::vector<ir::Param> LinearParams(const ir::Graph& graph, const ir::Instruction& instruction);
std::vector<ir::Param> BatchNormParams(const ir::Graph& graph, const ir::Instruction& instruction);
std::vector<ir::Param> LayerNormParams(const ir::Graph& graph, const ir::Instruction& instruction);
std::vector<ir::Param> AffineParams(const ir::Graph& graph, const ir::Instruction& instruction);

// --- multiply-accumulate operations ---

ir::Dim ConvMacs(const ir::Graph& graph, const ir::Instruction& instruction);
ir::Dim DepthwiseMacs(const ir::Graph& graph, const ir::Instruction& instruction);
ir::Dim LinearMacs(const ir::Graph& graph, const ir::Instruction& instruction);

// --- whether zeros in give zeros out ---

inline bool Always(const ir::Instruction&) { return true; }

}  // namespace nasc
