// Trains architectures from scratch, one by one.

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "runtime/task.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/fidelity_level.h"
#include "strategies/final_training.h"

namespace nasc {
namespace {

class TrainEvaluator : public Evaluator {
 public:
  static absl::StatusOr<std::unique_ptr<Evaluator>> Make(const EvaluatorContext& context,
                                                         const Options&) {
    // That there are enough examples is known before anything is trained.
    const auto batch = static_cast<int>(context.sgd.Whole("batch"));
    absl::Status fits = context.task->Training(Task::Part::kSearch, batch, 0, 0).status();
    if (fits.ok()) fits = context.task->Evaluation(Task::Part::kValidation, 1).status();
    if (!fits.ok()) return fits;
    return std::make_unique<TrainEvaluator>(context);
  }

  explicit TrainEvaluator(const EvaluatorContext& context)
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

  const std::vector<std::string>& measures() const override { return measures_; }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const FidelityLevel* level = LevelAt(evaluation.fidelity);
    TrainSettings settings = settings_;
    settings.steps =
        level != nullptr
            ? level->steps
            : std::max<int64_t>(1, std::llround(static_cast<double>(steps_) * evaluation.fidelity));
    const std::string label = absl::StrCat(evaluation.label, " ", evaluation.trial);
    const absl::StatusOr<TrainedNetwork> trained =
        TrainArchitecture({level != nullptr ? level->supernet : supernet_, evaluation.architecture,
                           level != nullptr ? level->task : task_, settings,
                           Task::Part::kValidation, label, /*folder=*/""},
                          evaluation.run);
    if (absl::IsOutOfRange(trained.status())) {
      LOG(INFO) << label << ": " << trained.status().message();
    }
    if (!trained.ok()) return trained.status();
    values[0] = trained->score.quality;
    values[1] = trained->score.loss;
    return absl::OkStatus();
  }

 private:
  // What is declared of that fidelity; nullptr: the part of the steps.
  const FidelityLevel* LevelAt(double fidelity) const {
    if (levels_ == nullptr) return nullptr;
    const auto level = levels_->find(fidelity);
    return level != levels_->end() ? &level->second : nullptr;
  }

  const ir::Graph& supernet_;
  const Task& task_;
  const int64_t steps_;
  const FidelityLevels* const levels_;
  TrainSettings settings_;
  std::vector<std::string> measures_;
};

const EvaluatorRegistration registration({"train",
                                          "trains each architecture from scratch; measures "
                                          "accuracy (r2) and loss on the validation part",
                                          {},
                                          /*takes_data=*/true,
                                          /*takes_steps=*/true,
                                          TrainEvaluator::Make,
                                          /*gives_weights=*/false,
                                          /*takes_fidelities=*/true});

}  // namespace
}  // namespace nasc
