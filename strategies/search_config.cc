#include "strategies/search_config.h"

#include "absl/algorithm/container.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dsl/check.h"
#include "runtime/data/dataset.h"
#include "runtime/training_options.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/latency_options.h"
#include "strategies/final_options.h"
#include "strategies/registry.h"
#include "strategies/schedule/scheduler.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kSearchPart, "search-part", kError);
NASC_DIAGNOSTIC(kUnknownPart, "unknown-part", kError);
NASC_DIAGNOSTIC(kBudget, "budget", kError);
NASC_DIAGNOSTIC(kObjective, "objective", kError);
NASC_DIAGNOSTIC(kRequire, "search-require", kError);

class SearchReader {
 public:
  SearchReader(const ast::SearchDecl& search, const Module& module, Diagnostics& diagnostics)
      : search_(search), module_(module), diagnostics_(diagnostics) {}

  SearchConfig Read() {
    config_.name = search_.name.text;
    ReadSpace();
    ReadStrategy();
    ReadEvaluator();
    ReadScheduler();
    ReadFidelityLines();
    ReadData();
    ReadTraining();
    ReadBudget();
    ReadObjectives();
    ReadFinal();
    ReadRequire();
    ReadBaselineAndSeed();
    return config_;
  }

 private:
  void Missing(absl::string_view part, absl::string_view example) {
    diagnostics_
        .Report(kSearchPart, search_.name.location,
                absl::StrCat("search '", search_.name.text, "' has no `", part, "`"))
        .fix = absl::StrCat("add a line such as `", example, "`");
  }

  void Unknown(absl::string_view what, const ast::Identifier& name,
               const std::vector<std::string>& known) {
    Diagnostic& diagnostic = diagnostics_.Report(
        kUnknownPart, name.location, absl::StrCat("unknown ", what, " '", name.text, "'"));
    diagnostic.fix = DidYouMean(name.text, known);
    if (diagnostic.fix.empty())
      diagnostic.fix = absl::StrCat("one of ", absl::StrJoin(known, ", "));
  }

  void ReadSpace() {
    if (!search_.space.has_value()) return Missing("space", "space darts at search");
    const Module* module = module_.FindSpace(search_.space->text);
    const std::optional<Space> space = module != nullptr ? SpaceOf(*module) : std::nullopt;
    if (!space.has_value()) return Unknown("space", *search_.space, module_.SpaceNames());
    config_.space = *space;
    config_.scale = CheckScale(search_.scale, search_.space->location);
  }

  std::string CheckScale(const std::optional<ast::Identifier>& scale, const Location& fallback) {
    if (config_.space.module == nullptr) return "";  // an unknown space has been reported
    const std::string name = scale.has_value() ? scale->text : "";
    absl::StatusOr<const ast::ScaleDecl*> found = FindScale(config_.space, name);
    if (found.ok()) return (*found)->name.text;
    diagnostics_.Report(kUnknownPart, scale.has_value() ? scale->location : fallback,
                        std::string(found.status().message()));
    return "";
  }

  void ReadData() {
    if (!search_.data.has_value()) {
      // Tables of benchmarks need none; what is trained does.
      if (NeedsData()) Missing("data", "data fashion_mnist { pad = 2 }");
      return;
    }
    config_.dataset = search_.data->name.text;
    const absl::StatusOr<DatasetInfo> info = FindDataset(config_.dataset);
    if (!info.ok()) {
      std::vector<std::string> known;
      for (const DatasetInfo& other : KnownDatasets()) known.push_back(other.name);
      return Unknown("data set", search_.data->name, known);
    }
    config_.data = ReadOptions(absl::StrCat("data ", config_.dataset), info->options,
                               search_.data->config, diagnostics_);
  }

  void ReadStrategy() {
    if (!search_.strategy.has_value()) return Missing("strategy", "strategy darts");
    config_.strategy = search_.strategy->name.text;
    const StrategyInfo* info = FindStrategy(config_.strategy);
    if (info == nullptr) {
      std::vector<std::string> known;
      for (const StrategyInfo* other : KnownStrategies()) known.push_back(other->name);
      return Unknown("strategy", search_.strategy->name, known);
    }
    config_.strategy_options = ReadOptions(absl::StrCat("strategy ", config_.strategy),
                                           info->options, search_.strategy->config, diagnostics_);
  }

