#include "compiler/relax.h"

#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "compiler/decision_weights.h"
#include "compiler/edge_normalization.h"
#include "compiler/ir/verifier.h"
#include "compiler/partial_channels.h"
#include "compiler/primitives.h"
#include "compiler/taken.h"
#include "compiler/variants.h"
#include "glog/logging.h"

namespace nasc {
namespace {

using ir::Graph;
using ir::Instruction;
using ir::ValueId;

constexpr int kMostVariants = 64;  // of one value

// Rewrites a supernet instruction by instruction into a graph without open decisions. Where a
// mixture has options of unlike shapes, what follows is there once for each of them.
class Relaxer {
 public:
  using Paths = std::vector<std::vector<int>>;

  // `architecture` is nullptr for the mixture. `sampled`: it is one draw of a relaxed supernet.
  Relaxer(const Graph& supernet, const Architecture* architecture, bool sampled = false)
      : from_(supernet), architecture_(architecture), sampled_(sampled) {}
  // The mixture of these options alone.
  Relaxer(const Graph& supernet, const Paths& paths) : Relaxer(supernet, nullptr) {
    paths_ = &paths;
  }

  absl::StatusOr<Graph> Run() {
    to_.space = from_.space;
    to_.version = from_.version;
    to_.scale = from_.scale;
    if (IsRelaxed()) to_.decisions = from_.decisions;
    to_.params = from_.params;
    const std::vector<bool> needed = Needed(from_, architecture_, sampled_);
    for (size_t i = 0; i < from_.instructions.size(); ++i) {
      absl::StatusOr<Variants> value = Variants::Undefined();
      if (needed[i]) value = Rewrite(from_.instructions[i]);
      if (!value.ok()) return value.status();
      value_.push_back(*std::move(value));
    }
    for (ir::Result result : from_.results) {
      const Variants& value = value_[result.value];
      if (value.is_choice()) {
        return CannotMix(value.variable(), "the result would have several shapes");
      }
      result.value = static_cast<ValueId>(value.leaf());
      to_.results.push_back(std::move(result));
    }
    ir::RemoveDead(to_);
    const absl::Status valid = ir::Verify(to_);
    CHECK(valid.ok()) << valid;
    return std::move(to_);
  }

 private:
  bool IsRelaxed() const { return architecture_ == nullptr || sampled_; }

  absl::StatusOr<Variants> Rewrite(const Instruction& instruction) {
    if (instruction.op == "select") {
      if (architecture_ == nullptr) return Mixed(instruction, IndexOf(instruction.decision));
      if (!sampled_) return Taken(instruction);
      return Pick(instruction.name, instruction, {instruction.decision, -1}, *Taken(instruction));
    }
    if (instruction.op == "switch") return Switched(instruction);
    if (instruction.op == "subset") return Subset(instruction);
    if (instruction.op == "assume") return Assumed(instruction);
    if (instruction.op == "when_relaxed") {
      return value_[instruction.operands[IsRelaxed() ? 0 : 1]];
    }
    return Add(instruction, ValuesOf(instruction.operands));
  }

  std::vector<Variants> ValuesOf(const std::vector<ValueId>& operands) const {
    std::vector<Variants> values;
    for (const ValueId operand : operands) values.push_back(value_[operand]);
    return values;
  }

  // The instruction for each variant of its operands and attributes.
  absl::StatusOr<Variants> Add(Instruction instruction, std::vector<Variants> parts) {
    const size_t operands = parts.size();
    std::vector<ir::Dim*> open;
    for (ir::Attribute& attribute : instruction.attributes) {
      ir::Dim* number = std::get_if<ir::Dim>(&attribute.value);
      if (number == nullptr) continue;
      *number = FixDim(*number, architecture_);
      if (!number->is_open()) continue;
      absl::StatusOr<Variants> options = OptionsOf(*number, instruction);
      if (!options.ok()) return options;
      open.push_back(number);
      parts.push_back(*std::move(options));
    }
    int made = 0;
    const auto add = [&](const VariantsApplier::Leaves& leaves,
                         const ir::Assignment& way) -> absl::StatusOr<std::optional<int64_t>> {
      if (absl::c_linear_search(leaves, std::nullopt)) return std::optional<int64_t>();
      if (++made > kMostVariants) {
        return CannotMix(way[0].first,
                         absl::StrCat("with other decisions it gives ", instruction.name,
                                      " more than ", kMostVariants, " variants"));
      }
      for (size_t i = 0; i < open.size(); ++i) *open[i] = *leaves[operands + i];
      Instruction variant = instruction;
      variant.name = VariantName(instruction.name, way);
      variant.operands.clear();
      for (size_t i = 0; i < operands; ++i) {
        variant.operands.push_back(static_cast<ValueId>(*leaves[i]));
      }
      SetParams(instruction, way, variant);
      return Emit(std::move(variant));
    };
    absl::StatusOr<Variants> variants = VariantsApplier(add).Apply(parts);
    if (!variants.ok() || variants->is_leaf()) return variants;
    return Meet(instruction, *variants, {});
  }

