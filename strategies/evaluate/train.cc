// Trains architectures from scratch, one by one.

#include <memory>
#include <string>
#include <vector>

#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/trial_training.h"

namespace nasc {
namespace {

class TrainEvaluator : public Evaluator {
 public:
  static absl::StatusOr<std::unique_ptr<Evaluator>> Make(const EvaluatorContext& context,
                                                         const Options&) {
    const absl::Status fits = TrialTraining::Check(context);
    if (!fits.ok()) return fits;
    return std::make_unique<TrainEvaluator>(context);
  }

  explicit TrainEvaluator(const EvaluatorContext& context) : training_(context) {}

  const std::vector<std::string>& measures() const override { return training_.measures(); }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const int64_t steps = training_.StepsAt(evaluation.fidelity, training_.whole_steps());
    return training_.Train(evaluation, steps, /*legacy=*/nullptr, values).status();
  }

 private:
  const TrialTraining training_;
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
