#include "strategies/study.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/lower.h"
#include "glog/logging.h"
#include "runtime/checkpoint.h"
#include "runtime/random/random.h"
#include "runtime/run/interrupt.h"

namespace nasc {

absl::StatusOr<ir::Graph> LowerFor(const Space& space, const std::string& scale, const Task* task) {
  if (task == nullptr) return LowerAt(space, {scale, std::nullopt});
  const InputSpec input = task->input();
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
  Study study;
  study.config_ = std::make_unique<SearchConfig>(std::move(config));
  const SearchConfig& c = *study.config_;
  if (!c.dataset.empty()) {
    absl::StatusOr<Task> task = Task::Load(c.dataset, c.data, c.seed);
    if (!task.ok()) return task.status();
    study.task_ = std::make_unique<Task>(*std::move(task));
  }
  absl::StatusOr<ir::Graph> supernet = LowerFor(c.space, c.scale, study.task_.get());
  if (!supernet.ok()) return supernet.status();
  study.supernet_ = std::make_unique<ir::Graph>(*std::move(supernet));

  const auto fits = [&](Task::Part part, const Options& sgd) {
    return study.task_->Training(part, static_cast<int>(sgd.Whole("batch")), 0, 0).status();
  };
  if (FindStrategy(c.strategy)->make_one_shot != nullptr) {
    absl::Status status = fits(Task::Part::kSearch, c.train);
    if (status.ok()) status = fits(Task::Part::kValidation, c.train);
    if (!status.ok()) return status;
  } else {
    absl::StatusOr<TrialStudy> trials = TrialStudy::Prepare(c, *study.supernet_, study.task_.get());
    if (!trials.ok()) return trials.status();
    study.trials_ = std::make_unique<TrialStudy>(*std::move(trials));
  }
  if (!c.final_scale.empty()) {
    absl::StatusOr<ir::Graph> final_supernet = LowerFor(c.space, c.final_scale, study.task_.get());
    if (!final_supernet.ok()) return final_supernet.status();
    study.final_supernet_ = std::make_unique<ir::Graph>(*std::move(final_supernet));
    const absl::Status status = fits(Task::Part::kTrain, c.final_options);
    if (!status.ok()) return status;
  }
  return study;
}

absl::StatusOr<Architecture> Study::SearchOneShot(const RunContext& run) {
  ParameterStore store(at::kFloat, config_->seed);
  const OneShotContext context{*supernet_, store, config_->train, config_->seed, config_->memory};
  absl::StatusOr<std::unique_ptr<OneShotStrategy>> made =
      FindStrategy(config_->strategy)->make_one_shot(context, config_->strategy_options);
  if (!made.ok()) return made.status();
  OneShotStrategy& strategy = **made;
  const auto batch = static_cast<int>(config_->train.Whole("batch"));
  absl::StatusOr<Loader> training =
      task_->Training(Task::Part::kSearch, batch, 0, HashSeed(config_->seed, "search"));
  if (!training.ok()) return training.status();
  absl::StatusOr<Loader> validation =
      task_->Training(Task::Part::kValidation, batch, 0, HashSeed(config_->seed, "decisions"));
  if (!validation.ok()) return validation.status();
  const int64_t steps = config_->budget.StepsFor(training->batches());
  LOG(INFO) << "searching with " << config_->strategy << ": " << steps << " steps of " << batch
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
  Architecture found = strategy.Derive();
  absl::Status saved = run.folder.WriteText(kArchitectureFile, Print(found, *supernet_));
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

absl::StatusOr<TrainedNetwork> Study::TrainFinal(const std::string& label,
                                                 const Architecture& architecture,
                                                 const RunContext& run) {
  TrainSettings settings;
  settings.sgd = config_->final_options;
  settings.cutout = static_cast<int>(config_->final_options.Whole("cutout"));
  settings.seed = config_->seed;
  settings.memory = config_->memory;
  settings.steps =
      config_->final_budget.StepsFor(task_->size(Task::Part::kTrain) / settings.sgd.Whole("batch"));
  std::optional<WeightValues> weights;
  if (trials_ != nullptr) {
    absl::StatusOr<std::optional<WeightValues>> known =
        trials_->evaluator().Weights(*final_supernet_, architecture);
    if (!known.ok()) return known.status();
    weights = *std::move(known);
  }
  return TrainArchitecture({*final_supernet_, architecture, *task_, settings, Task::Part::kTest,
                            label, label, weights.has_value() ? &*weights : nullptr},
                           &run);
}

absl::StatusOr<Study::Summary> Study::Run(const RunContext& run, bool resume) {
  Summary summary;
  const bool baseline = config_->random_baseline;
  if (trials_ != nullptr) {
    const absl::Status opened = trials_->Open(run, resume);
    if (!opened.ok()) return opened;
    const auto search = [&](const std::string& label) -> absl::StatusOr<Side> {
      absl::StatusOr<TrialOutcome> outcome = trials_->Run(label, run);
      if (!outcome.ok()) return outcome.status();
      return Side{outcome->front.front().architecture, *outcome, std::nullopt};
    };
    absl::StatusOr<Side> found = search("search");
    if (!found.ok()) return found.status();
    summary.found = *std::move(found);
    if (baseline) {
      absl::StatusOr<Side> random = search("random");
      if (!random.ok()) return random.status();
      summary.random = *std::move(random);
    }
  } else {
    absl::StatusOr<Architecture> found = SearchOneShot(run);
    if (!found.ok()) return found.status();
    summary.found.architecture = *std::move(found);
    if (baseline && !config_->final_scale.empty()) {
      const DecisionSpace space(*supernet_);
      Rng rng(HashSeed(config_->seed, "baseline"));
      summary.random = Side{space.Decode(space.Draw(rng)), std::nullopt, std::nullopt};
    }
  }
  if (config_->final_scale.empty()) return summary;
  const auto train = [&](const std::string& label, Side& side) {
    absl::StatusOr<TrainedNetwork> trained = TrainFinal(label, side.architecture, run);
    if (trained.ok()) side.trained = *trained;
    return trained.status();
  };
  absl::Status status = train("derived", summary.found);
  if (status.ok() && summary.random.has_value()) status = train("random", *summary.random);
  if (!status.ok()) return status;
  return summary;
}

}  // namespace nasc