  absl::StatusOr<ValueId> Emit(Instruction instruction) {
    if (instruction.op == "concat") DropAbsent(instruction.operands);
    absl::StatusOr<ir::TensorType> type = FindPrimitive(instruction.op)->shape(to_, instruction);
    if (!type.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          ToString(instruction.location), ": ", instruction.name, ": ", type.status().message()));
    }
    instruction.type = *std::move(type);
    FixParams(instruction);
    to_.instructions.push_back(std::move(instruction));
    return static_cast<ValueId>(to_.instructions.size()) - 1;
  }

  // A concatenation has no operands that are left out, unless all of them are.
  void DropAbsent(std::vector<ValueId>& operands) const {
    std::vector<ValueId> present;
    for (const ValueId operand : operands) {
      if (to_.instruction(operand).op != "absent") present.push_back(operand);
    }
    if (!present.empty()) operands = std::move(present);
  }

  // Weights of variants are parts of the same; statistics are of each its own, as they would be
  // of nothing otherwise.
  void SetParams(const Instruction& instruction, const ir::Assignment& way, Instruction& variant) {
    if (way.empty()) return;
    for (ir::ParamId& id : variant.params) {
      ir::Param param = from_.params[id];
      if (param.role == ir::Param::Role::kWeight) param.whole_name = param.name;
      param.name = absl::StrCat(variant.name, param.name.substr(instruction.name.size()));
      id = static_cast<ir::ParamId>(to_.params.size());
      to_.params.push_back(std::move(param));
    }
  }

  // A fixed layer has the weights of its own shape, and starts by its own fan-in, not by that of
  // the widest option. While relaxed they are a part of those of the widest.
  void FixParams(const Instruction& instruction) {
    if (instruction.params.empty()) return;
    const std::vector<ir::Param> rule = FindPrimitive(instruction.op)->params(to_, instruction);
    for (size_t i = 0; i < rule.size(); ++i) {
      ir::Param& param = to_.params[instruction.params[i]];
      const bool is_own = architecture_ == nullptr && param.role == ir::Param::Role::kBuffer;
      if (IsRelaxed() && !is_own && (param.type != rule[i].type || !param.whole_name.empty())) {
        param.whole = param.type;
        for (ir::Dim& dim : param.whole.dims) dim = dim.Max();
      }
      if (!IsRelaxed()) param.fan_in = rule[i].fan_in;
      param.type = rule[i].type;
    }
  }

  absl::StatusOr<Variants> Taken(const Instruction& select) {
    return value_[OperandsTaken(from_, select, architecture_)[0]];
  }

  absl::StatusOr<Variants> Pick(const std::string& name, const Instruction& instruction,
                                const ir::Variable& variable, const Variants& value) {
    Instruction pick;
    pick.name = name;
    pick.op = "pick";
    pick.location = instruction.location;
    pick.attributes = {{"index", ir::Dim(BranchTaken(*architecture_, variable))}};
    const ValueId weights = weights_.Of(variable.decision, instruction.location);
    return Add(std::move(pick), {Variants(weights), value});
  }

  // A pick for each decision that the operand taken depends on.
  absl::StatusOr<Variants> PickSwitched(const Instruction& instruction, const Variants& index) {
    absl::StatusOr<Variants> value = Taken(instruction);
    for (const Variants* at = &index; value.ok() && at->is_choice();) {
      const ir::Variable variable = at->variable();
      const std::string& path = from_.decisions[variable.decision].path;
      value = Pick(absl::StrCat(instruction.name, ".", path), instruction, variable, *value);
      at = &at->branches()[BranchTaken(*architecture_, variable)];
    }
    return value;
  }

