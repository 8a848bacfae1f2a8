#include "compiler/versions/space_diff.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/identity.h"
#include "compiler/versions/changes.h"
#include "compiler/versions/space_map.h"

namespace nasc {
namespace {

std::string CountText(const ir::Decision& decision) {
  if (decision.kind == ir::Decision::Kind::kOne) return "one";
  return decision.least == decision.most ? absl::StrCat(decision.least)
                                         : absl::StrCat(decision.least, "..", decision.most);
}

std::string DecisionText(const ir::Decision& decision) {
  return absl::StrCat(CountText(decision), " of [", absl::StrJoin(decision.options, ", "), "]");
}

// The ones of `order` that are not part of its longest ascending part: what moved.
std::vector<bool> OutOfOrder(const std::vector<int>& order) {
  std::vector<int> length(order.size(), 1);
  std::vector<int> previous(order.size(), -1);
  int best = -1;
  for (int i = 0; i < static_cast<int>(order.size()); ++i) {
    for (int j = 0; j < i; ++j) {
      if (order[j] < order[i] && length[j] + 1 > length[i]) {
        length[i] = length[j] + 1;
        previous[i] = j;
      }
    }
    if (best < 0 || length[i] > length[best]) best = i;
  }
  std::vector<bool> moved(order.size(), true);
  for (int i = best; i >= 0; i = previous[i]) moved[i] = false;
  return moved;
}

class Differ {
 public:
  Differ(const CompiledSpace& before, const CompiledSpace& after)
      : before_(before),
        after_(after),
        renames_(Renames::Since(before.renames, after.renames), before.scales[0].decisions),
        old_(before.scales[0]),
        new_(after.scales[0]),
        map_(old_, new_, renames_) {}

  SpaceDiff Run() {
    diff_.before = VersionOf(before_);
    diff_.after = VersionOf(after_);
    OfDecisions();
    OfRequirements();
    OfScales();
    OfNetworks();
    Losses losses = LossesOf(
        map_, changes_, [this](const Architecture& each) { return ComputesTheSame(each); }, Few());
    diff_.before.size = losses.before;
    diff_.kept = losses.kept;
    diff_.losses = std::move(losses.losses);
    diff_.exact = diff_.exact && losses.exact;
    diff_.after.size = CountArchitectures(new_.decisions, new_.constraints);
    diff_.old_decisions = old_.decisions;
    diff_.needed = Needed();
    diff_.made = StepBetween(before_.version, after_.version);
    return std::move(diff_);
  }

 private:
  bool ComputesTheSame(const Architecture& architecture) const {
    const absl::StatusOr<Architecture> translated = map_.Translate(architecture);
    if (!translated.ok()) return false;
    return absl::c_all_of(before_.scales, [&](const ir::Graph& before) {
      const ir::Graph* after = FindScale(after_, before.scale);
      if (after == nullptr) return true;
      const auto difference = DifferenceOf(architecture, before, *translated, *after, renames_);
      return difference.ok() && !difference->has_value();
    });
  }

  // Of how many architectures all networks may be compared: in seconds.
  int64_t Few() const {
    constexpr int64_t kMostInstructions = 10000000;
    int64_t instructions = 1;
    for (const CompiledSpace* space : {&before_, &after_}) {
      for (const ir::Graph& graph : space->scales) {
        instructions += static_cast<int64_t>(graph.instructions.size());
      }
    }
    return kMostInstructions / instructions;
  }

  static SpaceDiff::Version VersionOf(const CompiledSpace& space) {
    return {space.name, space.version, IdentityOf(space.scales[0]), {}};
  }

  void OfDecisions() {
    std::vector<int> order;  // of the decisions that stayed, in the new version
    std::vector<int> stayed;
    for (size_t d = 0; d < old_.decisions.size(); ++d) {
      const ir::Decision& decision = old_.decisions[d];
      const int e = map_.NewDecision(static_cast<int>(d));
      if (e == SpaceMap::kNone) {
        diff_.decisions.push_back({Edit::kWent, decision.path, "", DecisionText(decision)});
        continue;
      }
      stayed.push_back(static_cast<int>(d));
      order.push_back(e);
      const ir::Decision& now = new_.decisions[e];
      if (now.path != decision.path) {
        diff_.decisions.push_back({Edit::kRenamed, decision.path, now.path, ""});
      }
      if (CountText(now) != CountText(decision)) {
        diff_.decisions.push_back({Edit::kChanged, decision.path, now.path,
                                   absl::StrCat(CountText(decision), " -> ", CountText(now))});
      }
      OfAlive(static_cast<int>(d), e);
      OfOptions(static_cast<int>(d), e);
    }
    const std::vector<bool> moved = OutOfOrder(order);
    for (size_t i = 0; i < stayed.size(); ++i) {
      if (!moved[i]) continue;
      diff_.decisions.push_back({Edit::kMoved, old_.decisions[stayed[i]].path,
                                 new_.decisions[order[i]].path, "has another place in the order"});
    }
    for (size_t e = 0; e < new_.decisions.size(); ++e) {
      if (map_.OldDecision(static_cast<int>(e)) != SpaceMap::kNone) continue;
      const ir::Decision& decision = new_.decisions[e];
      diff_.decisions.push_back({Edit::kCame, "", decision.path, DecisionText(decision)});
    }
  }

  void OfAlive(int d, int e) {
    const absl::StatusOr<ir::Condition> alive = InOldDecisions(new_.decisions[e].alive, map_);
    if (alive.ok() &&
        ir::Agree(ir::FromCondition(old_.decisions[d].alive), ir::FromCondition(*alive))) {
      return;
    }
    diff_.decisions.push_back({Edit::kChanged, old_.decisions[d].path, new_.decisions[e].path,
                               "counts in other networks"});
  }

