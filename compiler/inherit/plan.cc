#include "compiler/inherit/plan.h"

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/inherit/channels.h"
#include "compiler/inherit/preserve.h"

namespace nasc {
namespace {

using Rule = InheritedWeight::Rule;

std::vector<int64_t> ShapeOf(const ir::Param& param) {
  std::vector<int64_t> shape;
  for (const ir::Dim& dim : param.type.dims) shape.push_back(dim.value());
  return shape;
}

// The instruction that has a parameter, and which of its parameters it is.
struct Owner {
  ir::ValueId instruction = -1;
  int place = 0;
};

std::vector<Owner> OwnersOf(const ir::Graph& network) {
  std::vector<Owner> owners(network.params.size());
  for (size_t i = 0; i < network.instructions.size(); ++i) {
    const std::vector<ir::ParamId>& params = network.instructions[i].params;
    for (size_t p = 0; p < params.size(); ++p) {
      owners[params[p]] = {static_cast<ir::ValueId>(i), static_cast<int>(p)};
    }
  }
  return owners;
}

// One of the two networks.
struct Side {
  explicit Side(const ir::Graph& graph)
      : network(graph), channels(graph), owners(OwnersOf(graph)) {}

  const ir::Instruction& OwnerOf(ir::ParamId param) const {
    return network.instruction(owners[param].instruction);
  }

  std::vector<WeightAxis> AxesOf(ir::ParamId param) const {
    return nasc::AxesOf(OwnerOf(param), owners[param].place,
                        static_cast<int>(network.params[param].type.dims.size()));
  }

  // The channels along an axis.
  ChannelRuns RunsOf(ir::ParamId param, WeightAxis axis) const {
    const ir::ValueId value =
        axis == WeightAxis::kIn ? OwnerOf(param).operands[0] : owners[param].instruction;
    return channels.Of(value);
  }

  const ir::Graph& network;
  Channels channels;
  std::vector<Owner> owners;
};

class Planner {
 public:
  Planner(const ir::Graph& child, const ir::Graph& donor, const InheritOptions& options)
      : options_(options), child_(child), donor_(donor) {
    for (const ir::Result& result : child.results) {
      for (const ChannelRun& run : child_.channels.Of(result.value)) results_.insert(run.group);
    }
    for (size_t i = 0; i < donor.params.size(); ++i) {
      donor_params_[donor.params[i].name] = static_cast<ir::ParamId>(i);
    }
  }

  InheritPlan Plan(bool nearest) {
    plan_ = {};
    pairs_.clear();
    selections_.clear();
    const std::map<std::string, NameMatch> matches = Match(nearest);
    for (size_t i = 0; i < child_.network.params.size(); ++i) {
      const ir::Param& param = child_.network.params[i];
      InheritedWeight weight;
      weight.name = param.name;
      weight.shape = ShapeOf(param);
      weight.role = param.role;
      const auto match = matches.find(param.name);
      if (IsFresh(param.name)) {
        weight.reason = "declared";
      } else if (match == matches.end()) {
        weight.reason = "the donor has nothing like it";
      } else {
        Inherit(static_cast<ir::ParamId>(i), match->second, weight);
      }
      plan_.weights.push_back(std::move(weight));
    }
    plan_.preserves = GrowIdentities(child_.network, donor_.network, plan_);
    return std::move(plan_);
  }

 private:
  bool IsFresh(const std::string& name) const {
    return absl::c_any_of(options_.fresh, [&](const std::string& prefix) {
      return name == prefix || absl::StartsWith(name, absl::StrCat(prefix, "."));
    });
  }

  std::map<std::string, NameMatch> Match(bool nearest) const {
    const auto names = [](const ir::Graph& graph) {
      std::vector<std::string> all;
      for (const ir::Param& param : graph.params) all.push_back(param.name);
      return all;
    };
    return MatchNames(names(child_.network), names(donor_.network), {options_.operations, nearest});
  }

