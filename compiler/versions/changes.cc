#include "compiler/versions/changes.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/printer.h"
#include "compiler/need.h"
#include "compiler/primitives.h"
#include "compiler/relax.h"

namespace nasc {
namespace {

using ir::Condition;
using ir::Dim;
using ir::Graph;
using ir::Instruction;
using ir::ValueId;

constexpr size_t kMostNodes = 1000;
constexpr char kOutput[] = "logits";

// Where two numbers, of the old and the new version, are not the same.
absl::StatusOr<Condition> Differ(const Dim& before, const Dim& after, const SpaceMap& map) {
  if (before.is_batch() || after.is_batch())
    return Condition(before.is_batch() != after.is_batch());
  const absl::StatusOr<Dim> then = InOldDecisions(after, map);
  if (!then.ok()) return then.status();
  if (before.is_constant() && then->is_constant()) {
    return Condition(before.value() != then->value());
  }
  const absl::StatusOr<ir::Diagram<int64_t>> a = before.ToDiagram();
  const absl::StatusOr<ir::Diagram<int64_t>> b = then->ToDiagram();
  if (!a.ok()) return a.status();
  if (!b.ok()) return b.status();
  return ir::ApplyToLeaves<bool, int64_t, int64_t>(
      *a, *b, [](const std::optional<int64_t>& x, const std::optional<int64_t>& y) {
        return absl::StatusOr<std::optional<bool>>(x.has_value() && y.has_value() && *x != *y);
      });
}

class Comparison {
 public:
  Comparison(const Graph& old_graph, const Graph& new_graph, const SpaceMap& map,
             const Renames& renames)
      : old_(old_graph), new_(new_graph), map_(map), renames_(renames) {}

  Changes Run() {
    need_ = NeededWhen(old_, {kOutput}, kMostNodes, &changes_.exact);
    PairUp();
    // Operands before what uses them.
    for (auto pair = pairs_.rbegin(); pair != pairs_.rend(); ++pair)
      Compare(pair->first, pair->second);
    CompareResults();
    return std::move(changes_);
  }

 private:
  // The candidate that a value is part of.
  struct Place {
    int decision = SpaceMap::kNone;
    int option = SpaceMap::kNone;
    std::string name;  // of the choice: what is part of a candidate is called after it
  };

  // The change that a pair of values differs by, itself or below; nothing where they are the same.
  using Below = std::optional<size_t>;

  // A value of the old graph and what stands in its place in the new one; the last values first.
  struct Key {
    ValueId before = -1;
    ValueId after = -1;
    friend bool operator<(const Key& a, const Key& b) {
      return std::tie(b.before, b.after) < std::tie(a.before, a.after);
    }
  };
  struct Pair {
    Place place;
    std::vector<Key> operands;
    std::string mismatch;  // why operands are not paired
    Below change;
  };

  void PairUp() {
    for (const ir::Result& before : old_.results) {
      for (const ir::Result& after : new_.results) {
        if (before.name == after.name) pairs_.try_emplace({before.value, after.value});
      }
    }
    // Operands precede their users, so they are added behind.
    for (auto& [key, pair] : pairs_) PairOperands(key, pair);
  }

  // The value behind instructions that only pass it on.
  static ValueId Behind(const Graph& graph, ValueId value) {
    while (graph.instruction(value).op == "identity") value = graph.instruction(value).operands[0];
    return value;
  }

  // Of values of which one stands for another while decisions are relaxed, and the other does not:
  // what is in networks. The difference is one of training.
  void PassOverRelaxed(Key& key) {
    const auto relaxed = [](const Graph& graph, ValueId value) {
      return graph.instruction(value).op == "when_relaxed";
    };
    while (relaxed(old_, key.before) != relaxed(new_, key.after)) {
      const bool old_is = relaxed(old_, key.before);
      Report(key.before, {},
             old_is ? "is no other one while relaxed" : "is another one while relaxed", true,
             /*training_only=*/true);
      const Graph& graph = old_is ? old_ : new_;
      ValueId& value = old_is ? key.before : key.after;
      value = Behind(graph, graph.instruction(value).operands[1]);
    }
  }

  void Add(Pair& pair, ValueId before, ValueId after, const Place& place) {
    Key key{Behind(old_, before), Behind(new_, after)};
    PassOverRelaxed(key);
    pair.operands.push_back(key);
    const std::string& name = old_.instruction(key.before).name;
    const bool inside = absl::StartsWith(name, absl::StrCat(place.name, "."));
    pairs_.try_emplace(key, Pair{inside ? place : Place(), {}, "", std::nullopt});
  }

  void PairOperands(const Key& key, Pair& pair) {
    const Instruction& a = old_.instruction(key.before);
    const Instruction& b = new_.instruction(key.after);
    if (a.op != b.op) {
      pair.mismatch = absl::StrCat(a.op, " -> ", b.op);
    } else if (a.op == "select" || a.op == "subset") {
      PairOptions(key, a, b, pair);
    } else if (a.operands.size() != b.operands.size()) {
      pair.mismatch = absl::StrCat(a.operands.size(), " -> ", b.operands.size(), " operands");
      PairByName(a, b, pair);
    } else {
      for (size_t i = 0; i < a.operands.size(); ++i) {
        Add(pair, a.operands[i], b.operands[i], pair.place);
      }
    }
  }

