// Predicts how good architectures are from recorded trials.

#include "strategies/learn/predictor.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/random/random.h"
#include "strategies/evaluate/benchmark_table.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/learn/path_encoding.h"

namespace nasc {
namespace {

class PredictorEvaluator : public Evaluator {
 public:
  static absl::StatusOr<std::unique_ptr<Evaluator>> Make(const EvaluatorContext& context,
                                                         const Options& options) {
    BenchmarkTableSpec spec;
    spec.path = options.Text("trials");
    spec.architectures = options.Text("architectures");
    spec.notation = options.Text("notation");
    spec.columns = {options.Text("column")};
    spec.first_counts = true;
    for (const char* needed : {"trials", "column"}) {
      if (!options.Text(needed).empty()) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("evaluate predictor: `", needed, "` is not given"));
    }
    absl::StatusOr<BenchmarkTable> table = BenchmarkTable::Read(spec, context.supernet);
    if (!table.ok()) return table.status();
    auto made = std::make_unique<PredictorEvaluator>(context);
    made->Fit(*table, options.Truth("less_is_better") ? -1 : 1);
    return made;
  }

  explicit PredictorEvaluator(const EvaluatorContext& context)
      : encoding_(context.supernet),
        predictor_(PredictorSpec{}, HashSeed(context.seed, "evaluate predictor")) {}

  const std::vector<std::string>& measures() const override { return names_; }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const Predictor::Prediction prediction =
        predictor_.Predict(KnownFeatures(evaluation.architecture));
    values[0] = prediction.mean;
    values[1] = prediction.deviation;
    return absl::OkStatus();
  }

 private:
  void Fit(const BenchmarkTable& table, double sign) {
    std::vector<Example> examples;
    for (const Architecture* architecture : table.Architectures()) {
      examples.push_back({encoding_.Encode(*architecture), sign * *table.Find(*architecture)});
    }
    features_ = encoding_.features();
    predictor_.Fit(examples, features_);
  }

  // Of what no trial had, the predictor knows nothing.
  std::vector<int> KnownFeatures(const Architecture& architecture) {
    std::vector<int> features = encoding_.Encode(architecture);
    while (!features.empty() && features.back() >= static_cast<int>(features_)) {
      features.pop_back();
    }
    return features;
  }

  const std::vector<std::string> names_ = {"prediction", "deviation"};
  PathEncoding encoding_;
  Predictor predictor_;
  size_t features_ = 0;  // that trials have
};

const EvaluatorRegistration registration(
    {"predictor",
     "an ensemble that predicts (BANANAS: White et al., AAAI 2021), fitted to recorded trials",
     {
         {"trials", OptionSpec::Kind::kText, 0, 0, 0, "", "of a TSV or CSV file, plain or gzip"},
         {"architectures", OptionSpec::Kind::kText, 0, 0, 0, "",
          "the column of architectures, by default the first"},
         {"notation", OptionSpec::Kind::kText, 0, 0, 0, "text",
          "of architectures: text (as nasc prints them), nasbench201"},
         {"column", OptionSpec::Kind::kText, 0, 0, 0, "", "what is predicted"},
         {"less_is_better", OptionSpec::Kind::kTruth, 0, 0, 0, "", "whether less of it is better"},
     },
     /*takes_data=*/false,
     /*takes_steps=*/false,
     PredictorEvaluator::Make});

}  // namespace
}  // namespace nasc