  // Plans a weight whose donor is known.
  void Inherit(ir::ParamId id, const NameMatch& match, InheritedWeight& weight) {
    const ir::ParamId from = donor_params_.at(match.donor);
    const std::vector<int64_t> theirs = ShapeOf(donor_.network.params[from]);
    const std::vector<WeightAxis> axes = child_.AxesOf(id);
    if (theirs.size() != weight.shape.size() || donor_.AxesOf(from) != axes) {
      weight.reason = absl::StrCat("the donor's ", match.donor, " is of another kind");
      return;
    }
    std::vector<InheritedAxis> inherited;
    if (options_.other_classes && MakesResults(id, axes)) {
      weight.reason = "for other classes";
      return;
    }
    for (size_t d = 0; d < axes.size(); ++d) {
      std::optional<InheritedAxis> axis =
          Axis(id, from, axes[d], weight.shape[d], theirs[d], weight);
      if (!axis.has_value()) return;
      inherited.push_back(*std::move(axis));
    }
    weight.rule = Rule::kDonor;
    weight.donor = match.donor;
    weight.donor_shape = theirs;
    weight.match = match.rule;
    weight.axes = std::move(inherited);
  }

  bool MakesResults(ir::ParamId id, const std::vector<WeightAxis>& axes) const {
    if (axes.empty() || axes[0] != WeightAxis::kOut) return false;
    return absl::c_any_of(child_.RunsOf(id, WeightAxis::kOut),
                          [&](const ChannelRun& run) { return results_.count(run.group) > 0; });
  }

  std::optional<InheritedAxis> Axis(ir::ParamId id, ir::ParamId from, WeightAxis axis, int64_t size,
                                    int64_t donor_size, InheritedWeight& weight) {
    InheritedAxis inherited;
    switch (axis) {
      case WeightAxis::kWindow:
        inherited.kind = InheritedAxis::Kind::kWindow;
        return inherited;
      case WeightAxis::kPlain:
        if (size == donor_size) return inherited;
        weight.reason = absl::StrCat("it has ", size, " elements, the donor's ", donor_size);
        return std::nullopt;
      case WeightAxis::kOut:
      case WeightAxis::kIn:
        break;
    }
    inherited.kind = InheritedAxis::Kind::kChannels;
    inherited.reads = axis == WeightAxis::kIn;
    const ChannelRuns ours = child_.RunsOf(id, axis);
    const ChannelRuns theirs = donor_.RunsOf(from, axis);
    if (IsPinned(ours, theirs) && size != donor_size) {
      weight.reason = absl::StrCat(
          "it is for ", size,
          inherited.reads ? " inputs, the donor's for " : " outputs, the donor's for ", donor_size);
      return std::nullopt;
    }
    if (ours.size() != theirs.size() && size == donor_size) {
      inherited.runs.push_back({0, size, 0, donor_size});
      return inherited;
    }
    AddRuns(ours, theirs, inherited);
    if (inherited.runs.empty()) LayOut(ours, theirs, size, donor_size, inherited);
    if (!inherited.runs.empty()) return inherited;
    weight.reason = absl::StrCat("its channels are none of ", donor_.network.params[from].name);
    return std::nullopt;
  }

  bool IsPinned(const ChannelRuns& ours, const ChannelRuns& theirs) const {
    return absl::c_any_of(ours, [&](auto& run) { return child_.channels.pinned(run.group); }) ||
           absl::c_any_of(theirs, [&](auto& run) { return donor_.channels.pinned(run.group); });
  }

  // Run by run.
  void AddRuns(const ChannelRuns& ours, const ChannelRuns& theirs, InheritedAxis& axis) {
    const std::vector<int> chosen = Pair(ours, theirs);
    std::vector<int64_t> starts;
    int64_t start = 0;
    for (const ChannelRun& run : theirs) {
      starts.push_back(start);
      start += run.size * run.repeat;
    }
    int64_t to = 0;
    for (size_t i = 0; i < ours.size(); ++i) {
      const int64_t elements = ours[i].size * ours[i].repeat;
      if (chosen[i] >= 0 && ours[i].repeat == theirs[chosen[i]].repeat) {
        const ChannelRun& donor = theirs[chosen[i]];
        axis.runs.push_back({to, elements, starts[chosen[i]], donor.size * donor.repeat,
                             donor.repeat, SelectionFor(ours[i], donor)});
      }
      to += elements;
    }
  }

