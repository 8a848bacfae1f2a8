#include "strategies/trial_study.h"

#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compiler/identity.h"
#include "glog/logging.h"
#include "runtime/random/random.h"
#include "runtime/run/interrupt.h"
#include "strategies/architecture_file.h"
#include "strategies/evaluate/measures.h"
#include "strategies/fidelity_levels.h"
#include "strategies/inherit/weight_store.h"
#include "strategies/migrate/stored_weights.h"
#include "strategies/migrate/trials.h"
#include "strategies/registry.h"
#include "strategies/schedule/scheduler.h"
#include "strategies/trial_search.h"

namespace nasc {
namespace {

constexpr char kSearch[] = "search";
constexpr char kRandom[] = "random";

std::string SettingsText(const std::string& name, const Options& options) {
  std::string text = name;
  for (const auto& [option, value] : options.Print()) {
    absl::StrAppend(&text, text.empty() ? "" : " ", option, " = ", value);
  }
  return text;
}

// What recorded trials must agree in with the search that goes on with them, of how they were
// measured.
TrialStore::Facts MeasuredBy(const SearchConfig& config) {
  std::vector<std::string> objectives;
  for (const Objective& objective : config.objectives) objectives.push_back(objective.text());
  if (objectives.empty()) objectives.push_back("maximize the first measure");
  std::vector<std::string> fidelities;
  for (const Fidelity& fidelity : config.fidelities) {
    fidelities.push_back(absl::StrCat(fidelity.part, ": ", Print(fidelity)));
  }
  return {{"scale", config.scale},
          {"fidelities", absl::StrJoin(fidelities, "; ")},
          {"evaluator", SettingsText(config.evaluator, config.evaluator_options)},
          {"objectives", absl::StrJoin(objectives, "; ")}};
}

// And of the search.
TrialStore::Facts FactsOf(const SearchConfig& config, const ir::Graph& supernet) {
  TrialStore::Facts facts = {
      {"space", absl::StrCat(supernet.space, " ", supernet.version)},
      {"space identity", IdentityOf(supernet).ToString()},
      {"strategy", SettingsText(config.strategy, config.strategy_options)},
      {"scheduler", SettingsText(config.scheduler, config.scheduler_options)},
      {"seed", absl::StrCat(config.seed)}};
  facts.merge(MeasuredBy(config));
  return facts;
}

// What evaluations are called.
const char* TrialLabel(const std::string& label) {
  return label == kRandom ? "random trial" : "trial";
}

// Where the record says with how many trials of an earlier version of the space a search began.
std::string CarriedFact(const std::string& label) { return absl::StrCat("carried ", label); }

}  // namespace

absl::StatusOr<TrialStudy> TrialStudy::Prepare(const SearchConfig& config,
                                               const ir::Graph& supernet, const Task* task) {
  TrialStudy study(config, supernet);
  int64_t steps = 0;
  if (task != nullptr) {
    steps = config.budget.StepsFor(task->size(Task::Part::kSearch) / config.train.Whole("batch"));
    if (!config.fidelities.empty()) {
      absl::StatusOr<FidelityLevels> levels = MakeFidelityLevels(config, *task, steps);
      if (!levels.ok()) return levels.status();
      study.levels_ = std::make_unique<FidelityLevels>(*std::move(levels));
    }
  }
  absl::StatusOr<std::unique_ptr<Evaluator>> evaluator =
      FindEvaluator(config.evaluator)
          ->make({supernet, task, config.train, steps, config.seed, config.memory,
                  study.levels_.get()},
                 config.evaluator_options);
  if (!evaluator.ok()) return evaluator.status();
  study.objectives_ = config.objectives;
  if (study.objectives_.empty()) {
    study.objectives_.push_back(Objective::Maximize((*evaluator)->measures().front()));
  }
  std::vector<std::string> measures = (*evaluator)->measures();
  std::vector<std::string> asked;
  for (const Objective& objective : study.objectives_) {
    for (const std::string& name : objective.Names()) {
      const bool known =
          absl::c_linear_search(measures, name) || !absl::c_linear_search(KnownMeasures(), name);
      if (!known && !absl::c_linear_search(asked, name)) asked.push_back(name);
    }
  }
  study.evaluators_.push_back(*std::move(evaluator));
  absl::StatusOr<std::vector<std::unique_ptr<Evaluator>>> others =
      MakeMeasures(asked, {supernet, config.latency, config.seed});
  if (!others.ok()) return others.status();
  for (std::unique_ptr<Evaluator>& other : *others) {
    measures.insert(measures.end(), other->measures().begin(), other->measures().end());
    study.evaluators_.push_back(std::move(other));
  }
  for (Objective& objective : study.objectives_) {
    // So that a name that nobody knows is found before anything runs; those that an objective may
    // ask for besides are told as well.
    std::vector<std::string> possible = measures;
    for (const std::string& name : KnownMeasures()) {
      if (!absl::c_linear_search(possible, name)) possible.push_back(name);
    }
    absl::StatusOr<Objective> bound = objective.Bind(possible);
    if (!bound.ok()) return bound.status();
    bound = objective.Bind(measures);
    if (!bound.ok()) return bound.status();
    objective = *std::move(bound);
  }
  return study;
}

absl::StatusOr<std::unique_ptr<TrialStudy::Running>> TrialStudy::Begin(const std::string& strategy,
                                                                       int64_t trials,
                                                                       uint64_t seed,
                                                                       const char* label) {
  auto running = std::make_unique<Running>();
  const bool declared = strategy == config_->strategy;
  absl::StatusOr<std::unique_ptr<TrialStrategy>> made = FindStrategy(strategy)->make_trial(
      {*space_, *supernet_, trials, static_cast<int>(objectives_.size()), seed},
      declared ? config_->strategy_options : Options());
  if (!made.ok()) return made.status();
  running->strategy = *std::move(made);
  if (declared && !config_->scheduler.empty()) {
    SchedulerContext context;
    context.trials = trials;
    for (const Fidelity& fidelity : config_->fidelities) {
      context.fidelities.push_back(fidelity.part);
    }
    running->scheduler =
        FindScheduler(config_->scheduler)->make(context, config_->scheduler_options);
  }
  std::vector<Evaluator*> evaluators;
  for (const auto& evaluator : evaluators_) evaluators.push_back(evaluator.get());
  const bool skip = config_->evaluator_options.Truth("skip_duplicates");
  absl::StatusOr<TrialSearch> search = TrialSearch::Create(
      {*space_, *running->strategy, running->scheduler.get(), static_cast<double>(trials),
       evaluators, objectives_, skip ? classes_.get() : nullptr, label});
  if (!search.ok()) return search.status();
  running->search = std::make_unique<TrialSearch>(*std::move(search));
  return running;
}

absl::Status TrialStudy::Open(const RunContext& run, bool resume, bool ended) {
  std::vector<std::string> measures;
  for (const auto& evaluator : evaluators_) {
    measures.insert(measures.end(), evaluator->measures().begin(), evaluator->measures().end());
  }
  const auto make = resume ? TrialStore::Open : TrialStore::Create;
  absl::StatusOr<TrialStore> store =
      make(run.folder.File(kTrialsFile), FactsOf(*config_, *supernet_), measures,
           static_cast<int>(objectives_.size()));
  if (!store.ok()) return store.status();
  store_ = std::make_unique<TrialStore>(*std::move(store));
  if (!resume || ended) return absl::OkStatus();
  // What was written after the last trial that ended will be written again.
  const absl::StatusOr<std::optional<int64_t>> bytes = store_->MetricsBytes();
  if (!bytes.ok()) return bytes.status();
  return run.metrics.Truncate(bytes->value_or(0));
}

absl::Status TrialStudy::CheckMeasuredAlike(const SearchConfig& other) const {
  // A record does not hold these, as it lies beside the configuration.
  const auto all = [](const SearchConfig& config) {
    TrialStore::Facts facts = MeasuredBy(config);
    const EvaluatorInfo& evaluator = *FindEvaluator(config.evaluator);
    if (evaluator.takes_data) facts["data"] = SettingsText(config.dataset, config.data);
    if (evaluator.takes_steps) {
      facts["training"] = SettingsText("", config.train);
      facts["budget of a trial"] = config.budget.steps > 0
                                       ? absl::StrCat(config.budget.steps, " steps")
                                       : absl::StrCat(config.budget.epochs, " epochs");
    }
    facts["latency"] = SettingsText("", config.latency);
    return facts;
  };
  TrialStore::Facts theirs = all(other);
  for (const auto& [what, ours] : all(*config_)) {
    if (ours == theirs[what]) continue;
    return absl::FailedPreconditionError(absl::StrCat("the trials were measured otherwise: the ",
                                                      what, " was '", theirs[what], "' and is '",
                                                      ours, "'"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Carried> TrialStudy::CarryFrom(const std::string& from,
                                              const Translation& translation,
                                              const RunContext& run) {
  absl::StatusOr<TrialStore> before = TrialStore::OpenToRead(absl::StrCat(from, "/", kTrialsFile));
  if (!before.ok()) return before.status();
  TrialStore::Facts facts = FactsOf(*config_, *supernet_);
  // In the memory first: how many there are is a fact of the record.
  Carried carried;
  std::vector<std::pair<const char*, CarriedTrials>> all;
  for (const char* label : {kSearch, kRandom}) {
    absl::StatusOr<CarriedTrials> trials =
        CarryTrials(label, translation, *before, run.metrics.length(), carried);
    if (!trials.ok()) return trials.status();
    facts[CarriedFact(label)] = absl::StrCat(trials->records.size());
    const std::string weights = WeightStoreFolder(TrialLabel(label));
    const absl::Status status =
        CarryStoredWeights(absl::StrCat(from, "/", weights), translation, trials->numbers,
                           run.folder.File(weights), carried);
    if (!status.ok()) return status;
    all.emplace_back(label, *std::move(trials));
  }
  absl::StatusOr<TrialStore> store = TrialStore::Create(run.folder.File(kTrialsFile), facts,
                                                        before->measures(), before->objectives());
  if (!store.ok()) return store.status();
  for (const auto& [label, trials] : all) {
    for (const TrialStore::Record& record : trials.records) {
      const absl::Status status = store->Add(label, record.trial, record.metrics_bytes,
                                             [&, &text = record.text] { return text; });
      if (!status.ok()) return status;
    }
  }
  const absl::Status status = store->Flush();
  if (!status.ok()) return status;
  return carried;
}

absl::StatusOr<TrialOutcome> TrialStudy::Run(const std::string& label, const RunContext& run) {
  const bool random = label == kRandom;
  absl::StatusOr<std::unique_ptr<Running>> running =
      Begin(random ? kRandom : config_->strategy, config_->budget.trials,
            random ? HashSeed(config_->seed, "baseline") : config_->seed, TrialLabel(label));
  if (!running.ok()) return running.status();
  TrialSearch& search = *(*running)->search;

  int64_t carried = 0;  // from an earlier version of the space
  const auto fact = store_->facts().find(CarriedFact(label));
  if (fact != store_->facts().end() && !absl::SimpleAtoi(fact->second, &carried)) {
    return absl::DataLossError("the record of trials does not say how many it began with");
  }
  absl::Status status = store_->ForEach(label, [&](const TrialStore::Record& record) {
    return record.trial.number <= carried ? search.Adopt(record.trial)
                                          : search.Replay(record.trial);
  });
  if (!status.ok()) return status;
  if (search.trials() > 0) LOG(INFO) << label << " goes on after trial " << search.trials();
  // Evaluators that train show each training; what takes no time shows the trials.
  const bool shows = !FindEvaluator(config_->evaluator)->takes_steps;
  if (shows) run.progress.Begin(label, config_->budget.trials);
  // Whenever it changes, so that a stop leaves something to look at.
  int64_t kept = 0;
  const auto keep_best = [&] {
    if (random || search.front().empty()) return absl::OkStatus();
    const Trial& first = search.front().front();
    if (first.number == kept) return absl::OkStatus();
    kept = first.number;
    return run.folder.WriteText(kArchitectureFile,
                                Print(space_->Decode(first.architecture), *supernet_));
  };
  status = keep_best();
  if (!status.ok()) return status;
  std::string best;
  while (true) {
    if (Interrupted()) {
      status = store_->Flush();
      if (!status.ok()) return status;
      return absl::CancelledError(absl::StrCat("stopped after ", search.trials(), " trials of ",
                                               label == kSearch ? "the search" : "random search",
                                               "; all are recorded"));
    }
    absl::StatusOr<bool> more = search.Step(&run);
    if (!more.ok()) {
      status = store_->Flush();
      return status.ok() ? more.status() : status;
    }
    if (!*more) break;
    const Trial& trial = search.last();
    status = store_->Add(label, trial, run.metrics.length(),
                         [&] { return Print(space_->Decode(trial.architecture), *supernet_); });
    if (!status.ok()) return status;
    const std::vector<Trial>& front = search.front();
    const bool improved = !front.empty() && front.back().number == trial.number;
    if (improved) {
      const double objective = objectives_[0].AsWritten(front.back().objectives[0]);
      best = absl::StrFormat("best %.6g", objective);
    }
    status = keep_best();
    if (!status.ok()) return status;
    if (shows) run.progress.Update(static_cast<int64_t>(search.spent()), best);
  }
  if (shows) run.progress.End(best);
  status = store_->Flush();
  if (!status.ok()) return status;
  LOG(INFO) << label << ": " << search.trials() << " trials, " << search.evaluated()
            << " evaluated, " << best;
  return OutcomeOf(search);
}

absl::StatusOr<TrialOutcome> TrialStudy::OutcomeOf(const TrialSearch& search) {
  TrialOutcome outcome;
  outcome.measures = search.measures();
  outcome.trials = search.trials();
  outcome.evaluated = search.evaluated();
  for (const Trial& trial : search.front()) {
    TrialOutcome::Best best;
    best.trial = trial.number;
    best.architecture = space_->Decode(trial.architecture);
    best.values = trial.values;
    for (size_t i = 0; i < objectives_.size(); ++i) {
      best.objectives.push_back(objectives_[i].AsWritten(trial.objectives[i]));
    }
    outcome.front.push_back(std::move(best));
  }
  if (outcome.front.empty()) {
    return absl::OutOfRangeError("the training of every architecture diverged");
  }
  absl::StatusOr<std::vector<std::pair<std::string, double>>> report =
      evaluator().Report(outcome.front.front().architecture);
  if (!report.ok()) return report.status();
  outcome.report = *std::move(report);
  return outcome;
}

}  // namespace nasc
