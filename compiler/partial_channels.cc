#include "compiler/partial_channels.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/printer.h"
#include "compiler/ir/verifier.h"
#include "compiler/primitives.h"
#include "compiler/taken.h"
#include "glog/logging.h"

namespace nasc {
namespace {

using ir::Dim;
using ir::Graph;
using ir::Instruction;
using ir::TensorType;
using ir::ValueId;

// Attributes that count channels or features.
constexpr absl::string_view kWidths[] = {"filters", "features", "first", "channels"};

// A variable that one of these dims depends on, if any does: where there is one, of another
// decision than `own`.
std::optional<ir::Variable> OpenVariable(const std::vector<Dim>& dims, ir::DecisionId own) {
  std::optional<ir::Variable> found;
  for (const Dim& dim : dims) {
    for (const ir::Diagram<int64_t>& term : dim.terms()) {
      ir::ForEachNode(term, [&](const ir::Diagram<int64_t>& node) {
        if (!node.is_choice() || (found.has_value() && found->decision != own)) return;
        found = node.variable();
      });
    }
  }
  return found;
}

// The stride that makes images of `from` those of `to`, if they are known and one does.
std::optional<int64_t> StrideOf(const TensorType& from, const TensorType& to) {
  if (from.dims.size() != 4 || to.dims.size() != 4) return std::nullopt;
  int64_t stride = 1;
  for (size_t axis = 2; axis < 4; ++axis) {
    const Dim& size = from.dims[axis];
    const Dim& left = to.dims[axis];
    if (!size.is_constant() || !left.is_constant() || left.value() < 1) return std::nullopt;
    stride = std::max(stride, (size.value() - 1) / left.value() + 1);
  }
  return stride;
}

class Narrowing {
 public:
  Narrowing(const Graph& supernet, int64_t k)
      : from_(supernet), k_(k), edge_of_(supernet.instructions.size(), kNoEdge) {}

  absl::StatusOr<Graph> Run() {
    const std::vector<bool> needed = Needed(from_, /*architecture=*/nullptr);
    FindEdges(needed);
    if (absl::c_all_of(edge_of_, [](int edge) { return edge == kNoEdge; })) {
      return absl::InvalidArgumentError(
          absl::StrCat("partial channels are of choices between operations, of which ", from_.space,
                       " at scale ", from_.scale, " has none"));
    }
    to_ = from_;
    to_.instructions.clear();
    values_.resize(from_.instructions.size());
    for (size_t i = 0; i < needed.size(); ++i) {
      if (!needed[i]) continue;
      if (absl::Status status = Rewrite(static_cast<ValueId>(i)); !status.ok()) return status;
    }
    for (ir::Result& result : to_.results) {
      absl::StatusOr<ValueId> value = Whole(result.value);
      if (!value.ok()) return value.status();
      result.value = *value;
    }
    ir::RemoveDead(to_);
    const absl::Status valid = ir::Verify(to_);
    CHECK(valid.ok()) << valid;
    return std::move(to_);
  }

 private:
  static constexpr int kNoEdge = -1;

  // What stands for a value: itself, or two parts that become it once somebody asks for the whole.
  struct Value {
    ValueId whole = -1;
    ValueId part = -1;
    ValueId rest = -1;
    bool is_parts() const { return part >= 0; }
  };

  // --- which choices are narrowed ---

  // An edge is a choice whose options are computed from one value. What an option is made of has
  // its name below that of the choice. Later choices are the outer ones.
  void FindEdges(const std::vector<bool>& needed) {
    for (size_t i = needed.size(); i-- > 0;) {
      const Instruction& select = from_.instructions[i];
      if (!needed[i] || select.op != "select" || edge_of_[i] != kNoEdge) continue;
      if (select.operands.size() < 2) continue;
      const std::string below = select.name + ".";
      std::set<ValueId> inside;
      std::set<ValueId> inputs;
      std::vector<ValueId> open = select.operands;
      while (!open.empty()) {
        const ValueId value = open.back();
        open.pop_back();
        if (!absl::StartsWith(from_.instruction(value).name, below)) {
          inputs.insert(value);
        } else if (inside.insert(value).second) {
          absl::c_copy(OperandsTaken(from_, from_.instruction(value), nullptr),
                       std::back_inserter(open));
        }
      }
      if (inputs.size() != 1) continue;
      const int edge = static_cast<int>(i);
      edge_of_[i] = edge;
      for (const ValueId value : inside) edge_of_[value] = edge;
      input_of_[edge] = *inputs.begin();
    }
  }

  // --- rewriting ---

