// Bayesian optimisation with an ensemble of networks over path encodings (White, Neiswanger and
// Savani, AAAI 2021): see docs/learning_strategies.md.

#include <algorithm>
#include <memory>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "strategies/learn/path_encoding.h"
#include "strategies/learn/predictor.h"
#include "strategies/registry.h"

namespace nasc {
namespace {

class Bananas : public TrialStrategy {
 public:
  Bananas(const TrialContext& context, const Options& options)
      : space_(context.space),
        encoding_(context.supernet),
        predictor_(SpecOf(options), HashSeed(context.seed, "bananas predictor")),
        initial_(options.Whole("initial")),
        interval_(options.Whole("interval")),
        growth_(options.Real("growth")),
        candidates_(options.Whole("candidates")),
        parents_(options.Whole("parents")),
        rng_(HashSeed(context.seed, "bananas strategy")) {}

  std::optional<ArchitectureCode> Propose() override {
    const auto observed = static_cast<int64_t>(examples_.size());
    if (observed < initial_) return Distinct();
    if (observed >= next_fit_) {
      predictor_.Fit(examples_, encoding_.features());
      next_fit_ = observed + std::max(interval_, static_cast<int64_t>(growth_ * observed));
    }
    return MostPromising();
  }

  void Observe(const ArchitectureCode& code, absl::Span<const double> objectives) override {
    seen_.insert(code);
    examples_.push_back({encoding_.Encode(space_.Decode(code)), objectives[0]});
    const Known known{objectives[0], code};
    const auto worse = std::find_if(best_.begin(), best_.end(),
                                    [&](const Known& other) { return other.value < known.value; });
    best_.insert(worse, known);
    if (static_cast<int64_t>(best_.size()) > parents_) best_.pop_back();
  }

 private:
  struct Known {
    double value = 0;
    ArchitectureCode code;
  };

  static PredictorSpec SpecOf(const Options& options) {
    PredictorSpec spec;
    spec.networks = options.Whole("networks");
    spec.hidden.assign(options.Whole("layers"), static_cast<int>(options.Whole("width")));
    spec.learning_rate = options.Real("learning_rate");
    spec.epochs = options.Whole("epochs");
    spec.most_steps = options.Whole("steps");
    return spec;
  }

  // One that was not tried yet, unless the space seems to have no other.
  ArchitectureCode Distinct() {
    ArchitectureCode drawn = space_.Draw(rng_);
    for (int i = 0; i < 100 && seen_.contains(drawn); ++i) drawn = space_.Draw(rng_);
    return drawn;
  }

  // Independent Thompson sampling (section 4): every candidate draws a value from the normal
  // distribution that the ensemble predicts for it, and the greatest is taken.
  ArchitectureCode MostPromising() {
    std::optional<ArchitectureCode> chosen;
    double greatest = 0;
    for (int64_t i = 0; i < candidates_; ++i) {
      ArchitectureCode candidate = space_.Mutate(best_[rng_.Below(best_.size())].code, rng_);
      if (seen_.contains(candidate)) continue;
      const Predictor::Prediction predicted =
          predictor_.Predict(encoding_.EncodeKnown(space_.Decode(candidate)));
      const double value = predicted.mean + predicted.deviation * rng_.Gaussian();
      if (chosen.has_value() && value <= greatest) continue;
      greatest = value;
      chosen = std::move(candidate);
    }
    return chosen.has_value() ? *chosen : Distinct();
  }

  const DecisionSpace& space_;
  PathEncoding encoding_;
  Predictor predictor_;
  int64_t initial_;
  int64_t interval_;
  double growth_;
  int64_t candidates_;
  int64_t parents_;
  Rng rng_;
  std::vector<Example> examples_;
  std::vector<Known> best_;  // the best first, of equal ones the earlier
  absl::flat_hash_set<ArchitectureCode> seen_;
  int64_t next_fit_ = 0;
};

const StrategyRegistration registration(TrialStrategyInfo(
    "bananas", "an ensemble of networks predicts accuracy from paths (White et al., AAAI 2021)",
    {
        {"initial", OptionSpec::Kind::kWhole, 10, 1, 1e6, "", "random architectures at first"},
        {"interval", OptionSpec::Kind::kWhole, 10, 1, 1e6, "",
         "the fewest trials between two fits of the networks"},
        {"growth", OptionSpec::Kind::kReal, 0.1, 0.001, 1, "",
         "the fewest trials between two fits, as a part of all trials so far"},
        {"candidates", OptionSpec::Kind::kWhole, 100, 1, 1e6, "",
         "mutations of the best that are predicted for one proposal"},
        {"parents", OptionSpec::Kind::kWhole, 10, 1, 1e6, "", "how many best ones are mutated"},
        {"networks", OptionSpec::Kind::kWhole, 5, 1, 1000, "", "in the ensemble"},
        {"layers", OptionSpec::Kind::kWhole, 2, 1, 100, "", "hidden layers of a network"},
        {"width", OptionSpec::Kind::kWhole, 32, 1, 4096, "", "units of a hidden layer"},
        {"learning_rate", OptionSpec::Kind::kReal, 0.01, 0, 1, "", "of Adam"},
        {"epochs", OptionSpec::Kind::kWhole, 100, 1, 1e6, "", "of a fit"},
        {"steps", OptionSpec::Kind::kWhole, 1000, 1, 1e9, "",
         "the most of a fit, in batches of 32, however many epochs they make"},
    },
    [](const TrialContext& context, const Options& options) {
      return std::make_unique<Bananas>(context, options);
    }));

}  // namespace
}  // namespace nasc