  void OfOptions(int d, int e) {
    const ir::Decision& before = old_.decisions[d];
    const ir::Decision& after = new_.decisions[e];
    std::vector<int> order;
    std::vector<int> stayed;
    for (size_t o = 0; o < before.options.size(); ++o) {
      const int option = map_.NewOption(d, static_cast<int>(o));
      if (option == SpaceMap::kNone) {
        AddOption(Edit::kWent, before.options[o], "", "", before.path);
        continue;
      }
      stayed.push_back(static_cast<int>(o));
      order.push_back(option);
      const std::string& name = after.options[option];
      if (name != before.options[o]) {
        AddOption(Edit::kRenamed, before.options[o], name, "", before.path);
      }
      if (before.relaxed_only[o] != after.relaxed_only[option]) {
        AddOption(Edit::kChanged, before.options[o], name,
                  before.relaxed_only[o] ? "may be in a result" : "is only there while relaxed",
                  before.path);
      }
    }
    const std::vector<bool> moved = OutOfOrder(order);
    for (size_t i = 0; i < stayed.size(); ++i) {
      if (!moved[i]) continue;
      AddOption(Edit::kMoved, before.options[stayed[i]], after.options[order[i]],
                "has another place in the order", before.path);
    }
    for (size_t p = 0; p < after.options.size(); ++p) {
      if (map_.OldOption(e, static_cast<int>(p)) != SpaceMap::kNone) continue;
      AddOption(Edit::kCame, "", after.options[p], after.relaxed_only[p] ? "while relaxed" : "",
                after.path);
    }
  }

  void AddOption(Edit edit, const std::string& option, const std::string& new_option,
                 const std::string& what, const std::string& decision) {
    const auto known = absl::c_find_if(diff_.options, [&](const OptionEdit& each) {
      return each.edit == edit && each.option == option && each.new_option == new_option &&
             each.what == what;
    });
    if (known != diff_.options.end()) {
      known->decisions.push_back(decision);
    } else {
      diff_.options.push_back({edit, option, new_option, what, {decision}});
    }
  }

  void OfRequirements() {
    const auto has = [](const ir::Graph& graph, const std::string& text) {
      return absl::c_any_of(graph.constraints,
                            [&](const ir::Constraint& each) { return each.text == text; });
    };
    for (const ir::Constraint& constraint : old_.constraints) {
      if (has(new_, constraint.text)) continue;
      diff_.requirements.push_back({Edit::kWent, constraint.text, "", ""});
    }
    for (const ir::Constraint& constraint : new_.constraints) {
      if (has(old_, constraint.text)) continue;
      diff_.requirements.push_back({Edit::kCame, "", constraint.text, ""});
    }
  }

  void OfScales() {
    for (const ir::Graph& graph : before_.scales) {
      if (FindScale(after_, graph.scale) != nullptr) continue;
      diff_.scales.push_back({Edit::kWent, graph.scale, "", ""});
    }
    for (const ir::Graph& graph : after_.scales) {
      if (FindScale(before_, graph.scale) != nullptr) continue;
      diff_.scales.push_back({Edit::kCame, "", graph.scale, ""});
    }
  }

  void OfNetworks() {
    for (const ir::Graph& before : before_.scales) {
      const ir::Graph* after = FindScale(after_, before.scale);
      if (after == nullptr) continue;
      Changes changes = ChangesOf(before, *after, map_, renames_);
      diff_.exact = diff_.exact && changes.exact;
      for (Change& change : changes.changes) {
        AddNetwork(change, before.scale);
        changes_.push_back(std::move(change));
      }
    }
  }

  void AddNetwork(const Change& change, const std::string& scale) {
    const bool candidate = change.decision != SpaceMap::kNone;
    const bool training_only = change.when == ir::Condition(false);
    const std::string at =
        candidate ? old_.decisions[change.decision].options[change.option] : change.at;
    auto known = absl::c_find_if(diff_.network, [&](const NetworkEdit& each) {
      return each.at == at && each.what == change.what && each.training_only == training_only &&
             each.decisions.empty() != candidate;
    });
    if (known == diff_.network.end()) {
      diff_.network.push_back({at, change.what, {}, {}, training_only});
      known = diff_.network.end() - 1;
    }
    const auto add = [](std::vector<std::string>& names, const std::string& name) {
      if (!absl::c_linear_search(names, name)) names.push_back(name);
    };
    if (candidate) add(known->decisions, old_.decisions[change.decision].path);
    add(known->scales, scale);
  }

  VersionStep Needed() const {
    const bool scale_went = absl::c_any_of(
        diff_.scales, [](const NamedEdit& scale) { return scale.edit == Edit::kWent; });
    if (!diff_.losses.empty() || scale_went) return VersionStep::kMajor;
    const bool same = diff_.before.identity == diff_.after.identity && diff_.scales.empty() &&
                      diff_.network.empty();
    if (!same) return VersionStep::kMinor;
    return before_.sources == after_.sources ? VersionStep::kNone : VersionStep::kPatch;
  }

  const CompiledSpace& before_;
  const CompiledSpace& after_;
  const Renames renames_;
  const ir::Graph& old_;
  const ir::Graph& new_;
  const SpaceMap map_;
  std::vector<Change> changes_;
  SpaceDiff diff_;
};

}  // namespace

const char* NameOf(Edit edit) {
  switch (edit) {
    case Edit::kCame:
      return "came";
    case Edit::kWent:
      return "went";
    case Edit::kRenamed:
      return "renamed";
    case Edit::kMoved:
      return "moved";
    case Edit::kChanged:
      return "changed";
  }
  return "";
}

SpaceDiff DiffSpaces(const CompiledSpace& before, const CompiledSpace& after) {
  return Differ(before, after).Run();
}

}  // namespace nasc
