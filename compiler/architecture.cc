#include "compiler/architecture.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/identity.h"
#include "compiler/versions/version_step.h"
#include "dsl/parse.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kOtherSpace, "other-space", kError);
NASC_DIAGNOSTIC(kUnknownDecision, "unknown-decision", kError);
NASC_DIAGNOSTIC(kUnknownOption, "unknown-option", kError);
NASC_DIAGNOSTIC(kWrongCount, "wrong-count", kError);
NASC_DIAGNOSTIC(kDeadDecision, "dead-decision", kError);
NASC_DIAGNOSTIC(kUndecided, "undecided", kError);
NASC_DIAGNOSTIC(kDecidedTwice, "decided-twice", kError);
NASC_DIAGNOSTIC(kNotInSpace, "not-in-space", kError);

std::string OptionName(const ir::Decision& decision, int option) {
  return decision.options[option];
}

std::optional<int64_t> ValueOf(const ir::Constraint& constraint, const Architecture& architecture) {
  return constraint.value.At(
      [&](const ir::Variable& variable) { return BranchTaken(architecture, variable); });
}

class Reader {
 public:
  Reader(const ir::Graph& graph, Diagnostics& diagnostics)
      : graph_(graph), diagnostics_(diagnostics) {}

  Architecture Read(const ast::ArchitectureFile& file) {
    if (file.space.text != graph_.space) {
      diagnostics_.Report(
          kOtherSpace, file.space.location,
          absl::StrCat("an architecture of '", file.space.text, "', not of '", graph_.space, "'"));
      return {};
    }
    const bool other_space =
        !file.identity.empty() && file.identity != IdentityOf(graph_).ToString();
    const bool other_networks = StepBetween(file.version, graph_.version) == VersionStep::kMajor ||
                                StepBetween(graph_.version, file.version) == VersionStep::kMajor;
    if (other_space || other_networks) {
      ReportOtherVersion(file);
      return {};
    }
    return ReadChoices(file);
  }

 private:
  // With what does not fit here, of an architecture whose space has changed since.
  void ReportOtherVersion(const ast::ArchitectureFile& file) {
    Diagnostics differences;
    Reader(graph_, differences).ReadChoices(file);
    const auto identity = [](const std::string& text) {
      return text.empty() ? "" : absl::StrCat(" (identity ", text, ")");
    };
    Diagnostic& diagnostic =
        diagnostics_.Report(kOtherSpace, file.space.location,
                            absl::StrCat("an architecture of '", file.space.text, "' ",
                                         file.version, identity(file.identity), ", not of ",
                                         graph_.version, identity(IdentityOf(graph_).ToString())));
    diagnostic.fix = absl::StrCat("`nasc migrate ", file.source->path(),
                                  " NEW.space --of OLD.space` carries it over to a new version");
    for (const Diagnostic& difference : differences.Sorted()) {
      diagnostic.notes.push_back({difference.location, difference.message});
    }
    if (diagnostic.notes.empty()) {
      diagnostic.notes.push_back({Location{}, "every value is there, but may mean something else"});
    }
  }

  Architecture ReadChoices(const ast::ArchitectureFile& file) {
    architecture_.picks.resize(graph_.decisions.size());
    places_.resize(graph_.decisions.size());
    for (const ast::Choice& choice : file.choices) ReadChoice(choice);
    if (diagnostics_.has_errors()) return architecture_;
    for (size_t i = 0; i < graph_.decisions.size(); ++i) CheckAlive(i, file);
    if (diagnostics_.has_errors()) return architecture_;
    for (const ir::Constraint& constraint : graph_.constraints) CheckConstraint(constraint, file);
    return architecture_;
  }

