#include "compiler/versions/losses.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/draw.h"

namespace nasc {
namespace {

using ir::Condition;

constexpr size_t kMostNodes = ir::kMostNodes;
constexpr int kTries = 20000;
constexpr int kNetworks = 30;  // that are compared for an example

// Where a decision takes as many of its options as it may, and fewer than `least` or more than
// `most`.
Condition TakesOutside(const ir::Decision& decision, int id, int least, int most) {
  const auto options = static_cast<int>(decision.options.size());
  // By how many were taken before the option.
  std::vector<Condition> rest;
  for (int taken = 0; taken <= options; ++taken) {
    rest.emplace_back(taken >= decision.least && taken <= decision.most &&
                      (taken < least || taken > most));
  }
  for (int option = options - 1; option >= 0; --option) {
    for (int taken = 0; taken <= option; ++taken) {
      rest[taken] = Condition::Choice(ir::Variable{id, option}, {rest[taken], rest[taken + 1]});
    }
  }
  return rest[0];
}

// Finds what is lost, reason by reason.
class LossFinder {
 public:
  LossFinder(const SpaceMap& map, const std::vector<Change>& changes, const ComputesTheSame& same,
             int64_t few)
      : map_(map),
        old_(map.old_supernet()),
        new_(map.new_supernet()),
        changes_(changes),
        same_(same),
        few_(few) {}

  Losses Find() {
    for (size_t d = 0; d < old_.decisions.size(); ++d) OfDecision(static_cast<int>(d));
    for (size_t e = 0; e < new_.decisions.size(); ++e) OfNewDecision(static_cast<int>(e));
    OfRequirements();
    for (const Change& change : changes_) {
      if (Never(change.when)) continue;
      const bool candidate = change.decision != SpaceMap::kNone;
      const ir::Decision* decision = candidate ? &old_.decisions[change.decision] : nullptr;
      Add(Loss::Kind::kComputes, candidate ? decision->options[change.option] : change.at,
          change.what, candidate ? decision->path : "", InResults(change.when));
    }
    Count();
    return std::move(found_);
  }

 private:
  // Adds it to the loss of the same reason elsewhere.
  void Add(Loss::Kind kind, const std::string& subject, const std::string& what,
           const std::string& where, const absl::StatusOr<Condition>& when) {
    found_.exact &= when.ok();
    const Condition condition = when.ok() ? *when : Condition(true);
    if (Never(condition)) return;
    auto loss = absl::c_find_if(found_.losses, [&](const Loss& known) {
      return known.kind == kind && known.subject == subject && known.what == what;
    });
    if (loss == found_.losses.end()) {
      found_.losses.push_back({kind, subject, what, {}});
      loss = found_.losses.end() - 1;
    }
    if (!where.empty() && !absl::c_linear_search(loss->where, where)) loss->where.push_back(where);
    if (!absl::c_linear_search(loss->when, condition)) loss->when.push_back(condition);
  }

