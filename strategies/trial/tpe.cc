#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "compiler/architecture.h"
#include "strategies/registry.h"
#include "strategies/trial/decision_density.h"
#include "strategies/trial/top_share.h"

namespace nasc {
namespace {

constexpr int kMostTries = 1000;  // of draws that the constraints forbid

struct TpeOptions {
  int64_t startup;
  double gamma;
  int64_t candidates;
  double prior;
};

// The algorithm of section 4: l(x) is the density of the good architectures, g(x) that of all
// others, and of some candidates drawn from l the one with the greatest l(x) / g(x), and by
// equation 4 the greatest expected improvement, is tried.
class Tpe : public TrialStrategy {
 public:
  Tpe(const TrialContext& context, const TpeOptions& options)
      : space_(context.space),
        rng_(HashSeed(context.seed, "tpe strategy")),
        options_(options),
        good_(space_, options.prior),
        bad_(space_, options.prior) {}

  std::optional<ArchitectureCode> Propose() override {
    if (static_cast<int64_t>(observed_.size()) < options_.startup) return space_.Draw(rng_);
    Candidate best;
    for (int64_t i = 0; i < options_.candidates; ++i) {
      Candidate candidate = Draw();
      candidate.is_new = !tried_.contains(candidate.architecture);
      if (i == 0 || candidate.Beats(best)) best = std::move(candidate);
    }
    return best.architecture;
  }

  void Observe(const ArchitectureCode& architecture, absl::Span<const double> objectives) override {
    observed_.push_back(architecture);
    tried_.insert(architecture);
    bad_.Count(architecture, 1);
    const auto good =
        static_cast<size_t>(std::ceil(options_.gamma * static_cast<double>(observed_.size())));
    const TopShare::Change change = top_.Add(objectives[0], good);
    if (change.entered.has_value()) Move(*change.entered, bad_, good_);
    if (change.left.has_value()) Move(*change.left, good_, bad_);
  }

 private:
  struct Candidate {
    ArchitectureCode architecture;
    double log_ratio = 0;  // of l(x) to g(x)
    bool is_new = true;    // was not tried yet

    bool Beats(const Candidate& other) const {
      return is_new != other.is_new ? is_new : log_ratio > other.log_ratio;
    }
  };

  // From l. Where it hardly fulfils the constraints, from the space.
  Candidate Draw() {
    for (int i = 0; i < kMostTries; ++i) {
      Architecture architecture;
      architecture.picks.resize(space_.decisions().size());
      double log_ratio = 0;
      for (size_t d = 0; d < space_.decisions().size(); ++d) {
        if (!IsAlive(space_.decisions()[d], architecture)) continue;
        std::vector<int>& picks = architecture.picks[d];
        picks = good_.Draw(d, rng_);
        log_ratio += good_.LogProbability(d, picks) - bad_.LogProbability(d, picks);
      }
      if (Fulfils(architecture, space_.constraints())) {
        return {space_.Encode(architecture), log_ratio};
      }
    }
    return {space_.Draw(rng_), -std::numeric_limits<double>::infinity()};
  }

  void Move(int64_t trial, DecisionDensity& from, DecisionDensity& to) {
    from.Count(observed_[trial], -1);
    to.Count(observed_[trial], 1);
  }

  const DecisionSpace& space_;
  Rng rng_;
  const TpeOptions options_;
  std::vector<ArchitectureCode> observed_;
  absl::flat_hash_set<ArchitectureCode> tried_;
  TopShare top_;
  DecisionDensity good_;
  DecisionDensity bad_;
};

const StrategyRegistration registration(TrialStrategyInfo(
    "tpe", "tree-structured Parzen estimators (Bergstra et al., NIPS 2011)",
    {
        {"startup", OptionSpec::Kind::kWhole, 20, 1, 1e6, "", "random architectures at first"},
        {"gamma", OptionSpec::Kind::kReal, 0.15, 0.001, 0.999, "",
         "the part of all architectures that are good ones"},
        {"candidates", OptionSpec::Kind::kWhole, 24, 1, 1e6, "",
         "draws from the good ones' density, of which the best is tried"},
        {"prior", OptionSpec::Kind::kReal, 1, 1e-6, 1e6, "",
         "how many architectures the uniform density counts as"},
    },
    [](const TrialContext& context, const Options& options) {
      return std::make_unique<Tpe>(context,
                                   TpeOptions{options.Whole("startup"), options.Real("gamma"),
                                              options.Whole("candidates"), options.Real("prior")});
    }));

}  // namespace
}  // namespace nasc