  absl::StatusOr<Variants> Switched(const Instruction& instruction) {
    if (!IsRelaxed()) return Taken(instruction);
    if (from_.instruction(instruction.operands[0]).op == "absent") {
      // A part that may be left out of a concatenation has its place while relaxed.
      return sampled_ ? Taken(instruction) : value_[instruction.operands[1]];
    }
    absl::StatusOr<Variants> index =
        OptionsOf(std::get<ir::Dim>(*ir::FindAttribute(instruction, "index")), instruction);
    if (sampled_) return index.ok() ? PickSwitched(instruction, *index) : Taken(instruction);
    if (!index.ok()) return index;
    return Mixed(instruction, *index);
  }

  // What it says of shapes is known once every decision is taken.
  absl::StatusOr<Variants> Assumed(const Instruction& instruction) const {
    const Variants& value = value_[instruction.operands[0]];
    if (architecture_ != nullptr) return value;
    const absl::StatusOr<Variants> holds =
        OptionsOf(std::get<ir::Dim>(*ir::FindAttribute(instruction, "condition")), instruction);
    if (!holds.ok()) return value;
    const auto where_it_holds =
        [](const VariantsApplier::Leaves& leaves,
           const ir::Assignment&) -> absl::StatusOr<std::optional<int64_t>> {
      return leaves[1].value_or(0) != 0 ? leaves[0] : std::nullopt;
    };
    return VariantsApplier(where_it_holds).Apply({value, *holds});
  }

