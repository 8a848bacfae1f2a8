#include "cli/run_config.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/json.h"

namespace nasc {
namespace {

JsonFields OptionFields(const Options& options) {
  JsonFields fields;
  for (const auto& [name, value] : options.Print()) fields.push_back({name, value});
  return fields;
}

JsonFields BudgetFields(const Budget& budget) {
  JsonFields fields;
  if (budget.epochs > 0) fields.push_back({"epochs", budget.epochs});
  if (budget.steps > 0) fields.push_back({"steps", budget.steps});
  if (budget.trials > 0) fields.push_back({"trials", budget.trials});
  return fields;
}

absl::StatusOr<Budget> ReadBudget(const JsonObject& json, const char* key) {
  absl::StatusOr<JsonObject> fields = json.Object(key);
  if (!fields.ok()) return fields.status();
  Budget budget;
  const std::pair<const char*, int64_t*> slots[] = {
      {"epochs", &budget.epochs}, {"steps", &budget.steps}, {"trials", &budget.trials}};
  for (const auto& [unit, slot] : slots) {
    if (!fields->Has(unit)) continue;
    absl::StatusOr<int64_t> amount = fields->Integer(unit);
    if (!amount.ok()) return amount.status();
    *slot = *amount;
  }
  return budget;
}

// The widest vector instructions that the processor has, by which LibTorch picks its kernels.
std::string InstructionSet() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return "avx512";
  if (__builtin_cpu_supports("avx2")) return "avx2";
#endif
  return "default";
}

}  // namespace

Hash128 HashOf(const Sources& sources) {
  Hasher hasher;
  for (const std::unique_ptr<Module>& module : sources.modules()) {
    hasher.Add(module->file.source->text());
  }
  return hasher.Take();
}

std::string RunConfigJson(const RunRecord& record, const SearchConfig& config) {
  std::vector<std::string> objectives;
  for (const Objective& objective : config.objectives) objectives.push_back(objective.text());
  std::vector<JsonFields> fidelities;
  for (const Fidelity& fidelity : config.fidelities) {
    fidelities.push_back({{"part", fidelity.part},
                          {"scale", fidelity.scale.empty() ? config.scale : fidelity.scale},
                          {"epochs", fidelity.epochs},
                          {"data", fidelity.data},
                          {"image", fidelity.image}});
  }
  return JsonDocument({{"command", record.command},
                       {"file", record.file},
                       {"search", record.search},
                       {"settings", record.settings},
                       {"sources", record.sources},
                       {"space", absl::StrCat(config.space.name, " ", config.space.version)},
                       {"scale", config.scale},
                       {"network_scale", record.scale},
                       {"seed", record.seed},
                       {"seeds", record.seeds},
                       {"threads", record.threads},
                       {"isa", record.isa},
                       {"device", record.device},
                       {"precision", record.precision},
                       {"instruction_set", InstructionSet()},
                       {"data", config.dataset},
                       {"data_settings", OptionFields(config.data)},
                       {"strategy", config.strategy},
                       {"strategy_settings", OptionFields(config.strategy_options)},
                       {"scheduler", config.scheduler},
                       {"scheduler_settings", OptionFields(config.scheduler_options)},
                       {"fidelities", fidelities},
                       {"evaluator", config.evaluator},
                       {"evaluator_settings", OptionFields(config.evaluator_options)},
                       {"objectives", objectives},
                       {"latency_settings", OptionFields(config.latency)},
                       {"baseline", config.random_baseline ? "random" : "off"},
                       {"memory", config.memory},
                       {"train_settings", OptionFields(config.train)},
                       {"budget", BudgetFields(config.budget)},
                       {"final_settings", OptionFields(config.final_options)},
                       {"final_budget", BudgetFields(config.final_budget)},
                       {"inherit", config.inherit},
                       {"identity", record.identity},
                       {"migrated_from", record.migrated_from}});
}

absl::StatusOr<RunRecord> ReadRunConfig(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFileToString(path);
  if (!text.ok()) return text.status();
  const auto in_file = [&path](const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
  };
  absl::StatusOr<JsonObject> json = ParseJson(*text);
  if (!json.ok()) return in_file(json.status());
  RunRecord record;
  const std::pair<const char*, std::string*> texts[] = {{"command", &record.command},
                                                        {"file", &record.file},
                                                        {"search", &record.search},
                                                        {"network_scale", &record.scale}};
  for (const auto& [key, slot] : texts) {
    absl::StatusOr<std::string> value = json->Text(key);
    if (!value.ok()) return in_file(value.status());
    *slot = *std::move(value);
  }
  // Runs of earlier versions lack some of these: they keep their defaults.
  const std::pair<const char*, std::string*> later[] = {{"isa", &record.isa},
                                                        {"device", &record.device},
                                                        {"precision", &record.precision},
                                                        {"identity", &record.identity},
                                                        {"migrated_from", &record.migrated_from},
                                                        {"sources", &record.sources}};
  for (const auto& [key, slot] : later) {
    if (!json->Has(key)) continue;
    absl::StatusOr<std::string> value = json->Text(key);
    if (!value.ok()) return in_file(value.status());
    *slot = *std::move(value);
  }
  if (json->Has("settings")) {
    absl::StatusOr<std::vector<std::string>> settings = json->Texts("settings");
    if (!settings.ok()) return in_file(settings.status());
    record.settings = *std::move(settings);
  }
  absl::StatusOr<int64_t> seed = json->Integer("seed");
  if (!seed.ok()) return in_file(seed.status());
  record.seed = static_cast<uint64_t>(*seed);
  absl::StatusOr<Budget> budget = ReadBudget(*json, "final_budget");
  if (!budget.ok()) return in_file(budget.status());
  record.final_budget = *budget;
  if (json->Has("seeds")) {
    absl::StatusOr<int64_t> seeds = json->Integer("seeds");
    if (!seeds.ok()) return in_file(seeds.status());
    record.seeds = *seeds;
  }
  absl::StatusOr<int64_t> threads = json->Integer("threads");
  if (!threads.ok()) return in_file(threads.status());
  record.threads = static_cast<int>(*threads);
  return record;
}

}  // namespace nasc