  bool NeedsData() const {
    if (evaluator_unknown_ && !search_.final_location.has_value()) return false;
    const EvaluatorInfo* evaluator = FindEvaluator(config_.evaluator);
    return evaluator == nullptr || evaluator->takes_data || search_.final_location.has_value();
  }

  bool TriesArchitectures() const {
    const StrategyInfo* info = FindStrategy(config_.strategy);
    return info != nullptr && info->make_trial != nullptr;
  }

  // A part that only strategies with trials can use.
  bool IsForTrials(absl::string_view part, const ast::Identifier& name) {
    const StrategyInfo* info = FindStrategy(config_.strategy);
    if (info == nullptr) return false;  // has been reported
    if (info->make_trial != nullptr) return true;
    diagnostics_.Report(kSearchPart, name.location,
                        absl::StrCat("strategy ", config_.strategy,
                                     " trains one supernet: it has no use for `", part, "`"));
    return false;
  }

  void ReadEvaluator() {
    if (!search_.evaluate.has_value()) {
      if (!TriesArchitectures()) return;
      config_.evaluator = "train";
      const EvaluatorInfo* info = FindEvaluator(config_.evaluator);
      if (info == nullptr) return Missing("evaluate", "evaluate table { path = \"table.tsv\" }");
      config_.evaluator_options =
          ReadOptions("evaluate train", EvaluateOptionSpecs(*info), {}, diagnostics_);
      return;
    }
    const ast::Identifier& name = search_.evaluate->name;
    if (!IsForTrials("evaluate", name)) return;
    const EvaluatorInfo* info = FindEvaluator(name.text);
    if (info == nullptr) {
      std::vector<std::string> known;
      for (const EvaluatorInfo* other : KnownEvaluators()) known.push_back(other->name);
      evaluator_unknown_ = true;
      return Unknown("evaluator", name, known);
    }
    config_.evaluator = name.text;
    config_.evaluator_options =
        ReadOptions(absl::StrCat("evaluate ", name.text), EvaluateOptionSpecs(*info),
                    search_.evaluate->config, diagnostics_);
  }

  void ReadScheduler() {
    if (!search_.schedule.has_value()) return;
    const ast::Identifier& name = search_.schedule->name;
    if (!IsForTrials("schedule", name)) return;
    const SchedulerInfo* info = FindScheduler(name.text);
    if (info == nullptr) {
      std::vector<std::string> known;
      for (const SchedulerInfo* other : KnownSchedulers()) known.push_back(other->name);
      return Unknown("scheduler", name, known);
    }
    config_.scheduler = name.text;
    config_.scheduler_options = ReadOptions(absl::StrCat("schedule ", name.text), info->options,
                                            search_.schedule->config, diagnostics_);
  }

  void ReadFidelityLines() {
    if (search_.fidelities.empty() || config_.space.module == nullptr) return;
    const Location& place = search_.fidelities.front().location;
    if (!IsForTrials("fidelity", {"fidelity", place})) return;
    const EvaluatorInfo* evaluator = FindEvaluator(config_.evaluator);
    if (evaluator != nullptr && !evaluator->takes_fidelities) {
      diagnostics_.Report(kSearchPart, place,
                          absl::StrCat("evaluate ", config_.evaluator,
                                       " knows no cheaper training: it has no use for `fidelity`"));
      return;
    }
    config_.fidelities = ReadFidelities(search_.fidelities, config_.space, diagnostics_);
    if (!search_.schedule.has_value()) return;
    for (const ast::Assign& setting : search_.schedule->config) {
      if (setting.name.text != "least") continue;
      diagnostics_
          .Report(kSearchPart, setting.name.location,
                  "the rungs are the declared fidelities: there is no use for `least`")
          .fix = "leave it out, or the `fidelity` lines";
    }
  }

  void ReadTraining() {
    const std::vector<ast::Assign> none;
    if (search_.train.has_value() && search_.train->name.text != "sgd") {
      return Unknown("way to train", search_.train->name, {"sgd"});
    }
    config_.train =
        ReadOptions("train sgd", SgdOptionSpecs(),
                    search_.train.has_value() ? search_.train->config : none, diagnostics_);
  }