  void OfDecision(int d) {
    const ir::Decision& decision = old_.decisions[d];
    const int e = map_.NewDecision(d);
    if (e == SpaceMap::kNone) {
      Add(Loss::Kind::kDecision, decision.path, "", decision.path, decision.alive);
      return;
    }
    const ir::Decision& now = new_.decisions[e];
    for (size_t o = 0; o < decision.options.size(); ++o) {
      if (decision.relaxed_only[o]) continue;
      const int option = map_.NewOption(d, static_cast<int>(o));
      if (option != SpaceMap::kNone && !now.relaxed_only[option]) continue;
      Add(Loss::Kind::kOption, decision.options[o], "", decision.path,
          ir::And(decision.alive, ir::Takes(decision, d, static_cast<int>(o))));
    }
    if (now.least > decision.least || now.most < decision.most) {
      const Condition outside = decision.kind == ir::Decision::Kind::kOne
                                    ? Condition(now.least > 1 || now.most < 1)
                                    : TakesOutside(decision, d, now.least, now.most);
      const auto range = [](const ir::Decision& which) {
        return which.least == which.most ? absl::StrCat(which.least)
                                         : absl::StrCat(which.least, "..", which.most);
      };
      Add(Loss::Kind::kCount, decision.path, absl::StrCat(range(decision), " -> ", range(now)),
          decision.path, ir::And(decision.alive, outside));
    }
    const absl::StatusOr<Condition> alive = InOldDecisions(now.alive, map_);
    if (!alive.ok()) return Add(Loss::Kind::kAlive, decision.path, "", decision.path, true);
    Add(Loss::Kind::kAlive, decision.path, "", decision.path,
        ir::ApplyToLeaves<bool, bool, bool>(
            decision.alive, *alive,
            [](const std::optional<bool>& before, const std::optional<bool>& after) {
              return absl::StatusOr<std::optional<bool>>(after.has_value() &&
                                                         before.value_or(false) != *after);
            }));
  }

  void OfNewDecision(int e) {
    if (map_.OldDecision(e) != SpaceMap::kNone) return;
    const ir::Decision& decision = new_.decisions[e];
    absl::StatusOr<Condition> alive = InOldDecisions(decision.alive, map_);
    if (alive.ok()) alive = ir::And(*alive, Condition(true));
    Add(Loss::Kind::kNewDecision, decision.path, "", "", alive);
  }

  void OfRequirements() {
    for (const ir::Constraint& now : new_.constraints) {
      const absl::StatusOr<ir::Dim> value = InOldDecisions(now.value, map_);
      const bool known = absl::c_any_of(old_.constraints, [&](const ir::Constraint& before) {
        return value.ok() && before.least == now.least && before.most == now.most &&
               before.value == *value;
      });
      if (known) continue;
      found_.exact &= value.ok();
      requirements_.push_back(
          {now.text, value.ok() ? *value : ir::Dim(now.least), now.least, now.most, {}});
    }
  }

  // The condition where no option is taken that no result has.
  Condition InResults(const Condition& when) const {
    if (when.is_leaf()) return when;
    const ir::Variable& variable = when.variable();
    const ir::Decision& decision = old_.decisions[variable.decision];
    std::vector<Condition> branches;
    for (size_t k = 0; k < when.branches().size(); ++k) {
      const bool never = variable.option < 0 && decision.relaxed_only[k];
      branches.push_back(never ? Condition(false) : InResults(when.branches()[k]));
    }
    return Condition::Choice(variable, std::move(branches));
  }

  using Space = std::pair<std::vector<ir::Decision>, std::vector<ir::Constraint>>;

  // The old space without the architectures of which one of the conditions holds.
  Space Without(const std::vector<const Loss*>& losses) const {
    Space space = {old_.decisions, old_.constraints};
    for (const Loss* loss : losses) {
      for (const Condition& when : loss->when) Exclude(when, space);
    }
    return space;
  }

  // An option that is not to be taken is one that is in no result; all else is a requirement.
  void Exclude(const Condition& when, Space& space) const {
    for (size_t d = 0; d < old_.decisions.size(); ++d) {
      const ir::Decision& decision = old_.decisions[d];
      if (!ir::DependsOn(
              when, [&](const ir::Variable& v) { return v.decision == static_cast<int>(d); })) {
        continue;
      }
      for (size_t o = 0; o < decision.options.size(); ++o) {
        const absl::StatusOr<Condition> takes =
            ir::And(decision.alive, ir::Takes(decision, static_cast<int>(d), static_cast<int>(o)));
        if (!takes.ok() || *takes != when) continue;
        space.first[d].relaxed_only[o] = true;
        return;
      }
    }
    space.second.push_back({"", ir::FromCondition(when), 0, 0, {}});
  }