  void ReadChoice(const ast::Choice& choice) {
    const auto found = absl::c_find_if(graph_.decisions, [&](const ir::Decision& decision) {
      return decision.path == choice.path.text;
    });
    if (found == graph_.decisions.end()) {
      std::vector<std::string> paths;
      for (const ir::Decision& decision : graph_.decisions) paths.push_back(decision.path);
      diagnostics_
          .Report(kUnknownDecision, choice.path.location,
                  absl::StrCat("space ", graph_.space, " has no decision '", choice.path.text, "'"))
          .fix = DidYouMean(choice.path.text, paths);
      return;
    }
    const size_t id = found - graph_.decisions.begin();
    if (places_[id].known()) {
      diagnostics_
          .Report(kDecidedTwice, choice.path.location,
                  absl::StrCat("a second value for '", choice.path.text, "'"))
          .notes.push_back({places_[id], "the first is here"});
      return;
    }
    places_[id] = choice.path.location;
    std::vector<int>& picks = architecture_.picks[id];
    for (const ast::Identifier& pick : choice.picks) ReadPick(*found, pick, picks);
    const auto count = static_cast<int>(choice.picks.size());
    if (count < found->least || count > found->most) {
      const std::string wanted = found->least == found->most
                                     ? absl::StrCat(found->most)
                                     : absl::StrCat(found->least, " to ", found->most);
      diagnostics_.Report(kWrongCount, choice.path.location,
                          absl::StrCat("'", found->path, "' takes ", wanted, ", found ", count));
    }
    absl::c_sort(picks);
  }

  void ReadPick(const ir::Decision& decision, const ast::Identifier& pick,
                std::vector<int>& picks) {
    const auto option = absl::c_find(decision.options, pick.text);
    const int index = static_cast<int>(option - decision.options.begin());
    if (option == decision.options.end() || decision.relaxed_only[index]) {
      std::vector<std::string> allowed;
      for (size_t i = 0; i < decision.options.size(); ++i) {
        if (!decision.relaxed_only[i]) allowed.push_back(decision.options[i]);
      }
      Diagnostic& diagnostic =
          diagnostics_.Report(kUnknownOption, pick.location,
                              absl::StrCat("'", decision.path, "' has no option '", pick.text,
                                           "' that a result may take"));
      const std::string near = DidYouMean(pick.text, allowed);
      diagnostic.fix = near.empty() ? absl::StrCat("one of ", absl::StrJoin(allowed, ", ")) : near;
      return;
    }
    if (absl::c_linear_search(picks, index)) {
      diagnostics_.Report(kDecidedTwice, pick.location, absl::StrCat("'", pick.text, "' twice"));
      return;
    }
    picks.push_back(index);
  }

  void CheckAlive(size_t id, const ast::ArchitectureFile& file) {
    const ir::Decision& decision = graph_.decisions[id];
    // Where a decision that it depends on has no value, that is reported.
    bool known = true;
    std::string because;
    const ir::Condition* node = &decision.alive;
    while (node->is_choice()) {
      const ir::Variable& variable = node->variable();
      const ir::Decision& other = graph_.decisions[variable.decision];
      const bool placed = places_[variable.decision].known();
      if (!placed && IsAlive(other, architecture_)) known = false;
      const int branch = BranchTaken(architecture_, variable);
      if (placed) because = ir::Describe({{variable, branch}}, graph_.decisions);
      node = &node->branches()[branch];
    }
    const bool alive = node->maybe_leaf().value_or(false);
    if (!known) return;
    if (alive && !places_[id].known()) {
      diagnostics_.Report(kUndecided, file.space.location,
                          absl::StrCat("no value for '", decision.path, "'"));
    } else if (!alive && places_[id].known()) {
      diagnostics_
          .Report(kDeadDecision, places_[id],
                  absl::StrCat("a value for '", decision.path, "', which is not alive"))
          .notes.push_back({Location{}, absl::StrCat("it does not count where ", because)});
    }
  }

  void CheckConstraint(const ir::Constraint& constraint, const ast::ArchitectureFile& file) {
    if (Fulfils(architecture_, constraint)) return;
    const int64_t value = *ValueOf(constraint, architecture_);
    diagnostics_
        .Report(kNotInSpace, file.space.location,
                absl::StrCat("the space requires ", constraint.text, ", here it is ", value))
        .notes.push_back({constraint.location, "required here"});
  }