  void ReadBudget() {
    const StrategyInfo* info = FindStrategy(config_.strategy);
    const bool trials = TriesArchitectures();
    const EvaluatorInfo* evaluator = FindEvaluator(config_.evaluator);
    const bool takes_steps = evaluator == nullptr || evaluator->takes_steps;
    if (search_.budget.empty()) {
      return Missing("budget", !trials       ? "budget epochs 50"
                               : takes_steps ? "budget trials 10 epochs 1"
                                             : "budget trials 300");
    }
    for (const ast::Amount& amount : search_.budget) {
      int64_t* slot = amount.unit.text == "epochs"   ? &config_.budget.epochs
                      : amount.unit.text == "steps"  ? &config_.budget.steps
                      : amount.unit.text == "trials" ? &config_.budget.trials
                                                     : nullptr;
      if (slot == nullptr) {
        Unknown("unit of a budget", amount.unit, {"epochs", "steps", "trials"});
        return;
      }
      const ast::Expr& value = amount.value;
      if (value.kind != ast::Expr::Kind::kNumber || !value.number.is_whole() ||
          value.number.numerator() < 1) {
        diagnostics_.Report(kBudget, value.location, "a budget is a whole number of at least 1");
        return;
      }
      *slot = value.number.numerator();
    }
    const ast::Identifier& first = search_.budget.front().unit;
    if (info == nullptr || evaluator_unknown_) return;
    const Budget& budget = config_.budget;
    if (trials && budget.trials == 0) {
      diagnostics_.Report(kBudget, first.location,
                          absl::StrCat("strategy ", config_.strategy, " needs `trials`",
                                       takes_steps ? ", each of the epochs or steps given" : ""));
    } else if (!trials && budget.trials > 0) {
      diagnostics_.Report(
          kBudget, first.location,
          absl::StrCat("strategy ", config_.strategy,
                       " trains one supernet: it takes epochs or steps, no trials"));
    } else if (!takes_steps) {
      if (budget.epochs + budget.steps == 0) return;
      diagnostics_.Report(kBudget, first.location,
                          absl::StrCat("evaluate ", config_.evaluator,
                                       " trains nothing: it takes trials, no epochs or steps"));
    } else if ((budget.epochs > 0) == (budget.steps > 0)) {
      diagnostics_.Report(kBudget, first.location, "a budget gives either epochs or steps");
    }
  }

  void ReadObjectives() {
    const StrategyInfo* info = FindStrategy(config_.strategy);
    for (const ast::Objective& said : search_.objectives) {
      Location place;
      absl::StatusOr<Objective> objective =
          Objective::Read(said.value, said.direction.text == "maximize", &place);
      if (!objective.ok()) {
        diagnostics_.Report(kObjective, place, std::string(objective.status().message()));
        return;
      }
      config_.objectives.push_back(*std::move(objective));
      if (info == nullptr) continue;
      if (info->make_one_shot != nullptr && !info->scores &&
          config_.objectives[0].text() != "maximize accuracy") {
        diagnostics_
            .Report(kObjective, said.value.location,
                    absl::StrCat("strategy ", config_.strategy,
                                 " follows the gradient of the loss: it maximizes accuracy"))
            .fix = "objective maximize accuracy";
      } else if (config_.objectives.size() == 2 && !info->several_objectives) {
        std::vector<std::string> able;
        for (const StrategyInfo* other : KnownStrategies()) {
          if (other->several_objectives) able.push_back(other->name);
        }
        diagnostics_
            .Report(kObjective, said.value.location,
                    absl::StrCat("strategy ", config_.strategy, " has one objective"))
            .fix = absl::StrCat(
            "one expression of all that counts, or a strategy that takes "
            "several objectives: ",
            absl::StrJoin(able, ", "));
      }
    }
    config_.latency = ReadOptions("latency", LatencyOptionSpecs(), search_.latency, diagnostics_);
  }