  static SpaceSize SizeOf(const Space& space) {
    for (const ir::Constraint& constraint : space.second) {
      const bool constant = constraint.value.is_constant();
      if (constant && (constraint.value.value() < constraint.least ||
                       constraint.value.value() > constraint.most)) {
        return {};
      }
    }
    return CountArchitectures(space.first, space.second);
  }

  void Count() {
    found_.before = SizeOf({old_.decisions, old_.constraints});
    std::vector<Loss> losses = std::move(found_.losses);
    found_.losses.clear();
    std::vector<const Loss*> real;
    for (Loss& loss : losses) Measure(loss, Without({&loss}));
    for (const ir::Constraint& requirement : requirements_) {
      Loss loss{Loss::Kind::kRequirement, requirement.text, "", {}};
      Space left = {old_.decisions, old_.constraints};
      left.second.push_back(requirement);
      Measure(loss, left, &requirement);
      losses.push_back(std::move(loss));
    }
    for (Loss& loss : losses) {
      const bool none = loss.count.has_value() && *loss.count == 0;
      if (!none) found_.losses.push_back(std::move(loss));
    }
    for (const Loss& loss : found_.losses) real.push_back(&loss);
    Space left = Without(real);
    left.second.insert(left.second.end(), requirements_.begin(), requirements_.end());
    found_.kept = found_.losses.empty() ? found_.before : SizeOf(left);
    Verify();
  }

  static bool Holds(const Condition& condition, const Architecture& architecture) {
    return ir::At(condition,
                  [&](const ir::Variable& variable) { return BranchTaken(architecture, variable); })
        .value_or(false);
  }

  static bool IsOf(const Loss& loss, const Architecture& architecture) {
    return absl::c_any_of(loss.when,
                          [&](const Condition& when) { return Holds(when, architecture); });
  }

  // Conditions on what is computed may hold of architectures whose networks are the same.
  void Verify() {
    const bool computes = absl::c_any_of(
        found_.losses, [](const Loss& loss) { return loss.kind == Loss::Kind::kComputes; });
    if (!computes) return;
    if (!found_.before.exact || found_.before.count > few_) {
      // They may be fewer than counted.
      for (Loss& loss : found_.losses) {
        if (loss.kind != Loss::Kind::kComputes || loss.example.has_value()) continue;
        loss.count.reset();
        found_.exact = false;
      }
      return;
    }
    for (Loss& loss : found_.losses) {
      if (loss.kind == Loss::Kind::kComputes) loss.count = 0;
    }
    found_.kept = {0, true};
    ForEachArchitecture(old_.decisions, old_.constraints, [&](const Architecture& each) {
      CountOne(each);
      return true;
    });
    found_.losses.erase(
        std::remove_if(found_.losses.begin(), found_.losses.end(),
                       [](const Loss& loss) { return loss.count.has_value() && *loss.count == 0; }),
        found_.losses.end());
  }

  void CountOne(const Architecture& architecture) {
    bool lost = !Fulfils(architecture, requirements_);
    std::vector<Loss*> computing;
    for (Loss& loss : found_.losses) {
      if (loss.kind == Loss::Kind::kRequirement || !IsOf(loss, architecture)) continue;
      if (loss.kind == Loss::Kind::kComputes) {
        computing.push_back(&loss);
      } else {
        lost = true;
      }
    }
    if (!computing.empty() && !same_(architecture)) {
      lost = true;
      for (Loss* loss : computing) ++*loss->count;
    }
    if (!lost) ++found_.kept.count;
  }

  void Measure(Loss& loss, const Space& left, const ir::Constraint* requirement = nullptr) {
    const SpaceSize kept = SizeOf(left);
    if (kept.exact && found_.before.exact) loss.count = found_.before.count - kept.count;
    if (loss.count.has_value() && *loss.count == 0) return;
    loss.example = ExampleOf(loss, requirement);
  }

