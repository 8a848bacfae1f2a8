#include "strategies/study.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/lower.h"
#include "glog/logging.h"
#include "runtime/checkpoint.h"
#include "runtime/random/random.h"
#include "runtime/run/interrupt.h"

namespace nasc {

absl::StatusOr<ir::Graph> LowerFor(const Space& space, const std::string& scale, const Task& task) {
  const InputSpec input = task.input();
  const bool table = input.features > 0;
  if (table != (space.network->input->kind.text == "features")) {
    return absl::InvalidArgumentError(
        absl::StrCat("space ", space.name,
                     table ? " takes images; the data are rows of features"
                           : " takes features; the data are images"));
  }
  return LowerAt(space, {scale, input});
}

absl::StatusOr<Study> Study::Prepare(SearchConfig config) {
  absl::StatusOr<Task> task = Task::Load(config.dataset, config.data, config.seed);
  if (!task.ok()) return task.status();
  absl::StatusOr<ir::Graph> supernet = LowerFor(config.space, config.scale, *task);
  if (!supernet.ok()) return supernet.status();
  Study study(std::move(config), *std::move(task), *std::move(supernet));
  const SearchConfig& c = study.config_;

  const auto fits = [&](Task::Part part, const Options& sgd) {
    return study.task_.Training(part, static_cast<int>(sgd.Whole("batch")), 0, 0).status();
  };
  absl::Status status = fits(Task::Part::kSearch, c.train);
  if (status.ok()) status = study.task_.Evaluation(Task::Part::kValidation, 1).status();
  if (status.ok() && FindStrategy(c.strategy)->make_one_shot != nullptr) {
    status = fits(Task::Part::kValidation, c.train);
  }
  if (status.ok() && !c.final_scale.empty()) {
    absl::StatusOr<ir::Graph> final_supernet = LowerFor(c.space, c.final_scale, study.task_);
    if (!final_supernet.ok()) return final_supernet.status();
    study.final_supernet_ = *std::move(final_supernet);
    status = fits(Task::Part::kTrain, c.final_options);
  }
  if (!status.ok()) return status;
  return study;
}

absl::StatusOr<Architecture> Study::SearchOneShot(OneShotStrategy& strategy, ParameterStore& store,
                                                  const RunContext& run) {
  const auto batch = static_cast<int>(config_.train.Whole("batch"));
  absl::StatusOr<Loader> training =
      task_.Training(Task::Part::kSearch, batch, 0, HashSeed(config_.seed, "search"));
  if (!training.ok()) return training.status();
  absl::StatusOr<Loader> validation =
      task_.Training(Task::Part::kValidation, batch, 0, HashSeed(config_.seed, "decisions"));
  if (!validation.ok()) return validation.status();
  const int64_t steps = config_.budget.StepsFor(training->batches());
  LOG(INFO) << "searching with " << config_.strategy << ": " << steps << " steps of " << batch
            << " images";
  run.progress.Begin("search", steps);
  int64_t done = 0;
  for (; done < steps && !Interrupted(); ++done) {
    const double progress = static_cast<double>(done) / static_cast<double>(steps);
    const Batch train_batch = NextBatch(*training, store.dtype());
    const Batch validation_batch = NextBatch(*validation, store.dtype());
    absl::StatusOr<Score> score = strategy.Step(train_batch, validation_batch, progress);
    if (!score.ok()) return score.status();
    run.progress.Update(done + 1, ScoreText(*score));
    const absl::Status logged = run.metrics.Append({{"phase", "search"},
                                                    {"step", done + 1},
                                                    {"loss", score->loss},
                                                    {score->measure(), score->quality}});
    if (!logged.ok()) return logged;
  }
  run.progress.End("");
  absl::StatusOr<Architecture> found = strategy.Derive();
  if (done == steps) found = strategy.Choose();
  if (!found.ok()) return found.status();
  absl::Status saved = run.folder.WriteText(kArchitectureFile, Print(*found, supernet_));
  if (saved.ok()) saved = SaveTensors(run.folder.File("supernet.pt"), store.tensors());
  if (saved.ok()) saved = SaveTensors(run.folder.File("decisions.pt"), strategy.State());
  if (!saved.ok()) return saved;
  if (done < steps) {
    return absl::CancelledError(absl::StrCat("stopped after ", done, " of ", steps,
                                             " steps of the search; the architecture so far is in ",
                                             run.folder.File(kArchitectureFile)));
  }
  return found;
}

absl::StatusOr<Architecture> Study::SearchTrials(const DecisionSpace& space,
                                                 TrialStrategy& strategy, const RunContext& run) {
  TrainSettings settings;
  settings.sgd = config_.train;
  settings.part = Task::Part::kSearch;
  settings.seed = config_.seed;
  settings.memory = config_.memory;
  const int64_t batches = task_.size(Task::Part::kSearch) / config_.train.Whole("batch");
  settings.steps = config_.budget.StepsFor(batches);
  std::optional<Architecture> best;
  double best_quality = 0;
  for (int64_t trial = 1; trial <= config_.budget.trials; ++trial) {
    const std::optional<ArchitectureCode> proposed = strategy.Propose();
    if (!proposed.has_value()) break;
    const Architecture proposal = space.Decode(*proposed);
    const std::string label = absl::StrCat("trial ", trial);
    const absl::StatusOr<TrainedNetwork> trained = TrainArchitecture(
        {supernet_, proposal, task_, settings, Task::Part::kValidation, label, ""}, &run);
    // One that diverges is a bad architecture, not the end of the search.
    const bool diverged = absl::IsOutOfRange(trained.status());
    if (!trained.ok() && !diverged) return trained.status();
    if (diverged) LOG(INFO) << label << ": " << trained.status().message();
    const double quality =
        diverged ? -std::numeric_limits<double>::infinity() : trained->score.quality;
    strategy.Observe(*proposed, {quality});
    if (diverged) continue;
    if (best.has_value() && quality <= best_quality) continue;
    best = proposal;
    best_quality = quality;
    // Written whenever it changes, so that a stop loses nothing.
    const absl::Status saved = run.folder.WriteText(kArchitectureFile, Print(*best, supernet_));
    if (!saved.ok()) return saved;
  }
  if (!best.has_value()) return NotFinite();  // All of them diverged.
  return *best;
}

absl::StatusOr<Study::Final> Study::TrainFinal(const std::string& label,
                                               const Architecture& architecture,
                                               const RunContext& run) {
  TrainSettings settings;
  settings.sgd = config_.final_options;
  settings.cutout = static_cast<int>(config_.final_options.Whole("cutout"));
  settings.seed = config_.seed;
  settings.memory = config_.memory;
  settings.steps =
      config_.final_budget.StepsFor(task_.size(Task::Part::kTrain) / settings.sgd.Whole("batch"));
  absl::StatusOr<TrainedNetwork> trained = TrainArchitecture(
      {*final_supernet_, architecture, task_, settings, Task::Part::kTest, label, label}, &run);
  if (!trained.ok()) return trained.status();
  return Final{label, architecture, *trained};
}

absl::StatusOr<Study::Summary> Study::Run(const RunContext& run) {
  const StrategyInfo& info = *FindStrategy(config_.strategy);
  absl::StatusOr<Architecture> found;
  if (info.make_one_shot != nullptr) {
    ParameterStore store(at::kFloat, config_.seed);
    const OneShotContext context{supernet_,    store,          config_.train,
                                 config_.seed, config_.memory, &task_};
    absl::StatusOr<std::unique_ptr<OneShotStrategy>> strategy =
        info.make_one_shot(context, config_.strategy_options);
    if (!strategy.ok()) return strategy.status();
    found = SearchOneShot(**strategy, store, run);
  } else {
    const DecisionSpace space(supernet_);
    const std::unique_ptr<TrialStrategy> strategy = info.make_trial(
        {space, supernet_, config_.budget.trials, 1, config_.seed}, config_.strategy_options);
    found = SearchTrials(space, *strategy, run);
  }
  if (!found.ok()) return found.status();
  Summary summary{*found, std::nullopt, std::nullopt};
  if (config_.final_scale.empty()) return summary;
  absl::StatusOr<Final> derived = TrainFinal("derived", *found, run);
  if (!derived.ok()) return derived.status();
  summary.derived = *std::move(derived);
  if (!config_.random_baseline) return summary;
  const DecisionSpace space(supernet_);
  Rng rng(HashSeed(config_.seed, "baseline"));
  absl::StatusOr<Final> random = TrainFinal("random", space.Decode(space.Draw(rng)), run);
  if (!random.ok()) return random.status();
  summary.random = *std::move(random);
  return summary;
}

}  // namespace nasc
