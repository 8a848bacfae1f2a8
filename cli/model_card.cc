#include "cli/model_card.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/format.h"
#include "compiler/cost.h"
#include "compiler/identity.h"
#include "compiler/relax.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/json.h"

namespace nasc {
namespace {

std::string TextOf(const JsonValue& value) {
  if (const auto* text = std::get_if<std::string>(&value.storage())) return *text;
  if (const auto* number = std::get_if<int64_t>(&value.storage())) return absl::StrCat(*number);
  return "";
}

// "batch = 16, clip = 5" of the settings that the configuration of a run keeps under a key, without
// those that are empty.
std::string Settings(const JsonObject& config, absl::string_view key) {
  absl::StatusOr<JsonObject> settings = config.Object(key);
  if (!settings.ok()) return "";
  std::vector<std::string> texts;
  for (const JsonField& field : settings->fields()) {
    const std::string text = TextOf(field.value);
    if (!text.empty() && text != "\"\"") texts.push_back(absl::StrCat(field.key, " = ", text));
  }
  return absl::StrJoin(texts, ", ");
}

// The last line of the metrics that tells of this network on the test data.
std::string TestResult(const std::string& metrics, const std::string& network) {
  std::string result = "none: the run was stopped before its test";
  for (const absl::string_view line : absl::StrSplit(metrics, '\n', absl::SkipEmpty())) {
    const absl::StatusOr<JsonObject> json = ParseJson(line);
    if (!json.ok() || json->Text("phase").value_or("") != "test") continue;
    if (json->Text("network").value_or("") != network) continue;
    const char* const measure = json->Has("r2") ? "r2" : "accuracy";
    result = absl::StrFormat("%s %.4f, loss %.4f", measure, json->Number(measure).value_or(0),
                             json->Number("loss").value_or(0));
  }
  return result;
}

std::string Numbers(const std::vector<float>& numbers) {
  return absl::StrCat("[", absl::StrJoin(numbers, ", "), "]");
}

std::string InputInWords(const TrainedRun& run,
                         const std::optional<ImagePreparation>& preparation) {
  const std::vector<int64_t>& shape = run.program.input_shape;
  if (!preparation.has_value()) {
    return absl::StrCat("rows of ", shape[1],
                        " features, each with mean 0 and variance 1 over the training rows");
  }
  return absl::StrCat("images ", absl::StrJoin(shape.begin() + 1, shape.end(), "x"),
                      ": bytes with ", preparation->padding,
                      " black pixels added on each side, divided by 255, less the mean ",
                      Numbers(preparation->normalization.mean), ", divided by the deviation ",
                      Numbers(preparation->normalization.stddev));
}

}  // namespace

absl::StatusOr<std::string> ModelCard(const TrainedRun& run, const std::string& folder) {
  const SearchConfig& search = run.search.config;
  absl::StatusOr<std::string> text = ReadFileToString(absl::StrCat(folder, "/", kRunConfigFile));
  if (!text.ok()) return text.status();
  absl::StatusOr<JsonObject> config = ParseJson(*text);
  if (!config.ok()) return config.status();
  absl::StatusOr<std::string> metrics = ReadFileToString(absl::StrCat(folder, "/metrics.jsonl"));
  if (!metrics.ok()) return metrics.status();
  absl::StatusOr<ir::Graph> graph = Fix(run.supernet, run.architecture);
  if (!graph.ok()) return graph.status();
  const Cost cost = CostOf(*graph, {"logits"});
  const std::string network = run.folder.substr(run.folder.find_last_of('/') + 1);
  const bool searched = run.record.command == "search";

  const std::pair<const char*, std::string> rows[] = {
      {"space", absl::StrCat(search.space.name, " ", search.space.version)},
      {"scale", run.supernet.scale},
      {"identity", IdentityOf(run.architecture, run.supernet).ToString()},
      {"weights", Grouped(absl::StrCat(cost.weights))},
      {"multiply-accumulates", Grouped(absl::StrCat(cost.macs))},
      {"input", InputInWords(run, run.task.preparation())},
      {"test result", TestResult(*metrics, network)},
      {"data", absl::StrCat(search.dataset, ": ", Settings(*config, "data_settings"))},
      {"training",
       absl::StrCat(Settings(*config, "final_settings"), "; ", Settings(*config, "final_budget"))},
      {"made by", absl::StrCat("`nasc ", run.record.command, "` of the search `", search.name,
                               "`, network `", network, "`")},
      {"search", searched
                     ? absl::StrCat(search.strategy, ": ", Settings(*config, "strategy_settings"),
                                    "; ", Settings(*config, "budget"))
                     : "none: the architecture was given"},
      {"seed", absl::StrCat(run.record.seed)},
      {"computed with", absl::StrCat(run.record.threads, " threads, ", run.record.isa, ", ",
                                     run.record.device, ", ", run.record.precision)},
  };
  std::string card = absl::StrCat("# A network of ", search.space.name, "\n\n");
  if (!search.space.doc.empty()) absl::StrAppend(&card, search.space.doc, "\n\n");
  absl::StrAppend(&card, "| | |\n| --- | --- |\n");
  for (const auto& [what, value] : rows) absl::StrAppend(&card, "| ", what, " | ", value, " |\n");
  absl::StrAppend(&card, "\n## Architecture\n\n```text\n", Print(run.architecture, run.supernet),
                  "```\n");
  return card;
}

}  // namespace nasc
