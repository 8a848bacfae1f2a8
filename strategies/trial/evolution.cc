#include <memory>
#include <vector>

#include "strategies/registry.h"

namespace nasc {
namespace {

// Algorithm 1 of the paper: each trial is the mutation of the best of a sample of the population,
// and takes the place of the oldest one, however good that is.
class Evolution : public TrialStrategy {
 public:
  Evolution(const TrialContext& context, size_t population, int64_t sample)
      : space_(context.space),
        rng_(HashSeed(context.seed, "evolution strategy")),
        size_(population),
        sample_(sample) {
    population_.reserve(size_);
  }

  std::optional<ArchitectureCode> Propose() override {
    if (population_.size() < size_) return space_.Draw(rng_);
    size_t best = rng_.Below(size_);
    for (int64_t i = 1; i < sample_; ++i) {
      const size_t other = rng_.Below(size_);
      if (population_[other].objective > population_[best].objective) best = other;
    }
    return space_.Mutate(population_[best].architecture, rng_);
  }

  void Observe(const ArchitectureCode& architecture, absl::Span<const double> objectives) override {
    if (population_.size() < size_) {
      population_.push_back({architecture, objectives[0]});
      return;
    }
    population_[oldest_] = {architecture, objectives[0]};
    if (++oldest_ == size_) oldest_ = 0;
  }

 private:
  struct Individual {
    ArchitectureCode architecture;
    double objective = 0;
  };

  const DecisionSpace& space_;
  Rng rng_;
  const size_t size_;
  const int64_t sample_;
  std::vector<Individual> population_;  // a ring once it is full
  size_t oldest_ = 0;
};

const StrategyRegistration registration(TrialStrategyInfo(
    "evolution", "regularised evolution (Real et al., AAAI 2019)",
    {
        {"population", OptionSpec::Kind::kWhole, 20, 1, 1e6, "", "architectures that are alive"},
        {"sample", OptionSpec::Kind::kWhole, 10, 1, 1e6, "",
         "of them that compete to be the parent, drawn with replacement"},
    },
    [](const TrialContext& context, const Options& options) {
      return std::make_unique<Evolution>(context, options.Whole("population"),
                                         options.Whole("sample"));
    }));

}  // namespace
}  // namespace nasc