  // By numbers, as far as both have them; of more than the donor has, copies of all in turn.
  static void LayOut(const ChannelRuns& ours, const ChannelRuns& theirs, int64_t size,
                     int64_t donor_size, InheritedAxis& axis) {
    const int64_t repeat = ours.front().repeat;
    const auto alike = [repeat](const ChannelRun& run) { return run.repeat == repeat; };
    if (!absl::c_all_of(ours, alike) || !absl::c_all_of(theirs, alike)) return;
    axis.loose = true;
    axis.runs.push_back({0, size, 0, donor_size, repeat});
  }

  // By the child's runs the donor's that they inherit from, -1 for none. A group inherits from one
  // group wherever it is met.
  std::vector<int> Pair(const ChannelRuns& ours, const ChannelRuns& theirs) {
    std::vector<int> chosen(ours.size(), -1);
    std::vector<bool> taken(theirs.size());
    for (size_t i = 0; i < ours.size(); ++i) {
      const auto known = pairs_.find(ours[i].group);
      if (known == pairs_.end()) continue;
      for (size_t j = 0; j < theirs.size() && chosen[i] < 0; ++j) {
        if (taken[j] || theirs[j].group != known->second) continue;
        chosen[i] = static_cast<int>(j);
        taken[j] = true;
      }
    }
    if (ours.size() != theirs.size()) return chosen;
    for (size_t i = 0; i < ours.size(); ++i) {
      if (chosen[i] >= 0 || taken[i]) continue;
      chosen[i] = static_cast<int>(i);
      taken[i] = true;
      pairs_.emplace(ours[i].group, theirs[i].group);
    }
    return chosen;
  }

  int SelectionFor(const ChannelRun& run, const ChannelRun& donor) {
    if (run.size >= donor.size) return -1;
    const auto [it, added] = selections_.try_emplace({donor.group, run.size}, 0);
    if (!added) return it->second;
    it->second = static_cast<int>(plan_.selections.size());
    Selection selection;
    selection.channels = donor.size;
    selection.keep = run.size;
    for (size_t i = 0; i < donor_.network.params.size(); ++i) {
      const auto param = static_cast<ir::ParamId>(i);
      const std::vector<WeightAxis> axes = donor_.AxesOf(param);
      if (axes.size() < 2 || axes[0] != WeightAxis::kOut) continue;
      int64_t from = 0;
      for (const ChannelRun& made : donor_.RunsOf(param, WeightAxis::kOut)) {
        if (made.group == donor.group) {
          selection.makers.push_back({donor_.network.params[i].name, from});
        }
        from += made.size * made.repeat;
      }
    }
    plan_.selections.push_back(std::move(selection));
    return it->second;
  }

  const InheritOptions& options_;
  const Side child_;
  const Side donor_;
  std::set<int> results_;  // groups of the child
  std::unordered_map<std::string, ir::ParamId> donor_params_;
  InheritPlan plan_;
  std::unordered_map<int, int> pairs_;                 // groups of the child: of the donor
  std::map<std::pair<int, int64_t>, int> selections_;  // by the donor's group and what stays of it
};

}  // namespace

InheritPlan PlanInheritance(const ir::Graph& child, const ir::Graph& donor,
                            const InheritOptions& options) {
  Planner planner(child, donor, options);
  InheritPlan grown = planner.Plan(/*nearest=*/false);
  if (grown.preserves) return grown;
  return planner.Plan(/*nearest=*/true);
}

std::set<std::string> OperationsOf(const std::vector<ir::Decision>& decisions) {
  std::set<std::string> operations;
  for (const ir::Decision& decision : decisions) {
    if (decision.kind != ir::Decision::Kind::kOne) continue;
    operations.insert(decision.options.begin(), decision.options.end());
  }
  return operations;
}

}  // namespace nasc