  absl::Status Rewrite(ValueId id) {
    const Instruction& instruction = from_.instruction(id);
    if (SumsParts(id)) return SumParts(id);
    const int edge = edge_of_[id];
    Instruction copy = instruction;
    copy.operands = {};
    for (const ValueId operand : instruction.op == "when_relaxed"
                                     ? OperandsTaken(from_, instruction, nullptr)
                                     : instruction.operands) {
      absl::StatusOr<ValueId> value = OperandOf(edge, operand);
      if (!value.ok()) return value.status();
      copy.operands.push_back(*value);
    }
    if (instruction.op == "when_relaxed") {
      values_[id].whole = copy.operands[0];
      return absl::OkStatus();
    }
    if (edge != kNoEdge) {
      if (absl::Status status = Narrow(edge, copy); !status.ok()) return status;
    }
    if (edge == id) copy.name = absl::StrCat("part.", instruction.name);
    absl::StatusOr<ValueId> value = Emit(std::move(copy));
    if (!value.ok()) return edge == kNoEdge ? value.status() : Cannot(edge, value.status());
    values_[id].whole = *value;
    if (edge == kNoEdge) return absl::OkStatus();
    if (const auto variable = OpenVariable(to_.instruction(*value).type.dims, DecisionOf(edge))) {
      return Cannot(edge, absl::StrCat(instruction.name, " has a shape that depends on ",
                                       ir::NameOf(*variable, from_.decisions)));
    }
    return edge == id ? AddRest(id, *value) : absl::OkStatus();
  }

  // Within an edge its input is the part of it that goes through.
  absl::StatusOr<ValueId> OperandOf(int edge, ValueId operand) {
    if (edge == kNoEdge) return Whole(operand);
    if (edge_of_[operand] == edge) return values_[operand].whole;
    return Slice(edge, /*through=*/true);
  }

  absl::Status Narrow(int edge, Instruction& instruction) const {
    if (instruction.op == "assume") return absl::OkStatus();  // says only what is taken
    for (ir::Attribute& attribute : instruction.attributes) {
      Dim* number = std::get_if<Dim>(&attribute.value);
      if (number == nullptr) continue;
      if (const auto variable = OpenVariable({*number}, DecisionOf(edge))) {
        return Cannot(edge, absl::StrCat(instruction.name, " depends on ",
                                         ir::NameOf(*variable, from_.decisions)));
      }
      if (!absl::c_linear_search(kWidths, attribute.name)) continue;
      if (number->value() % k_ != 0) {
        return Cannot(edge, absl::StrCat("'", attribute.name, "' of ", instruction.name, " is ",
                                         number->value(), ", which is no multiple of ", k_));
      }
      *number = number->value() / k_;
    }
    return absl::OkStatus();
  }

  // The channels that go through the options of an edge, or past them; made once of each value.
  absl::StatusOr<ValueId> Slice(int edge, bool through) {
    const ValueId input = input_of_.at(edge);
    const auto key = std::make_pair(input, through);
    if (const auto it = slices_.find(key); it != slices_.end()) return it->second;
    absl::StatusOr<ValueId> whole = Whole(input);
    if (!whole.ok()) return whole;
    const TensorType& type = to_.instruction(*whole).type;
    if (type.dims.size() < 2 || !type.dims[1].is_constant() || type.dims[1].value() % k_ != 0) {
      return Cannot(edge, absl::StrCat("its input is ", ir::Print(type, to_),
                                       ", whose channels are ", "no multiple of ", k_));
    }
    const int64_t channels = type.dims[1].value() / k_;
    Instruction slice;
    slice.name = absl::StrCat(through ? "through." : "past.", from_.instruction(input).name);
    slice.op = "slice";
    slice.operands = {*whole};
    slice.attributes = {{"first", Dim(through ? 0 : channels)},
                        {"channels", Dim(through ? channels : type.dims[1].value() - channels)}};
    slice.location = from_.instruction(input).location;
    absl::StatusOr<ValueId> value = Emit(std::move(slice));
    if (value.ok()) slices_[key] = *value;
    return value;
  }

  // What goes past the options of an edge, in the size of what they give.
  absl::Status AddRest(ValueId edge, ValueId part) {
    const absl::StatusOr<ValueId> past = Slice(edge, /*through=*/false);
    if (!past.ok()) return past.status();
    const TensorType given = to_.instruction(*Slice(edge, /*through=*/true)).type;
    const TensorType made = to_.instruction(part).type;
    ValueId rest = *past;
    if (const auto stride = StrideOf(given, made); stride.value_or(1) > 1) {
      absl::StatusOr<ValueId> pooled = Pool(edge, *past, *stride);
      if (!pooled.ok()) return pooled.status();
      rest = *pooled;
    }
    TensorType beside = to_.instruction(rest).type;
    beside.dims[1] = given.dims[1];
    if (beside != made) {
      return Cannot(
          edge, absl::StrCat("its options make ", ir::Print(from_.instruction(edge).type, from_),
                             " of ", ir::Print(from_.instruction(input_of_.at(edge)).type, from_)));
    }
    values_[edge] = {-1, part, rest};
    return absl::OkStatus();
  }

