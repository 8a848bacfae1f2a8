#include "compiler/architecture.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

std::string OptionName(const ir::Decision& decision, int option) {
  return decision.options[option];
}

std::string Condition(const ir::Graph& graph, const ir::Decision& decision) {
  const ir::Decision& parent = graph.decisions[decision.parent];
  return absl::StrCat("it counts only where ", parent.path, " takes ",
                      OptionName(parent, decision.parent_option));
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
    architecture_.picks.resize(graph_.decisions.size());
    places_.resize(graph_.decisions.size());
    for (const ast::Choice& choice : file.choices) ReadChoice(choice);
    if (diagnostics_.has_errors()) return architecture_;
    for (size_t i = 0; i < graph_.decisions.size(); ++i) CheckAlive(i, file);
    return architecture_;
  }

 private:
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
    const size_t wanted = found->kind == ir::Decision::Kind::kOne ? 1 : found->take;
    if (choice.picks.size() != wanted) {
      diagnostics_.Report(
          kWrongCount, choice.path.location,
          absl::StrCat("'", found->path, "' takes ", wanted, ", found ", choice.picks.size()));
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
    const bool alive = IsAlive(decision, architecture_);
    if (decision.parent >= 0 && !places_[decision.parent].known() &&
        IsAlive(graph_.decisions[decision.parent], architecture_)) {
      return;  // the decision that it depends on has no value, which is reported
    }
    if (alive && !places_[id].known()) {
      diagnostics_.Report(kUndecided, file.space.location,
                          absl::StrCat("no value for '", decision.path, "'"));
    } else if (!alive && places_[id].known()) {
      diagnostics_
          .Report(kDeadDecision, places_[id],
                  absl::StrCat("a value for '", decision.path, "', which is not alive"))
          .notes.push_back({Location{}, Condition(graph_, decision)});
    }
  }

  const ir::Graph& graph_;
  Diagnostics& diagnostics_;
  Architecture architecture_;
  std::vector<Location> places_;
};

// A product or a sum of counts that remembers when 128 bits did not hold it.
struct Count {
  unsigned __int128 value = 0;
  bool overflow = false;
};

Count Times(Count a, Count b) {
  Count result;
  result.overflow = __builtin_mul_overflow(a.value, b.value, &result.value);
  result.overflow |= (a.overflow && (b.overflow || b.value > 0)) || (b.overflow && a.value > 0);
  return result;
}

Count Plus(Count a, Count b) {
  Count result;
  result.overflow = __builtin_add_overflow(a.value, b.value, &result.value);
  result.overflow |= a.overflow || b.overflow;
  return result;
}

// What follows from taking an option: the decisions that it makes alive, each for itself.
Count CountOption(const std::vector<ir::Decision>& decisions, int decision, int option);

Count CountDecision(const std::vector<ir::Decision>& decisions, int id) {
  const ir::Decision& decision = decisions[id];
  // taken[k]: the ways to take k of the options so far.
  const int take = decision.kind == ir::Decision::Kind::kOne ? 1 : decision.take;
  std::vector<Count> taken(take + 1);
  taken[0].value = 1;
  for (size_t option = 0; option < decision.options.size(); ++option) {
    if (decision.relaxed_only[option]) continue;
    const Count ways = CountOption(decisions, id, static_cast<int>(option));
    for (int k = take; k > 0; --k) taken[k] = Plus(taken[k], Times(taken[k - 1], ways));
  }
  return taken[take];
}

Count CountOption(const std::vector<ir::Decision>& decisions, int decision, int option) {
  Count product{1, false};
  for (size_t child = 0; child < decisions.size(); ++child) {
    if (decisions[child].parent != decision) continue;
    if (decision >= 0 && decisions[child].parent_option != option) continue;
    product = Times(product, CountDecision(decisions, static_cast<int>(child)));
  }
  return product;
}

}  // namespace

bool IsAlive(const ir::Decision& decision, const Architecture& architecture) {
  return decision.parent < 0 ||
         absl::c_linear_search(architecture.picks[decision.parent], decision.parent_option);
}

std::string Print(const Architecture& architecture, const ir::Graph& graph) {
  std::string text = absl::StrCat("architecture ", graph.space, " version ", graph.version, " {\n");
  for (size_t i = 0; i < graph.decisions.size(); ++i) {
    const ir::Decision& decision = graph.decisions[i];
    if (!IsAlive(decision, architecture)) continue;
    std::vector<std::string> names;
    for (const int pick : architecture.picks[i]) names.push_back(OptionName(decision, pick));
    const std::string value = absl::StrJoin(names, ", ");
    absl::StrAppend(
        &text, "  ", decision.path, " = ",
        decision.kind == ir::Decision::Kind::kOne ? value : absl::StrCat("{ ", value, " }"), "\n");
  }
  return text + "}\n";
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

std::string CountArchitectures(const std::vector<ir::Decision>& decisions) {
  const Count count = CountOption(decisions, -1, -1);
  if (count.overflow) return "more than 3.4e38";
  std::string digits;
  unsigned __int128 rest = count.value;
  do {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest > 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace nasc