  // Of operands that are more or fewer those that are called the same.
  void PairByName(const Instruction& a, const Instruction& b, Pair& pair) {
    for (const ValueId before : a.operands) {
      const std::string name = renames_.Name(old_.instruction(before).name);
      for (const ValueId after : b.operands) {
        if (new_.instruction(after).name == name) Add(pair, before, after, pair.place);
      }
    }
  }

  // Whether an option is the value that the choice is about, and no operation on it.
  static bool PassesOn(const Graph& graph, const Instruction& choice, ValueId option) {
    return !absl::StartsWith(graph.instruction(Behind(graph, option)).name,
                             absl::StrCat(choice.name, "."));
  }

  // Of a candidate that is an operation in one of the versions alone. It is no change of the value
  // that the other one passes on.
  void OnlyOnePassesOn(const Key& key, const Instruction& a, ValueId after, const Place& place,
                       Pair& pair) {
    const Instruction& before = old_.instruction(a.operands[place.option]);
    const bool old_passes = PassesOn(old_, a, a.operands[place.option]);
    pair.change = Report(key.before, place,
                         old_passes ? absl::StrCat("identity -> ", new_.instruction(after).op)
                                    : absl::StrCat(before.op, " -> identity"),
                         ir::Takes(old_.decisions[a.decision], a.decision, place.option));
  }

  // Of a select or a subset: option by option. Which of them exist is no matter of the graph.
  void PairOptions(const Key& key, const Instruction& a, const Instruction& b, Pair& pair) {
    if (map_.NewDecision(a.decision) != b.decision) {
      pair.mismatch = absl::StrCat("is decided by ", new_.decisions[b.decision].path);
      return;
    }
    const ir::Decision& decision = old_.decisions[a.decision];
    const size_t options = decision.options.size();
    const size_t new_options = new_.decisions[b.decision].options.size();
    const size_t others = a.operands.size() - std::min(options, a.operands.size());
    if (b.operands.size() != new_options + others) {
      pair.mismatch = "takes other values besides its options";
      return;
    }
    for (size_t o = 0; o < options && o < a.operands.size(); ++o) {
      const int option = map_.NewOption(a.decision, static_cast<int>(o));
      if (option == SpaceMap::kNone) continue;
      Place place = pair.place;
      // Of edges the candidate is that of the operation on them.
      if (decision.kind == ir::Decision::Kind::kOne) {
        place = {a.decision, static_cast<int>(o), a.name};
        if (PassesOn(old_, a, a.operands[o]) != PassesOn(new_, b, b.operands[option])) {
          OnlyOnePassesOn(key, a, b.operands[option], place, pair);
          continue;
        }
      }
      Add(pair, a.operands[o], b.operands[option], place);
    }
    for (size_t k = 0; k < others; ++k) {
      if (a.labels[options + k] != b.labels[new_options + k]) {
        pair.mismatch = "takes other values besides its options";
      }
      Add(pair, a.operands[options + k], b.operands[new_options + k], pair.place);
    }
  }

  void Compare(const Key& key, Pair& pair) {
    const ValueId before = key.before;
    const Instruction& a = old_.instruction(before);
    const Instruction& b = new_.instruction(key.after);
    Below below;
    for (const Key& operand : pair.operands) {
      if (!below.has_value()) below = pairs_.find(operand)->second.change;
    }
    if (!pair.mismatch.empty()) {
      pair.change = Report(before, pair.place, pair.mismatch, true);
      if (a.op != b.op) return;
    }
    Below own = pair.change;
    if (a.combiner != b.combiner) {
      own = Report(before, pair.place, absl::StrCat(a.combiner, " -> ", b.combiner), true);
    }
    for (const ir::Attribute& attribute : a.attributes) {
      const Below change = CompareAttribute(before, attribute, b, pair.place);
      if (change.has_value()) own = change;
    }
    if (a.params.size() != b.params.size()) {
      own = Report(before, pair.place, "has other weights", true);
    } else {
      for (size_t i = 0; i < a.params.size(); ++i) {
        const Below change =
            CompareParam(before, old_.params[a.params[i]], new_.params[b.params[i]], pair.place,
                         own.has_value() ? own : below);
        if (change.has_value() && !own.has_value()) own = change;
      }
    }
    pair.change = own.has_value() ? own : below;
  }

  // Of the output everything was compared; the others are for training.
  void CompareResults() {
    const auto weight = [](const Graph& graph, const std::string& name) {
      const auto result =
          absl::c_find_if(graph.results, [&](const ir::Result& each) { return each.name == name; });
      return result == graph.results.end() ? 0 : result->loss_weight;
    };
    for (const Graph* graph : {&old_, &new_}) {
      for (const ir::Result& result : graph->results) {
        const double before = weight(old_, result.name);
        const double after = weight(new_, result.name);
        // Once, though both graphs have it.
        if (before == after || (graph == &new_ && before != 0)) continue;
        Report(old_.results[0].value, {},
               absl::StrCat("weight of the loss of ", result.name, " ", before, " -> ", after),
               true, /*training_only=*/true);
      }
    }
  }

