#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/bounds.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/format.h"
#include "cli/space_file.h"
#include "compiler/algebra/distinct_functions.h"
#include "compiler/algebra/function_hash.h"
#include "compiler/facts.h"
#include "compiler/identity.h"
#include "compiler/notation/nasbench201.h"
#include "compiler/space_size.h"
#include "runtime/run/json.h"
#include "strategies/architecture_file.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string scale;
  std::string architecture;
  std::string input;
  int64_t classes = 0;
  std::string functions;
  std::vector<std::string> least;
  std::vector<std::string> most;
  bool json = false;
};

struct Report {
  std::string identity;
  std::string function;       // of an architecture
  std::string architectures;  // their number, of a space
  std::vector<ScaleFacts> scales;
  std::optional<DistinctFunctions> functions;
};

// --- text ---

std::string Count(int64_t count) { return Grouped(absl::StrCat(count)); }

// A table whose columns are as wide as what stands in them; the first two from the left.
class Table {
 public:
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void Add(const std::string& what, const Cost& cost) {
    Add({"", what, Count(cost.weights), Count(cost.macs), Count(cost.activations)});
  }
  // A line below the table's last row that is no row.
  void Note(const std::string& text) { rows_.push_back({"", text}); }

  void Print() const {
    std::vector<size_t> widths(5);
    for (const std::vector<std::string>& row : rows_) {
      for (size_t i = 0; i < row.size() && row.size() == widths.size(); ++i) {
        widths[i] = std::max(widths[i], row[i].size());
      }
    }
    for (const std::vector<std::string>& row : rows_) {
      std::string line;
      for (size_t i = 0; i < row.size(); ++i) {
        const bool left = i < 2;
        const std::string space(widths[i] - std::min(widths[i], row[i].size()), ' ');
        absl::StrAppend(&line, "  ", left ? "" : space, row[i], left ? space : "");
      }
      std::printf("%s\n", std::string(absl::StripTrailingAsciiWhitespace(line)).c_str());
    }
  }

 private:
  std::vector<std::vector<std::string>> rows_;
};

// The number, or between what it lies.
std::string Between(const Extreme& extreme, bool least) {
  if (extreme.exact()) return Count(extreme.bound);
  if (!extreme.found.has_value()) return absl::StrCat(least ? ">= " : "<= ", Count(extreme.bound));
  return least ? absl::StrCat(Count(extreme.bound), "..", Count(*extreme.found))
               : absl::StrCat(Count(*extreme.found), "..", Count(extreme.bound));
}

void AddScale(const ScaleFacts& facts, Table& table) {
  table.Add({facts.scale, absl::StrCat("input ", facts.input), "", "", ""});
  for (const PartCost& part : facts.parts) table.Add(part.name, part.cost);
  if (facts.range.has_value()) {
    const auto& [weights, macs, activations] = *facts.range;
    table.Add({"", "least", Between(weights.least, true), Between(macs.least, true),
               Between(activations.least, true)});
    table.Add({"", "greatest", Between(weights.greatest, false), Between(macs.greatest, false),
               Between(activations.greatest, false)});
  }
  if (!facts.no_supernet.empty()) {
    table.Note(absl::StrCat("no supernet: ", facts.no_supernet));
  }
  const bool is_space = facts.range.has_value();
  if (facts.cost.has_value()) table.Add(is_space ? "supernet" : "total", *facts.cost);
  if (facts.with_auxiliary.has_value()) {
    table.Add(is_space ? "  with auxiliary head" : "total with auxiliary", *facts.with_auxiliary);
  }
}

void PrintFunctions(const DistinctFunctions& functions, const std::string& rules) {
  std::printf("  functions      %s (by the rules `%s`, from %s architectures)\n",
              Grouped(functions.all.ToString()).c_str(), rules.c_str(),
              Grouped(absl::StrCat(functions.all.architectures)).c_str());
  for (const FunctionGroup& group : functions.groups) {
    std::printf("    of %s alone: %s, from %s architectures\n", group.name.c_str(),
                Grouped(group.count.ToString()).c_str(),
                Grouped(absl::StrCat(group.count.architectures)).c_str());
  }
}

