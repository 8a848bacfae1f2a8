#include "strategies/search_setting.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "dsl/diagnostics.h"
#include "dsl/parse.h"

namespace nasc {
namespace {

using Config = std::vector<ast::Assign>;

Config* ConfigOf(std::optional<ast::Call>& call) {
  return call.has_value() ? &call->config : nullptr;
}

// Weights are trained by SGD also where no line says so.
Config* TrainConfig(ast::SearchDecl& search, const ast::Identifier& at) {
  if (!search.train.has_value()) search.train = ast::Call{{"sgd", at.location}, {}};
  return &search.train->config;
}

// The parts that have settings; nullptr where the declaration has no such line.
struct Part {
  const char* name;
  Config* (*config)(ast::SearchDecl& search, const ast::Identifier& at);
};
constexpr Part kParts[] = {
    {"data", [](ast::SearchDecl& s, const ast::Identifier&) { return ConfigOf(s.data); }},
    {"strategy", [](ast::SearchDecl& s, const ast::Identifier&) { return ConfigOf(s.strategy); }},
    {"schedule", [](ast::SearchDecl& s, const ast::Identifier&) { return ConfigOf(s.schedule); }},
    {"evaluate", [](ast::SearchDecl& s, const ast::Identifier&) { return ConfigOf(s.evaluate); }},
    {"latency", [](ast::SearchDecl& s, const ast::Identifier&) { return &s.latency; }},
    {"train", TrainConfig},
    {"final",
     [](ast::SearchDecl& s, const ast::Identifier&) {
       return s.final_location.has_value() ? &s.final_config : nullptr;
     }},
};
constexpr char kBudget[] = "budget";

// What `name` cannot stand beside.
std::string InPlaceOf(const std::string& name) {
  return name == "epochs" ? "steps" : name == "steps" ? "epochs" : "";
}

// Replaces the entry of that name, or adds one; `name_of` gives the name of an entry.
template <typename Entry, typename NameOf>
void Put(Entry entry, std::vector<Entry>& entries, NameOf name_of) {
  const std::string name = name_of(entry).text;
  const std::string other = InPlaceOf(name);
  const auto replaced = [&](const Entry& old) {
    return name_of(old).text == name || name_of(old).text == other;
  };
  entries.erase(std::remove_if(entries.begin(), entries.end(), replaced), entries.end());
  entries.push_back(std::move(entry));
}

absl::Status Apply(Setting setting, const std::string& text, ast::SearchDecl& search) {
  const std::vector<std::string> names = absl::StrSplit(setting.path.text, '.');
  std::vector<std::string> known = {kBudget};
  for (const Part& part : kParts) known.emplace_back(part.name);
  if (names.size() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("--set ", text, ": a setting is PART.NAME, such as train.batch"));
  }
  // Where the name begins in the path.
  Location location = setting.path.location;
  location.column += static_cast<int>(names[0].size()) + 1;
  location.length = static_cast<int>(names[1].size());
  const ast::Identifier name = {names[1], location};
  if (names[0] == kBudget) {
    Put(ast::Amount{name, std::move(setting.value)}, search.budget,
        [](const ast::Amount& amount) { return amount.unit; });
    return absl::OkStatus();
  }
  for (const Part& part : kParts) {
    if (names[0] != part.name) continue;
    Config* config = part.config(search, setting.path);
    if (config == nullptr) {
      return absl::FailedPreconditionError(absl::StrCat(
          "--set ", text, ": search '", search.name.text, "' has no `", part.name, "` line"));
    }
    Put(ast::Assign{name, false, std::move(setting.value)}, *config,
        [](const ast::Assign& assign) { return assign.name; });
    return absl::OkStatus();
  }
  const std::string near = DidYouMean(names[0], known);
  return absl::InvalidArgumentError(
      absl::StrCat("--set ", text, ": no part '", names[0], "' of a search has settings; ",
                   near.empty() ? absl::StrCat("one of ", absl::StrJoin(known, ", ")) : near));
}

}  // namespace

absl::StatusOr<ast::SearchDecl> WithSettings(ast::SearchDecl search,
                                             const std::vector<std::string>& settings) {
  for (const std::string& text : settings) {
    Diagnostics diagnostics;
    std::optional<Setting> setting =
        ParseSetting(std::make_shared<const SourceFile>("--set", text), diagnostics);
    if (diagnostics.has_errors() || !setting.has_value()) return diagnostics.ToStatus();
    if (absl::Status status = Apply(*std::move(setting), text, search); !status.ok()) return status;
  }
  return search;
}

}  // namespace nasc
