#include "compiler/check_space.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/extremes.h"
#include "compiler/ir/printer.h"
#include "compiler/space_size.h"
#include "compiler/versions/renames.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kUnsatisfiable, "unsatisfiable", kError);
NASC_DIAGNOSTIC(kVacuous, "vacuous", kWarning);
NASC_DIAGNOSTIC(kNeverChosen, "never-chosen", kWarning);
NASC_DIAGNOSTIC(kNoEffect, "no-effect", kWarning);
NASC_DIAGNOSTIC(kEqualCandidates, "equal-candidates", kWarning);
NASC_DIAGNOSTIC(kUnknownRenamed, "unknown-renamed", kError);

void CheckConstraints(const ir::Graph& graph, Diagnostics& diagnostics) {
  std::vector<ir::Constraint> so_far;
  for (const ir::Constraint& constraint : graph.constraints) {
    const auto all = ExtremesOf(constraint.value, graph.decisions, {});
    if (!all.has_value()) return;
    const std::string range = all->least.bound == all->greatest.bound
                                  ? absl::StrCat(all->least.bound)
                                  : absl::StrCat(all->least.bound, " to ", all->greatest.bound);
    so_far.push_back(constraint);
    if (all->greatest.bound < constraint.least || all->least.bound > constraint.most ||
        (so_far.size() > 1 && !ExtremesOf(constraint.value, graph.decisions, so_far).has_value())) {
      diagnostics.Report(kUnsatisfiable, constraint.location,
                         absl::StrCat("no architecture fulfils ", constraint.text,
                                      so_far.size() > 1 ? " and what is required before" : "",
                                      ": of all architectures it is ", range));
      return;
    }
    if (all->least.bound >= constraint.least && all->greatest.bound <= constraint.most) {
      diagnostics.Report(kVacuous, constraint.location,
                         absl::StrCat("every architecture fulfils ", constraint.text,
                                      ": of all architectures it is ", range));
    }
  }
  if (graph.constraints.empty()) return;
  const auto taken = OptionsTaken(graph.decisions, graph.constraints);
  if (!taken.has_value()) return;
  for (size_t d = 0; d < graph.decisions.size(); ++d) {
    const ir::Decision& decision = graph.decisions[d];
    for (size_t i = 0; i < decision.options.size(); ++i) {
      if (decision.relaxed_only[i] || (*taken)[d][i]) continue;
      diagnostics.Report(kNeverChosen, decision.location,
                         absl::StrCat("'", decision.options[i], "' of ", decision.path,
                                      " can never be chosen: no architecture with it fulfils what "
                                      "is required"));
    }
  }
}

void CheckEffects(const ir::Graph& graph, Diagnostics& diagnostics) {
  absl::flat_hash_set<ir::DecisionId> used;
  absl::flat_hash_set<const void*> seen;
  const auto use = [&](const auto& diagram) {
    ir::ForEachNode(
        diagram,
        [&](const auto& node) {
          if (node.is_choice()) used.insert(node.variable().decision);
        },
        seen);
  };
  for (const ir::Decision& decision : graph.decisions) use(decision.alive);
  for (const ir::Constraint& constraint : graph.constraints) {
    for (const auto& term : constraint.value.terms()) use(term);
  }
  for (const ir::Instruction& instruction : graph.instructions) {
    if (instruction.decision >= 0) used.insert(instruction.decision);
    for (const ir::Attribute& attribute : instruction.attributes) {
      const ir::Dim* dim = std::get_if<ir::Dim>(&attribute.value);
      if (dim == nullptr) continue;
      for (const auto& term : dim->terms()) use(term);
    }
  }
  for (size_t d = 0; d < graph.decisions.size(); ++d) {
    if (used.contains(static_cast<ir::DecisionId>(d))) continue;
    diagnostics.Report(kNoEffect, graph.decisions[d].location,
                       absl::StrCat("decision ", graph.decisions[d].path, " changes nothing"));
  }
}

// What a candidate computes, as text: its operations over what comes in from outside.
class CandidateText {
 public:
  CandidateText(const ir::Graph& graph, const std::string& prefix)
      : graph_(graph), prefix_(prefix) {}

  std::string Of(ir::ValueId id) {
    const ir::Instruction& instruction = graph_.instruction(id);
    if (!absl::StartsWith(instruction.name, prefix_)) return absl::StrCat("%", id);
    if (instruction.op == "identity") return Of(instruction.operands[0]);
    std::string text =
        absl::StrCat(instruction.op, " ", instruction.decision, " ", instruction.combiner, "{");
    for (const ir::Attribute& attribute : instruction.attributes) {
      const ir::Dim* dim = std::get_if<ir::Dim>(&attribute.value);
      absl::StrAppend(&text, attribute.name, "=",
                      dim == nullptr ? absl::StrCat(std::get<double>(attribute.value))
                                     : ir::Print(ir::TensorType{{*dim}}, graph_),
                      ",");
    }
    text += "}(";
    for (const ir::ValueId operand : instruction.operands) {
      absl::StrAppend(&text, Of(operand), ",");
      if (text.size() > kLongest) return absl::StrCat("%", id);  // too large to be compared
    }
    return text + ")";
  }

 private:
  static constexpr size_t kLongest = 100000;
  const ir::Graph& graph_;
  const std::string& prefix_;
};

void CheckCandidates(const ir::Graph& graph, Diagnostics& diagnostics) {
  std::set<ir::DecisionId> done;
  for (const ir::Instruction& instruction : graph.instructions) {
    if (instruction.op != "select" || !done.insert(instruction.decision).second) continue;
    const std::string prefix = instruction.name + ".";
    CandidateText candidate(graph, prefix);
    std::map<std::string, std::string> first;  // the candidate that computes it
    for (size_t i = 0; i < instruction.operands.size(); ++i) {
      const auto [it, fresh] =
          first.emplace(candidate.Of(instruction.operands[i]), instruction.labels[i]);
      if (fresh) continue;
      diagnostics.Report(
          kEqualCandidates, instruction.location,
          absl::StrCat("candidates '", it->second, "' and '", instruction.labels[i], "' of ",
                       graph.decisions[instruction.decision].path, " are equal"));
    }
  }
}

}  // namespace

void CheckSpace(const ir::Graph& graph, Diagnostics& diagnostics) {
  CheckConstraints(graph, diagnostics);
  CheckEffects(graph, diagnostics);
  CheckCandidates(graph, diagnostics);
}

void CheckRenames(const Space& space, const ir::Graph& graph, Diagnostics& diagnostics) {
  for (const ast::Renamed* renamed : space.renamed) {
    const std::string& name = renamed->to.text;
    if (name == renamed->from.text) {
      diagnostics.Report(kUnknownRenamed, renamed->to.location,
                         absl::StrCat(name, " is renamed to the name that it has"));
      continue;
    }
    // What has yet another name by now, a later line says.
    const bool renamed_again = absl::c_any_of(
        space.renamed, [&](const ast::Renamed* other) { return other->from.text == name; });
    if (renamed_again || IsName(name, graph.decisions)) continue;
    std::vector<std::string> known;
    for (const ir::Decision& decision : graph.decisions) known.push_back(decision.path);
    diagnostics
        .Report(kUnknownRenamed, renamed->to.location,
                absl::StrCat("nothing is called ", name, " that ", renamed->from.text,
                             " could have been renamed to: no node, decision or option"))
        .fix = DidYouMean(name, known);
  }
}

}  // namespace nasc