  const ir::Graph& graph_;
  Diagnostics& diagnostics_;
  Architecture architecture_;
  std::vector<Location> places_;
};

}  // namespace

int BranchTaken(const Architecture& architecture, const ir::Variable& variable) {
  const std::vector<int>& picks = architecture.picks[variable.decision];
  if (variable.option >= 0) return absl::c_linear_search(picks, variable.option) ? 1 : 0;
  return picks.empty() ? 0 : picks[0];
}

bool IsAlive(const ir::Decision& decision, const Architecture& architecture) {
  if (decision.alive.is_leaf()) return decision.alive.maybe_leaf().value_or(false);
  return ir::At(decision.alive,
                [&](const ir::Variable& variable) { return BranchTaken(architecture, variable); })
      .value_or(false);
}

bool Fulfils(const Architecture& architecture, const ir::Constraint& constraint) {
  const std::optional<int64_t> value = ValueOf(constraint, architecture);
  return !value.has_value() || (*value >= constraint.least && *value <= constraint.most);
}

bool Fulfils(const Architecture& architecture, const std::vector<ir::Constraint>& constraints) {
  return absl::c_all_of(constraints, [&](const ir::Constraint& constraint) {
    return Fulfils(architecture, constraint);
  });
}

int64_t Distance(const Architecture& a, const Architecture& b) {
  int64_t distance = 0;
  for (size_t d = 0; d < a.picks.size(); ++d) {
    std::vector<int> differ;
    absl::c_set_symmetric_difference(a.picks[d], b.picks[d], std::back_inserter(differ));
    distance += static_cast<int64_t>(differ.size());
  }
  return distance;
}

std::string Print(const Architecture& architecture, const ir::Graph& graph) {
  std::string text = absl::StrCat("architecture ", graph.space, " version ", graph.version,
                                  " identity \"", IdentityOf(graph).ToString(), "\" {\n");
  for (size_t i = 0; i < graph.decisions.size(); ++i) {
    const ir::Decision& decision = graph.decisions[i];
    if (!IsAlive(decision, architecture)) continue;
    std::vector<std::string> names;
    for (const int pick : architecture.picks[i]) names.push_back(OptionName(decision, pick));
    const std::string value = absl::StrJoin(names, ", ");
    absl::StrAppend(&text, "  ", decision.path, " = ",
                    decision.kind == ir::Decision::Kind::kOne ? value
                    : value.empty()                           ? "{ }"
                                                              : absl::StrCat("{ ", value, " }"),
                    "\n");
  }
  return text + "}\n";
}

absl::string_view ChoicesIn(absl::string_view text) {
  const size_t end = text.find('\n');
  return end == absl::string_view::npos ? "" : text.substr(end + 1);
}

Hash128 IdentityOf(const Architecture& architecture, const ir::Graph& supernet) {
  Hasher hasher;
  hasher.Add("architecture").Add(IdentityOf(supernet));
  for (size_t d = 0; d < supernet.decisions.size(); ++d) {
    const ir::Decision& decision = supernet.decisions[d];
    if (!IsAlive(decision, architecture)) continue;
    hasher.Add(decision.path).Add(architecture.picks[d].size());
    for (const int pick : architecture.picks[d]) hasher.Add(decision.options[pick]);
  }
  return hasher.Take();
}

std::optional<Architecture> ParseArchitecture(std::shared_ptr<const SourceFile> source,
                                              const ir::Graph& graph, Diagnostics& diagnostics) {
  const int errors_before = diagnostics.errors();
  const ast::ArchitectureFile file = ParseArchitecture(std::move(source), diagnostics);
  if (diagnostics.errors() > errors_before) return std::nullopt;
  Architecture architecture = Reader(graph, diagnostics).Read(file);
  if (diagnostics.errors() > errors_before) return std::nullopt;
  return architecture;
}

}  // namespace nasc
