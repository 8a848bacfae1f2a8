// An evaluator: trains each architecture several times, each time from other weights and in another
// order of the images. One short training says little of an architecture; their mean says more, and
// their deviation how much.
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/random/random.h"
#include "strategies/evaluate/evaluator.h"

namespace {

using Trainings = std::vector<std::unique_ptr<nasc::Evaluator>>;

class Repeated : public nasc::Evaluator {
 public:
  static absl::StatusOr<std::unique_ptr<nasc::Evaluator>> Make(
      const nasc::EvaluatorContext& context, const nasc::Options& options) {
    Trainings trainings;
    for (int64_t i = 0; i < options.Whole("times"); ++i) {
      nasc::EvaluatorContext one = context;
      one.seed = nasc::HashSeed(context.seed, absl::StrCat("repetition ", i));
      absl::StatusOr<std::unique_ptr<nasc::Evaluator>> training =
          nasc::FindEvaluator("train")->make(one, nasc::Options());
      if (!training.ok()) return training.status();
      trainings.push_back(*std::move(training));
    }
    return std::make_unique<Repeated>(std::move(trainings));
  }

  explicit Repeated(Trainings trainings)
      : trainings_(std::move(trainings)), measures_(trainings_[0]->measures()) {
    measures_.emplace_back("deviation");
  }

  const std::vector<std::string>& measures() const override { return measures_; }

  // The means of what the trainings measure, and the standard deviation of the first of that.
  absl::Status Evaluate(const nasc::Evaluation& evaluation, absl::Span<double> values) override {
    const size_t measured = measures_.size() - 1;
    const auto times = static_cast<double>(trainings_.size());
    std::vector<double> first;
    for (double& value : values) value = 0;
    for (const std::unique_ptr<nasc::Evaluator>& training : trainings_) {
      std::vector<double> one(measured);
      absl::Status status = training->Evaluate(evaluation, absl::MakeSpan(one));
      if (!status.ok()) return status;
      for (size_t i = 0; i < measured; ++i) values[i] += one[i] / times;
      first.push_back(one[0]);
    }
    double squares = 0;
    for (const double value : first) squares += (value - values[0]) * (value - values[0]);
    values[measured] = std::sqrt(squares / (times - 1));
    return absl::OkStatus();
  }

 private:
  const Trainings trainings_;
  std::vector<std::string> measures_;
};

const nasc::EvaluatorRegistration registration(
    {"repeated",
     "trains each architecture several times; measures the means of what `train` does, and the "
     "deviation of the accuracy (r2)",
     {{"times", nasc::OptionSpec::Kind::kWhole, 3, 2, 1000, "", "trainings of an architecture"}},
     /*takes_data=*/true,
     /*takes_steps=*/true,
     Repeated::Make,
     /*gives_weights=*/false,
     /*takes_fidelities=*/true});

}  // namespace