  Below CompareAttribute(ValueId before, const ir::Attribute& attribute, const Instruction& after,
                         const Place& place) {
    const ir::AttributeValue* value = ir::FindAttribute(after, attribute.name);
    if (value == nullptr || value->index() != attribute.value.index()) {
      return Report(before, place, absl::StrCat(attribute.name, " is gone"), true);
    }
    if (const double* real = std::get_if<double>(&attribute.value)) {
      if (*real == std::get<double>(*value)) return std::nullopt;
      return Report(before, place,
                    absl::StrCat(attribute.name, " ", *real, " -> ", std::get<double>(*value)),
                    true);
    }
    const Dim& number = std::get<Dim>(attribute.value);
    const Dim& new_number = std::get<Dim>(*value);
    return Report(
        before, place,
        absl::StrCat(attribute.name, " ", Text(number, old_), " -> ", Text(new_number, new_)),
        Differ(number, new_number, map_));
  }

  Below CompareParam(ValueId before, const ir::Param& a, const ir::Param& b, const Place& place,
                     const Below& below) {
    if (renames_.Name(a.name) != b.name) {
      return Report(before, place, absl::StrCat("weight ", a.name, " is ", b.name), true);
    }
    if (a.role != b.role || a.init != b.init) {
      return Report(before, place, absl::StrCat("weight ", a.name, " begins otherwise"), true);
    }
    if (a.type.dims.size() != b.type.dims.size()) {
      return Report(before, place, absl::StrCat("weight ", a.name, " has another shape"), true);
    }
    Below own;
    for (size_t i = 0; i < a.type.dims.size(); ++i) {
      const absl::StatusOr<Condition> differ = Differ(a.type.dims[i], b.type.dims[i], map_);
      if (below.has_value()) {
        // It follows from that.
        Extend(*below, before, differ);
        continue;
      }
      own = Report(before, place,
                   absl::StrCat("weight ", a.name, " ", ir::Print(a.type, old_), " -> ",
                                ir::Print(b.type, new_)),
                   differ);
      if (own.has_value()) return own;
    }
    return std::nullopt;
  }

  static std::string Text(const Dim& dim, const Graph& graph) {
    return ir::ToString(
        dim, [&](const ir::Variable& variable) { return ir::NameOf(variable, graph.decisions); });
  }

  // Where the architecture needs the value and `differ` holds.
  Condition When(ValueId value, const absl::StatusOr<Condition>& differ) {
    changes_.exact &= differ.ok();
    if (!differ.ok()) return need_[value];
    if (Never(*differ)) return Condition(false);
    const absl::StatusOr<Condition> both = ir::And(need_[value], *differ, kMostNodes);
    changes_.exact &= both.ok();
    return both.ok() ? *both : need_[value];
  }

  // Adds a change where there is one.
  Below Report(ValueId value, const Place& place, std::string what,
               const absl::StatusOr<Condition>& differ, bool training_only = false) {
    if (differ.ok() && Never(*differ)) return std::nullopt;
    Change change;
    change.at = old_.instruction(value).name;
    change.what = std::move(what);
    change.decision = place.decision;
    change.option = place.option;
    const bool random = FindPrimitive(old_.instruction(value).op)->algebra == Algebra::kRandom;
    change.when = training_only || random ? Condition(false) : When(value, differ);
    changes_.changes.push_back(std::move(change));
    return changes_.changes.size() - 1;
  }

  void Extend(size_t index, ValueId value, const absl::StatusOr<Condition>& differ) {
    if (differ.ok() && Never(*differ)) return;
    Change& change = changes_.changes[index];
    if (Never(change.when)) return;
    const absl::StatusOr<Condition> either = ir::Or(change.when, When(value, differ), kMostNodes);
    changes_.exact &= either.ok();
    change.when = either.ok() ? *either : Condition(true);
  }

  const Graph& old_;
  const Graph& new_;
  const SpaceMap& map_;
  const Renames& renames_;
  std::vector<Condition> need_;
  std::map<Key, Pair> pairs_;
  Changes changes_;
};

}  // namespace

Changes ChangesOf(const Graph& old_graph, const Graph& new_graph, const SpaceMap& map,
                  const Renames& renames) {
  return Comparison(old_graph, new_graph, map, renames).Run();
}

absl::StatusOr<std::optional<Change>> DifferenceOf(const Architecture& architecture,
                                                   const Graph& old_graph,
                                                   const Architecture& translated,
                                                   const Graph& new_graph, const Renames& renames) {
  const absl::StatusOr<Graph> before = Fix(old_graph, architecture);
  if (!before.ok()) return before.status();
  const absl::StatusOr<Graph> after = Fix(new_graph, translated);
  if (!after.ok()) return after.status();
  // Nothing is left to decide.
  const SpaceMap map(*before, *after, renames);
  for (Change& change : ChangesOf(*before, *after, map, renames).changes) {
    if (!Never(change.when)) return std::move(change);
  }
  return std::nullopt;
}

}  // namespace nasc
