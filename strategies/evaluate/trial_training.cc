#include "strategies/evaluate/trial_training.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "runtime/task.h"
#include "strategies/evaluate/fidelity_level.h"

namespace nasc {

absl::Status TrialTraining::Check(const EvaluatorContext& context) {
  const auto batch = static_cast<int>(context.sgd.Whole("batch"));
  const absl::Status fits = context.task->Training(Task::Part::kSearch, batch, 0, 0).status();
  return fits.ok() ? context.task->Evaluation(Task::Part::kValidation, 1).status() : fits;
}

TrialTraining::TrialTraining(const EvaluatorContext& context)
    : supernet_(context.supernet),
      task_(*context.task),
      steps_(context.steps),
      levels_(context.levels) {
  settings_.sgd = context.sgd;
  settings_.part = Task::Part::kSearch;
  settings_.seed = context.seed;
  settings_.memory = context.memory;
  Score score;
  score.regression = !task_.target_deviations().empty();
  measures_ = {score.measure(), "loss"};
}

const FidelityLevel* TrialTraining::LevelAt(double fidelity) const {
  if (levels_ == nullptr) return nullptr;
  const auto level = levels_->find(fidelity);
  return level != levels_->end() ? &level->second : nullptr;
}

const ir::Graph& TrialTraining::supernet(double fidelity) const {
  const FidelityLevel* level = LevelAt(fidelity);
  return level != nullptr ? level->supernet : supernet_;
}

int64_t TrialTraining::StepsAt(double fidelity, int64_t whole) const {
  const FidelityLevel* level = LevelAt(fidelity);
  const double part =
      level != nullptr ? static_cast<double>(level->steps) / static_cast<double>(steps_) : fidelity;
  return std::max<int64_t>(1, std::llround(static_cast<double>(whole) * part));
}

absl::StatusOr<TrainedNetwork> TrialTraining::Train(const Evaluation& evaluation, int64_t steps,
                                                    const Legacy* legacy,
                                                    absl::Span<double> values) const {
  const FidelityLevel* level = LevelAt(evaluation.fidelity);
  const std::string label = absl::StrCat(evaluation.label, " ", evaluation.trial);
  TrainingRequest request{supernet(evaluation.fidelity),
                          evaluation.architecture,
                          level != nullptr ? level->task : task_,
                          settings_,
                          Task::Part::kValidation,
                          label,
                          /*folder=*/""};
  request.settings.steps = steps;
  request.legacy = legacy;
  absl::StatusOr<TrainedNetwork> trained = TrainArchitecture(request, evaluation.run);
  if (absl::IsOutOfRange(trained.status())) {
    LOG(INFO) << label << ": " << trained.status().message();
  }
  if (!trained.ok()) return trained;
  values[0] = trained->score.quality;
  values[1] = trained->score.loss;
  return trained;
}

}  // namespace nasc
