#include "strategies/trial/decision_density.h"

#include <cmath>

#include "absl/algorithm/container.h"

namespace nasc {
namespace {

bool IsChoice(const ir::Decision& decision) { return decision.kind == ir::Decision::Kind::kOne; }

// The part of n options that a set of `least` to `most` has on average, each as likely.
double AveragePart(int n, int least, int most) {
  double sets = 1;  // of k options
  double all = 0;
  double taken = 0;
  for (int k = 0; k <= most; ++k) {
    if (k >= least) {
      all += sets;
      taken += sets * k;
    }
    sets = sets * (n - k) / (k + 1);
  }
  return taken / all / n;
}

}  // namespace

DecisionDensity::DecisionDensity(const DecisionSpace& space, double prior_weight)
    : space_(space), prior_weight_(prior_weight) {
  for (size_t d = 0; d < space.decisions().size(); ++d) {
    const ir::Decision& decision = space.decisions()[d];
    const auto options = static_cast<int>(space.allowed(d).size());
    Counts& counts = counts_.emplace_back();
    counts.taking.resize(decision.options.size());
    counts.prior =
        IsChoice(decision) ? 1.0 / options : AveragePart(options, decision.least, decision.most);
  }
}

void DecisionDensity::Count(const ArchitectureCode& architecture, int by) {
  Architecture decoded;  // only where sets need it: whether a decision is alive
  for (size_t d = 0; d < counts_.size(); ++d) {
    Counts& counts = counts_[d];
    if (IsChoice(space_.decisions()[d])) {
      const int pick = space_.Pick(architecture, d);
      if (pick < 0) continue;
      counts.alive += by;
      counts.taking[pick] += by;
      continue;
    }
    if (decoded.picks.empty()) decoded = space_.Decode(architecture);
    if (!IsAlive(space_.decisions()[d], decoded)) continue;
    counts.alive += by;
    for (int pick : decoded.picks[d]) counts.taking[pick] += by;
  }
}

std::vector<double> DecisionDensity::Chances(size_t decision) const {
  const Counts& counts = counts_[decision];
  std::vector<double> chances;
  for (int option : space_.allowed(decision)) {
    chances.push_back((static_cast<double>(counts.taking[option]) + prior_weight_ * counts.prior) /
                      (static_cast<double>(counts.alive) + prior_weight_));
  }
  return chances;
}

std::vector<std::vector<double>> DecisionDensity::SizesFrom(
    size_t decision, const std::vector<double>& chances) const {
  const int most = space_.decisions()[decision].most;
  std::vector<std::vector<double>> sizes(chances.size() + 1, std::vector<double>(most + 1, 0));
  sizes.back()[0] = 1;
  for (size_t i = chances.size(); i-- > 0;) {
    for (int k = 0; k <= most; ++k) {
      sizes[i][k] =
          (1 - chances[i]) * sizes[i + 1][k] + (k > 0 ? chances[i] * sizes[i + 1][k - 1] : 0.0);
    }
  }
  return sizes;
}

std::vector<int> DecisionDensity::Draw(size_t decision, Rng& rng) const {
  const ir::Decision& of = space_.decisions()[decision];
  const std::vector<int>& allowed = space_.allowed(decision);
  const std::vector<double> chances = Chances(decision);
  if (IsChoice(of)) {
    double at = rng.Uniform();
    size_t i = 0;
    while (i + 1 < allowed.size() && at >= chances[i]) at -= chances[i++];
    return {allowed[i]};
  }
  const std::vector<std::vector<double>> sizes = SizesFrom(decision, chances);
  double all = 0;
  for (int k = of.least; k <= of.most; ++k) all += sizes[0][k];
  double at = rng.Uniform() * all;
  int left = of.least;
  while (left < of.most && at >= sizes[0][left]) at -= sizes[0][left++];
  std::vector<int> picks;
  for (size_t i = 0; left > 0; ++i) {
    const bool may_pass = allowed.size() - i > static_cast<size_t>(left);
    const double at_least = chances[i] * sizes[i + 1][left - 1];
    if (may_pass && rng.Uniform() * sizes[i][left] >= at_least) continue;
    picks.push_back(allowed[i]);
    --left;
  }
  return picks;
}

double DecisionDensity::LogProbability(size_t decision, const std::vector<int>& picks) const {
  const ir::Decision& of = space_.decisions()[decision];
  const std::vector<int>& allowed = space_.allowed(decision);
  const std::vector<double> chances = Chances(decision);
  if (IsChoice(of))
    return std::log(chances[absl::c_lower_bound(allowed, picks[0]) - allowed.begin()]);
  double log_probability = 0;
  for (size_t i = 0; i < allowed.size(); ++i) {
    const bool taken = absl::c_binary_search(picks, allowed[i]);
    log_probability += std::log(taken ? chances[i] : 1 - chances[i]);
  }
  const std::vector<double> sizes = SizesFrom(decision, chances)[0];
  double all = 0;
  for (int k = of.least; k <= of.most; ++k) all += sizes[k];
  return log_probability - std::log(all);
}

}  // namespace nasc