void PrintText(const Space& space, const ir::Graph& supernet, const Report& report,
               const Flags& flags) {
  std::printf("space %s %s\n", space.name.c_str(), space.version.c_str());
  if (!space.doc.empty()) std::printf("  %s\n", space.doc.c_str());
  if (flags.architecture.empty()) {
    std::printf("\n  decisions      %zu\n  architectures  %s\n", supernet.decisions.size(),
                Grouped(report.architectures).c_str());
    if (report.functions.has_value()) PrintFunctions(*report.functions, flags.functions);
    std::printf("  identity       %s\n\n", report.identity.c_str());
  } else {
    std::printf("\nThe architecture of %s\n\n  identity  %s\n  function  %s\n\n",
                flags.architecture.c_str(), report.identity.c_str(), report.function.c_str());
  }
  Table table;
  table.Add({"scale", "", "weights", "MACs", "activation bytes"});
  for (const ScaleFacts& facts : report.scales) AddScale(facts, table);
  table.Print();
  std::printf(
      "\nMACs are the multiply-accumulates of convolutions and linear layers for one image;\n"
      "activation bytes those of all its values in float32. `a..b` lies between the two.\n");
}

// --- JSON ---

JsonFields ToJson(const Cost& cost, absl::string_view suffix = "") {
  return {{absl::StrCat("weights", suffix), cost.weights},
          {absl::StrCat("macs", suffix), cost.macs},
          {absl::StrCat("activation_bytes", suffix), cost.activations}};
}

// `exact` says whether an architecture has that much; where not, `found` is what one has.
JsonFields ToJson(const CostRange& range, Extreme Extremes::*which) {
  JsonFields fields;
  JsonFields found;
  bool exact = true;
  for (const auto& [name, extremes] :
       {std::make_pair("weights", &range.weights), std::make_pair("macs", &range.macs),
        std::make_pair("activation_bytes", &range.activations)}) {
    const Extreme& extreme = extremes->*which;
    fields.push_back({name, extreme.bound});
    if (extreme.found.has_value()) found.push_back({name, *extreme.found});
    exact = exact && extreme.exact();
  }
  fields.push_back({"exact", exact});
  if (!exact) fields.push_back({"found", std::move(found)});
  return fields;
}

JsonFields ToJson(const ScaleFacts& facts) {
  JsonFields fields = {{"scale", facts.scale}, {"input", facts.input}};
  const auto append = [&](const JsonFields& more) {
    fields.insert(fields.end(), more.begin(), more.end());
  };
  if (facts.cost.has_value()) append(ToJson(*facts.cost));
  if (facts.with_auxiliary.has_value()) append(ToJson(*facts.with_auxiliary, "_with_auxiliary"));
  if (!facts.no_supernet.empty()) fields.push_back({"no_supernet", facts.no_supernet});
  if (facts.range.has_value()) {
    fields.push_back({"least", ToJson(*facts.range, &Extremes::least)});
    fields.push_back({"greatest", ToJson(*facts.range, &Extremes::greatest)});
  }
  JsonList parts;
  for (const PartCost& part : facts.parts) {
    JsonFields entry = {{"part", part.name}};
    const JsonFields cost = ToJson(part.cost);
    entry.insert(entry.end(), cost.begin(), cost.end());
    parts.emplace_back(std::move(entry));
  }
  if (!parts.empty()) fields.push_back({"parts", std::move(parts)});
  return fields;
}

JsonFields ToJson(const FunctionCount& count) {
  static constexpr const char* kKinds[] = {"exact", "estimate", "between"};
  const bool exact = count.kind == FunctionCount::Kind::kExact;
  JsonFields fields = {
      {"count", exact ? JsonValue(static_cast<uint64_t>(count.functions)) : count.functions},
      {"kind", kKinds[static_cast<int>(count.kind)]},
      {"standard_error", count.error},
      {"architectures", count.architectures}};
  if (count.kind == FunctionCount::Kind::kBetween) fields.push_back({"most", count.most});
  return fields;
}

JsonFields ToJson(const DistinctFunctions& functions, const std::string& rules) {
  JsonFields fields = {{"rules", rules}, {"all", ToJson(functions.all)}};
  JsonList groups;
  for (const FunctionGroup& group : functions.groups) {
    JsonFields entry = {{"group", group.name}};
    const JsonFields count = ToJson(group.count);
    entry.insert(entry.end(), count.begin(), count.end());
    groups.emplace_back(std::move(entry));
  }
  fields.push_back({"groups", std::move(groups)});
  return fields;
}

void PrintJson(const Space& space, const ir::Graph& supernet, const Report& report,
               const Flags& flags) {
  JsonFields fields = {{"space", space.name},
                       {"version", space.version},
                       {"identity", report.identity},
                       {"decisions", supernet.decisions.size()}};
  // A count may exceed what JSON's numbers hold, so it is a text.
  if (!report.architectures.empty()) fields.push_back({"architectures", report.architectures});
  if (!report.function.empty()) fields.push_back({"function", report.function});
  if (report.functions.has_value()) {
    fields.push_back({"functions", ToJson(*report.functions, flags.functions)});
  }
  JsonList scales;
  for (const ScaleFacts& facts : report.scales) scales.emplace_back(ToJson(facts));
  fields.push_back({"scales", std::move(scales)});
  std::fputs(JsonDocument(fields).c_str(), stdout);
}

