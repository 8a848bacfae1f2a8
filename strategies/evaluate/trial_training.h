#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/fidelity_level.h"
#include "strategies/final_training.h"

namespace nasc {

// How evaluators train the architecture of a trial and judge it by the validation part.
class TrialTraining {
 public:
  // That there are enough examples is known before anything is trained.
  static absl::Status Check(const EvaluatorContext& context);

  explicit TrialTraining(const EvaluatorContext& context);

  // "accuracy" or "r2", and "loss".
  const std::vector<std::string>& measures() const { return measures_; }

  // At the scale of a fidelity.
  const ir::Graph& supernet(double fidelity) const;

  // Steps of a training at a fidelity that has `whole` of them at full fidelity.
  int64_t StepsAt(double fidelity, int64_t whole) const;
  int64_t whole_steps() const { return steps_; }

  // Trains for so many steps, from what is inherited or from the seed, and gives the measures.
  // OutOfRange where it diverged.
  absl::StatusOr<TrainedNetwork> Train(const Evaluation& evaluation, int64_t steps,
                                       const Legacy* legacy, absl::Span<double> values) const;

 private:
  // What is declared of that fidelity; nullptr: the part of the steps.
  const FidelityLevel* LevelAt(double fidelity) const;

  const ir::Graph& supernet_;
  const Task& task_;
  const int64_t steps_;
  const FidelityLevels* const levels_;
  TrainSettings settings_;
  std::vector<std::string> measures_;
};

}  // namespace nasc