  // The authors' window is 2x2 of stride 2. Where that would lose the last row or column, a wider
  // one with padding keeps it, as the strided operations do.
  absl::StatusOr<ValueId> Pool(ValueId edge, ValueId past, int64_t stride) {
    const TensorType& type = to_.instruction(past).type;
    const bool even = type.dims[2].value() % stride == 0 && type.dims[3].value() % stride == 0;
    const Instruction& select = from_.instruction(edge);
    Instruction pool;
    pool.name = absl::StrCat("rest.", select.name);
    pool.op = "max_pool";
    pool.operands = {past};
    pool.attributes = {{"kernel", Dim(even ? stride : 2 * stride - 1)},
                       {"stride", Dim(stride)},
                       {"padding", Dim(even ? 0 : stride - 1)}};
    pool.location = select.location;
    return Emit(std::move(pool));
  }

  // --- parts ---

  bool SumsParts(ValueId id) const {
    const Instruction& instruction = from_.instruction(id);
    const bool sums = instruction.op == "sum" || instruction.combiner == "sum";
    return sums && edge_of_[id] == kNoEdge &&
           absl::c_all_of(instruction.operands,
                          [this](ValueId operand) { return values_[operand].is_parts(); });
  }

  // Joining and shuffling are linear: what is joined last is joined once.
  absl::Status SumParts(ValueId id) {
    Instruction part = from_.instruction(id);
    Instruction rest = part;
    part.name = absl::StrCat("part.", part.name);
    rest.name = absl::StrCat("rest.", rest.name);
    for (size_t i = 0; i < part.operands.size(); ++i) {
      const Value& value = values_[part.operands[i]];
      part.operands[i] = value.part;
      rest.operands[i] = value.rest;
    }
    const absl::StatusOr<ValueId> part_sum = Emit(std::move(part));
    if (!part_sum.ok()) return part_sum.status();
    const absl::StatusOr<ValueId> rest_sum = Emit(std::move(rest));
    if (!rest_sum.ok()) return rest_sum.status();
    values_[id] = {-1, *part_sum, *rest_sum};
    return absl::OkStatus();
  }

  absl::StatusOr<ValueId> Whole(ValueId id) {
    Value& value = values_[id];
    if (value.whole >= 0) return value.whole;
    const Instruction& of = from_.instruction(id);
    Instruction join;
    join.name = absl::StrCat("joined.", of.name);
    join.op = "concat";
    join.operands = {value.part, value.rest};
    join.location = of.location;
    absl::StatusOr<ValueId> joined = Emit(std::move(join));
    if (!joined.ok()) return joined;
    Instruction shuffle;
    shuffle.name = of.name;
    shuffle.op = "channel_shuffle";
    shuffle.operands = {*joined};
    shuffle.attributes = {{"groups", Dim(k_)}};
    shuffle.location = of.location;
    absl::StatusOr<ValueId> whole = Emit(std::move(shuffle));
    if (whole.ok()) value.whole = *whole;
    return whole;
  }

  // Adds an instruction with the type, and its weights with the types, that follow from its
  // operands and attributes.
  absl::StatusOr<ValueId> Emit(Instruction instruction) {
    const Primitive& primitive = *FindPrimitive(instruction.op);
    absl::StatusOr<TensorType> type = primitive.shape(to_, instruction);
    if (!type.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(instruction.name, ": ", type.status().message()));
    }
    instruction.type = *std::move(type);
    if (!instruction.params.empty()) {
      const std::vector<ir::Param> rule = primitive.params(to_, instruction);
      for (size_t i = 0; i < rule.size(); ++i) {
        ir::Param& param = to_.params[instruction.params[i]];
        param.type = rule[i].type;
        param.fan_in = rule[i].fan_in;
      }
    }
    to_.instructions.push_back(std::move(instruction));
    return static_cast<ValueId>(to_.instructions.size()) - 1;
  }

  ir::DecisionId DecisionOf(int edge) const { return from_.instruction(edge).decision; }

  absl::Status Cannot(int edge, absl::string_view why) const {
    return absl::InvalidArgumentError(
        absl::StrCat("decision ", from_.decisions[DecisionOf(edge)].path,
                     " cannot be searched on one channel in ", k_, ": ", why));
  }
  absl::Status Cannot(int edge, const absl::Status& why) const {
    return Cannot(edge, why.message());
  }

  const Graph& from_;
  const int64_t k_;
  std::vector<int> edge_of_;         // of each instruction: the choice that it belongs to
  std::map<int, ValueId> input_of_;  // of each such choice
  Graph to_;
  std::vector<Value> values_;  // of each instruction of the supernet, in the new graph
  std::map<std::pair<ValueId, bool>, ValueId> slices_;
};

}  // namespace

absl::StatusOr<Graph> PartialChannels(const Graph& supernet, int64_t k) {
  CHECK_GE(k, 2);
  return Narrowing(supernet, k).Run();
}

}  // namespace nasc
