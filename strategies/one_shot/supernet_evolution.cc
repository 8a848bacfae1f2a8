#include "strategies/one_shot/supernet_evolution.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "strategies/trial/crossover.h"

namespace nasc {
namespace {

constexpr int kTries = 100;

struct Scored {
  ArchitectureCode code;
  double score = 0;
};

class Evolution {
 public:
  Evolution(const DecisionSpace& space, const SupernetEvolutionSpec& spec, Rng& rng)
      : space_(space), spec_(spec), rng_(rng) {}

  // Nothing once no new architecture is found.
  std::optional<ArchitectureCode> Next(int64_t scored) {
    const int64_t place = scored % spec_.population;
    if (scored > 0 && place == 0) parents_ = best_;  // a generation begins
    if (!spec_.random && !parents_.empty()) {
      const bool crossed = place < spec_.population / 2;
      for (int i = 0; i < kTries; ++i) {
        const ArchitectureCode child =
            crossed ? Cross(space_, Parent(), Parent(), rng_) : Mutated();
        if (seen_.insert(child).second) return child;
      }
    }
    for (int i = 0; i < kTries; ++i) {
      const ArchitectureCode drawn = space_.Draw(rng_);
      if (seen_.insert(drawn).second) return drawn;
    }
    return std::nullopt;
  }

  void Observe(const ArchitectureCode& code, double score) {
    const auto place =
        std::upper_bound(best_.begin(), best_.end(), score,
                         [](double value, const Scored& scored) { return value > scored.score; });
    best_.insert(place, {code, score});
    if (static_cast<int64_t>(best_.size()) > spec_.parents) best_.pop_back();
  }

  const ArchitectureCode& best() const { return best_.front().code; }

 private:
  const ArchitectureCode& Parent() { return parents_[rng_.Below(parents_.size())].code; }

  ArchitectureCode Mutated() {
    ArchitectureCode child = space_.Mutate(Parent(), rng_);
    for (size_t d = 1; d < space_.decisions().size(); ++d) {
      if (rng_.Uniform() < spec_.mutation) child = space_.Mutate(child, rng_);
    }
    return child;
  }

  const DecisionSpace& space_;
  const SupernetEvolutionSpec& spec_;
  Rng& rng_;
  std::vector<Scored> best_;     // the best first
  std::vector<Scored> parents_;  // those of this generation
  absl::flat_hash_set<ArchitectureCode> seen_;
};

}  // namespace

absl::StatusOr<ArchitectureCode> EvolveOnSupernet(
    const DecisionSpace& space, const SupernetEvolutionSpec& spec, Rng& rng,
    absl::FunctionRef<absl::StatusOr<double>(const Architecture&)> score) {
  Evolution evolution(space, spec, rng);
  for (int64_t scored = 0; scored < spec.candidates; ++scored) {
    const std::optional<ArchitectureCode> code = evolution.Next(scored);
    if (!code.has_value()) break;
    const absl::StatusOr<double> value = score(space.Decode(*code));
    if (!value.ok()) return value.status();
    evolution.Observe(*code, *value);
  }
  return evolution.best();
}

}  // namespace nasc