  void ReadFinal() {
    if (!search_.final_location.has_value()) return;
    config_.final_scale =
        CheckScale(search_.final_scale.has_value() ? search_.final_scale : search_.scale,
                   *search_.final_location);
    config_.final_options =
        ReadFinalOptions(search_.final_config, config_.train, config_.data, diagnostics_);
    config_.inherit = config_.final_options.Text("inherit");
    config_.final_budget.epochs = config_.final_options.Whole("epochs");
    config_.final_budget.steps = config_.final_options.Whole("steps");
    const bool epochs = config_.final_budget.epochs > 0;
    const bool steps = config_.final_budget.steps > 0;
    const EvaluatorInfo* evaluator = FindEvaluator(config_.evaluator);
    if (evaluator != nullptr && evaluator->gives_weights) {
      if (!epochs && !steps) return;
      diagnostics_.Report(kBudget, *search_.final_location,
                          absl::StrCat("evaluate ", config_.evaluator,
                                       " knows the weights: `final` takes no epochs or steps"));
    } else if (epochs == steps) {
      diagnostics_.Report(kBudget, *search_.final_location, "`final` gives either epochs or steps");
    }
  }

  void ReadRequire() {
    if (!search_.require.has_value()) return;
    const ast::Expr& require = *search_.require;
    if (require.kind == ast::Expr::Kind::kBinary && require.text == "<=") {
      const ast::Expr& left = require.operands[0];
      const ast::Expr& right = require.operands[1];
      const bool is_bytes = right.kind == ast::Expr::Kind::kNumber && right.number.is_whole() &&
                            right.number.numerator() > 0;
      if (left.kind == ast::Expr::Kind::kName && left.text == "memory" && is_bytes) {
        config_.memory = right.number.numerator();
        return;
      }
    }
    diagnostics_
        .Report(
            kRequire, require.location,
            "inside a search, `require` bounds the bytes of a training step: `memory <= NUMBER`")
        .fix = "require memory <= 2e9; bounds on architectures stand outside of the search";
  }

  void ReadBaselineAndSeed() {
    if (search_.baseline.has_value()) {
      const std::string& name = search_.baseline->name.text;
      if (name != "random" && name != "off") {
        Unknown("baseline", search_.baseline->name, {"random", "off"});
      }
      config_.random_baseline = name == "random";
    }
    if (!search_.seed.has_value()) return;
    const ast::Expr& seed = *search_.seed;
    if (seed.kind != ast::Expr::Kind::kNumber || !seed.number.is_whole()) {
      diagnostics_.Report(kBudget, seed.location, "a seed is a whole number");
      return;
    }
    config_.seed = static_cast<uint64_t>(seed.number.numerator());
  }

  const ast::SearchDecl& search_;
  const Module& module_;
  Diagnostics& diagnostics_;
  SearchConfig config_;
  bool evaluator_unknown_ = false;  // which has been reported; what it needs nobody knows
};

}  // namespace

std::vector<OptionSpec> EvaluateOptionSpecs(const EvaluatorInfo& evaluator) {
  std::vector<OptionSpec> specs = evaluator.options;
  specs.push_back({"skip_duplicates", OptionSpec::Kind::kTruth, 1, 0, 1, "",
                   "whether what computes the same as an earlier architecture is not evaluated"});
  return specs;
}

std::optional<SearchConfig> ReadSearch(const ast::SearchDecl& search, const Module& module,
                                       Diagnostics& diagnostics) {
  const int errors_before = diagnostics.errors();
  SearchConfig config = SearchReader(search, module, diagnostics).Read();
  if (diagnostics.errors() > errors_before) return std::nullopt;
  return config;
}

std::vector<std::string> SearchNames(const Module& module) {
  std::vector<std::string> names;
  for (const ast::SearchDecl& search : module.file.searches) names.push_back(search.name.text);
  return names;
}

absl::StatusOr<const ast::SearchDecl*> FindSearch(const Module& module, const std::string& name) {
  for (const ast::SearchDecl& search : module.file.searches) {
    if (search.name.text == name) return &search;
  }
  const std::vector<std::string> names = SearchNames(module);
  const std::string& path = module.file.source->path();
  if (names.empty()) {
    return absl::NotFoundError(absl::StrCat(path, " declares no search"));
  }
  if (name.empty() && names.size() == 1) return &module.file.searches.front();
  if (name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " declares several searches, name one: ", absl::StrJoin(names, ", ")));
  }
  const std::string near = DidYouMean(name, names);
  return absl::NotFoundError(
      absl::StrCat(path, " declares no search '", name, "'; ",
                   near.empty() ? "it declares " + absl::StrJoin(names, ", ") : near));
}

}  // namespace nasc