  // An old architecture that is lost for the reason.
  std::optional<Architecture> ExampleOf(const Loss& loss, const ir::Constraint* requirement) const {
    std::mt19937_64 random(1);
    const auto below = [&random](uint64_t n) { return random() % n; };
    std::vector<ir::Assignment> ways;
    for (const Condition& when : loss.when) {
      if (const std::optional<ir::Assignment> way = ir::Witness(when)) ways.push_back(*way);
    }
    if (ways.empty()) ways.emplace_back();
    int networks = 0;
    for (int i = 0; i < kTries; ++i) {
      const ir::Assignment& way = ways[static_cast<size_t>(i) % ways.size()];
      const Architecture drawn = DrawOn(way, below);
      if (!Fulfils(drawn, old_.constraints)) continue;
      const bool lost = requirement != nullptr ? !Fulfils(drawn, *requirement) : IsOf(loss, drawn);
      if (!lost) continue;
      if (loss.kind != Loss::Kind::kComputes || !same_(drawn)) return drawn;
      if (++networks == kNetworks) break;
    }
    return std::nullopt;
  }

  // A random architecture that takes the branches of the way.
  Architecture DrawOn(const ir::Assignment& way,
                      const std::function<uint64_t(uint64_t)>& below) const {
    std::vector<ir::Decision> decisions = old_.decisions;
    Architecture drawn;
    for (size_t d = 0; d < decisions.size(); ++d) {
      ir::Decision& decision = decisions[d];
      drawn.picks.emplace_back();
      if (!IsAlive(decision, drawn)) continue;
      std::vector<int> taken;
      for (const auto& [variable, branch] : way) {
        if (variable.decision != static_cast<int>(d)) continue;
        if (variable.option < 0) {
          taken = {branch};
        } else if (branch == 1) {
          taken.push_back(variable.option);
        } else {
          decision.relaxed_only[variable.option] = true;
        }
      }
      drawn.picks.back() = Complete(decision, std::move(taken), below);
    }
    return drawn;
  }

  // So many options with those that are taken as the decision takes at least.
  static std::vector<int> Complete(const ir::Decision& decision, std::vector<int> taken,
                                   const std::function<uint64_t(uint64_t)>& below) {
    if (taken.empty() && absl::c_count(decision.relaxed_only, false) >= decision.most) {
      return DrawPicks(decision, below).picks;
    }
    std::vector<int> open;
    for (size_t o = 0; o < decision.options.size(); ++o) {
      const auto option = static_cast<int>(o);
      if (!decision.relaxed_only[o] && !absl::c_linear_search(taken, option)) {
        open.push_back(option);
      }
    }
    while (static_cast<int>(taken.size()) < decision.least && !open.empty()) {
      const size_t at = below(open.size());
      taken.push_back(open[at]);
      open.erase(open.begin() + static_cast<long>(at));
    }
    absl::c_sort(taken);
    return taken;
  }

  const SpaceMap& map_;
  const ir::Graph& old_;
  const ir::Graph& new_;
  const std::vector<Change>& changes_;
  const ComputesTheSame& same_;
  const int64_t few_;
  std::vector<ir::Constraint> requirements_;  // new ones, of old decisions
  Losses found_;
};

}  // namespace

const char* NameOf(Loss::Kind kind) {
  switch (kind) {
    case Loss::Kind::kOption:
      return "option";
    case Loss::Kind::kDecision:
      return "decision";
    case Loss::Kind::kNewDecision:
      return "new-decision";
    case Loss::Kind::kCount:
      return "count";
    case Loss::Kind::kAlive:
      return "alive";
    case Loss::Kind::kRequirement:
      return "requirement";
    case Loss::Kind::kComputes:
      return "computes";
  }
  return "";
}

Losses LossesOf(const SpaceMap& map, const std::vector<Change>& changes,
                const ComputesTheSame& same, int64_t few) {
  return LossFinder(map, changes, same, few).Find();
}

}  // namespace nasc