// --- the command ---

// The rules of the paper that has them count texts; all others are of the algebra.
constexpr absl::string_view kNasBench201 = "nasbench201";

absl::StatusOr<DistinctFunctions> CountBy(const std::string& rules, const ir::Graph& supernet) {
  if (rules == kNasBench201) {
    const absl::StatusOr<NasBench201Notation> notation = NasBench201Notation::For(supernet);
    if (!notation.ok()) return notation.status();
    return CountFunctions(supernet, [&](const Architecture& architecture) {
      return Hasher().Add(notation->UniqueText(architecture)).Take();
    });
  }
  FunctionHasher hasher(supernet, *FindRuleSet(rules));
  return CountFunctions(supernet,
                        [&](const Architecture& architecture) { return hasher.Of(architecture); });
}

absl::StatusOr<ScaleFacts> Facts(const ir::Graph& supernet, const Flags& flags, Report& report) {
  if (flags.architecture.empty()) {
    report.identity = IdentityOf(supernet).ToString();
    return FactsOfSpace(supernet);
  }
  const absl::StatusOr<Architecture> architecture = LoadArchitecture(flags.architecture, supernet);
  if (!architecture.ok()) return architecture.status();
  report.identity = IdentityOf(*architecture, supernet).ToString();
  report.function = FunctionHasher(supernet).Of(*architecture).ToString();
  return FactsOfArchitecture(supernet, *architecture);
}

absl::Status Info(const Flags& flags) {
  absl::StatusOr<Sources> sources = LoadChecked(flags.file);
  if (!sources.ok()) return sources.status();
  absl::StatusOr<Space> space = SpaceIn(*sources);
  if (!space.ok()) return space.status();
  absl::StatusOr<std::optional<InputSpec>> input = ParseInput(flags.input, flags.classes);
  if (!input.ok()) return input.status();
  const absl::StatusOr<Bounds> bounds = Bounds::Read(flags.least, flags.most);
  if (!bounds.ok()) return bounds.status();
  std::vector<std::string> names = {flags.scale};
  if (flags.scale.empty() && !space->scales.empty()) {
    names.clear();
    for (const ast::ScaleDecl* scale : space->scales) names.push_back(scale->name.text);
  }
  Report report;
  ir::Graph supernet;
  for (const std::string& name : names) {
    absl::StatusOr<ir::Graph> graph = LowerAt(*space, {name, *input});
    if (!graph.ok()) return graph.status();
    absl::StatusOr<ScaleFacts> facts = Facts(*graph, flags, report);
    if (!facts.ok()) return facts.status();
    report.scales.push_back(*std::move(facts));
    supernet = *std::move(graph);
  }
  SpaceSize size;
  if (flags.architecture.empty()) {
    size = CountArchitectures(supernet.decisions, supernet.constraints);
    report.architectures = size.ToString();
  }
  if (!flags.functions.empty()) {
    absl::StatusOr<DistinctFunctions> functions = CountBy(flags.functions, supernet);
    if (!functions.ok()) return functions.status();
    report.functions = *std::move(functions);
  }
  if (flags.json) {
    PrintJson(*space, supernet, report, flags);
  } else {
    PrintText(*space, supernet, report, flags);
  }
  return bounds->Check(size, report.scales);
}

}  // namespace

Action AddInfo(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file")->required();
  app.add_option("--scale", flags->scale, "only this scale; by default all of them");
  app.add_option("--architecture", flags->architecture,
                 "a file: the figures of this architecture, not of the supernet");
  app.add_option("--input", flags->input, "channels x height x width, instead of the default");
  app.add_option("--classes", flags->classes, "the number of classes, instead of the default")
      ->check(WholeNumber(2, kGreatestCount));
  std::vector<std::string> rules;
  for (const RuleSet& set : RuleSets()) rules.push_back(set.name);
  rules.emplace_back(kNasBench201);
  app.add_option("--functions", flags->functions,
                 "count what architectures compute, at the last scale that is shown: `exact` by "
                 "the algebra of the primitives, `operations` as trees of candidate operations, "
                 "`nasbench201` as that benchmark's authors")
      ->check(CLI::IsMember(rules));
  for (const auto& [name, bounds] :
       {std::make_pair("--least", &flags->least), std::make_pair("--most", &flags->most)}) {
    app.add_option(name, *bounds,
                   "fail unless all architectures keep to architectures=N, weights=N or macs=N at "
                   "every scale that is shown; as often as wanted")
        ->allow_extra_args(false)
        ->excludes("--architecture");
  }
  app.add_flag("--json", flags->json, "print JSON");
  return [flags] { return Info(*flags); };
}

}  // namespace nasc