  absl::StatusOr<Variants> Subset(const Instruction& subset) {
    Instruction combined;
    combined.name = subset.name;
    combined.op = subset.combiner;
    combined.location = subset.location;
    const std::vector<ValueId> operands = OperandsTaken(from_, subset, architecture_);
    if (operands.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(subset.name, " takes no edge at all"));
    }
    return Add(std::move(combined), ValuesOf(operands));
  }

  // --- mixtures ---

  Variants IndexOf(ir::DecisionId decision) const {
    std::vector<Variants> options;
    for (size_t k = 0; k < from_.decisions[decision].options.size(); ++k) {
      options.emplace_back(static_cast<int64_t>(k));
    }
    return options.size() == 1 ? options[0]
                               : OnPaths(Variants::Choice({decision, -1}, std::move(options)));
  }

  // With the first path in the place of what is on none.
  Variants OnPaths(const Variants& variants) const {
    if (paths_ == nullptr || !variants.is_choice()) return variants;
    const ir::Variable variable = variants.variable();
    const std::vector<int>& paths = (*paths_)[variable.decision];
    std::vector<Variants> branches;
    for (size_t k = 0; k < variants.branches().size(); ++k) {
      const bool is_kept = paths.empty() || absl::c_linear_search(paths, static_cast<int>(k));
      branches.push_back(OnPaths(variants.branches()[is_kept ? k : paths[0]]));
    }
    return Variants::Choice(variable, std::move(branches));
  }

  // A number under each option. Error: it depends on which edges are taken, which all are.
  absl::StatusOr<Variants> OptionsOf(const ir::Dim& number, const Instruction& instruction) const {
    absl::StatusOr<Variants> options = number.ToDiagram();
    const auto is_edge = [](const ir::Variable& variable) { return variable.option >= 0; };
    if (!options.ok() || ir::DependsOn(*options, is_edge)) {
      return CannotMix(number.terms()[0].variable(),
                       absl::StrCat(instruction.name, " depends on which edges are taken"));
    }
    return OnPaths(*options);
  }

  absl::StatusOr<Variants> Mixed(const Instruction& instruction, const Variants& index) {
    std::vector<Variants> parts = {index};
    absl::c_copy(ValuesOf(instruction.operands), std::back_inserter(parts));
    const auto select = [](const VariantsApplier::Leaves& leaves,
                           const ir::Assignment&) -> absl::StatusOr<std::optional<int64_t>> {
      return leaves[0].has_value() ? leaves[1 + static_cast<size_t>(*leaves[0])] : std::nullopt;
    };
    absl::StatusOr<Variants> variants = VariantsApplier(select).Apply(parts);
    if (!variants.ok()) return variants;
    return Meet(instruction, *variants, {});
  }

  // Mixes over every decision that makes no difference to the shape. What an option gives where no
  // architecture asks for it does not matter: it is that of another one.
  absl::StatusOr<Variants> Meet(const Instruction& instruction, const Variants& variants,
                                ir::Assignment way) {
    if (variants.is_leaf()) return variants;
    const ir::Variable variable = variants.variable();
    std::vector<Variants> branches;
    for (size_t k = 0; k < variants.branches().size(); ++k) {
      way.emplace_back(variable, static_cast<int>(k));
      absl::StatusOr<Variants> branch = Meet(instruction, variants.branches()[k], way);
      way.pop_back();
      if (!branch.ok()) return branch;
      branches.push_back(*std::move(branch));
    }
    if (!AreAlike(branches)) return Variants::Choice(variable, std::move(branches));
    const auto mix = [&](VariantsApplier::Leaves leaves,
                         const ir::Assignment& at) -> absl::StatusOr<std::optional<int64_t>> {
      const auto any = absl::c_find_if(leaves, [](const auto& leaf) { return leaf.has_value(); });
      if (any == leaves.end()) return std::optional<int64_t>();
      for (std::optional<int64_t>& leaf : leaves) leaf = leaf.has_value() ? leaf : *any;
      if (absl::c_count(leaves, leaves[0]) == static_cast<int64_t>(leaves.size())) return leaves[0];
      Instruction mixture;
      mixture.name = VariantName(instruction.name, at);
      mixture.op = "mix";
      mixture.location = instruction.location;
      mixture.operands = {weights_.Of(variable.decision, instruction.location)};
      for (const std::optional<int64_t>& leaf : leaves) {
        mixture.operands.push_back(static_cast<ValueId>(*leaf));
      }
      return Emit(std::move(mixture));
    };
    return VariantsApplier(mix, way).Apply(branches);
  }

  // Whether all have the same shape wherever they have one.
  bool AreAlike(const std::vector<Variants>& branches) const {
    bool alike = true;
    const auto compare = [&](const VariantsApplier::Leaves& leaves,
                             const ir::Assignment&) -> absl::StatusOr<std::optional<int64_t>> {
      const ir::TensorType* first = nullptr;
      for (const std::optional<int64_t>& leaf : leaves) {
        if (!leaf.has_value()) continue;
        const ir::TensorType& type = to_.instruction(static_cast<ValueId>(*leaf)).type;
        if (first == nullptr) first = &type;
        alike &= type == *first;
      }
      return std::optional<int64_t>();
    };
    return VariantsApplier(compare).Apply(branches).ok() && alike;
  }

  // "c.conv.c.kernel.3": under which options.
  std::string VariantName(absl::string_view name, const ir::Assignment& way) const {
    std::string result(name);
    for (const auto& [variable, branch] : way) {
      const ir::Decision& decision = from_.decisions[variable.decision];
      std::string option = decision.options[branch];
      for (char& c : option) c = absl::ascii_isalnum(c) || c == '.' ? c : '_';
      absl::StrAppend(&result, ".", decision.path, ".", option);
    }
    return result;
  }

  absl::Status CannotMix(const ir::Variable& variable, const std::string& why) const {
    return absl::InvalidArgumentError(absl::StrCat(
        "decision ", from_.decisions[variable.decision].path, " cannot be relaxed to a mixture: ",
        why, "; a strategy that trains one architecture at a time can search it"));
  }

  const Graph& from_;
  const Architecture* architecture_;
  bool sampled_;
  const Paths* paths_ = nullptr;
  Graph to_;
  std::vector<Variants> value_;  // of each instruction of the supernet, in the new graph
  DecisionWeights weights_{to_};
};

}  // namespace

absl::StatusOr<Graph> Fix(const Graph& supernet, const Architecture& architecture) {
  return Relaxer(supernet, &architecture).Run();
}

absl::StatusOr<Graph> RelaxToMixture(const Graph& supernet, const MixtureOptions& options) {
  if (options.partial_channels > 1) {
    const absl::StatusOr<Graph> narrow = PartialChannels(supernet, options.partial_channels);
    return narrow.ok() ? RelaxToMixture(*narrow, {1, options.edge_normalization}) : narrow;
  }
  if (options.edge_normalization) {
    const absl::StatusOr<Graph> normalized = NormalizeEdges(supernet);
    return normalized.ok() ? RelaxToMixture(*normalized) : normalized;
  }
  return Relaxer(supernet, nullptr).Run();
}

absl::StatusOr<Graph> RelaxToPaths(const Graph& supernet,
                                   const std::vector<std::vector<int>>& paths) {
  return Relaxer(supernet, paths).Run();
}

absl::StatusOr<Graph> RelaxToSample(const Graph& supernet, const Architecture& taken) {
  return Relaxer(supernet, &taken, /*sampled=*/true).Run();
}

}  // namespace nasc
