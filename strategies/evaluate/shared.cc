// Scores architectures with the weights of a supernet that was trained before.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/checkpoint.h"
#include "runtime/task.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/one_shot/derivation.h"
#include "strategies/one_shot/shared_weights.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

class SharedEvaluator : public Evaluator {
 public:
  static absl::StatusOr<std::unique_ptr<Evaluator>> Make(const EvaluatorContext& context,
                                                         const Options& options) {
    const std::string& path = options.Text("weights");
    if (path.empty()) {
      return absl::InvalidArgumentError(
          "evaluate shared needs `weights`, the supernet.safetensors of a one-shot search");
    }
    absl::StatusOr<TensorFile> weights = LoadTensors(path);
    if (!weights.ok()) return weights.status();
    const absl::Status of_space = CheckIdentity(weights->notes, path, context.supernet);
    if (!of_space.ok()) {
      return absl::Status(of_space.code(),
                          absl::StrCat(of_space.message(),
                                       "; `nasc migrate` carries its run over to a new version"));
    }
    auto made = std::make_unique<SharedEvaluator>(context, std::move(weights->tensors));
    absl::Status fits = context.task->Evaluation(Task::Part::kValidation, 1).status();
    // That the weights are those of this space is known before anything is scored.
    const std::vector<ir::Decision>& decisions = context.supernet.decisions;
    if (fits.ok()) {
      fits = made->scorer_.Check(
          DeriveStrongest(decisions, std::vector<std::vector<double>>(decisions.size())));
    }
    if (fits.ok()) return made;
    return absl::Status(fits.code(), absl::StrCat(path, ": ", fits.message()));
  }

  SharedEvaluator(const EvaluatorContext& context, NamedTensors weights)
      : task_(*context.task),
        weights_(std::move(weights)),
        scorer_(context.supernet, weights_, at::kFloat) {
    Score score;
    score.regression = !task_.target_deviations().empty();
    measures_ = {score.measure(), "loss"};
  }

  const std::vector<std::string>& measures() const override { return measures_; }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const absl::StatusOr<Score> score =
        scorer_.On(evaluation.architecture, task_, Task::Part::kValidation);
    if (!score.ok()) return score.status();
    values[0] = score->quality;
    values[1] = score->loss;
    return absl::OkStatus();
  }

 private:
  const Task& task_;
  const NamedTensors weights_;
  SharedWeights scorer_;
  std::vector<std::string> measures_;
};

const EvaluatorRegistration registration(
    {"shared",
     "scores each architecture with the weights of a trained supernet; measures accuracy (r2) and "
     "loss on the validation part",
     {{"weights", OptionSpec::Kind::kText, 0, 0, 0, "",
       "the file supernet.safetensors of a one-shot search at the same scale"}},
     /*takes_data=*/true,
     /*takes_steps=*/false,
     SharedEvaluator::Make});

}  // namespace
}  // namespace nasc
