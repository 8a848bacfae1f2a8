#include "strategies/fidelity_ranks.h"

#include <limits>
#include <set>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "compiler/architecture.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

// Up to `count` different ones, fewer where the space has no more.
std::vector<Architecture> DrawDifferent(const DecisionSpace& space, int64_t count, uint64_t seed) {
  constexpr int64_t kMostRepeats = 100;
  Rng rng(HashSeed(seed, "fidelities"));
  std::set<ArchitectureCode> drawn;
  std::vector<Architecture> architectures;
  for (int64_t repeats = 0;
       repeats < kMostRepeats && static_cast<int64_t>(architectures.size()) < count;) {
    const ArchitectureCode code = space.Draw(rng);
    if (drawn.insert(code).second) {
      architectures.push_back(space.Decode(code));
    } else {
      ++repeats;
    }
  }
  return architectures;
}

}  // namespace

absl::StatusOr<FidelityRanks> RankByFidelities(
    const SearchConfig& config, TrialStudy& study, int64_t count,
    const std::function<absl::Status(int64_t done)>& after_each) {
  Evaluator& evaluator = study.evaluator();
  FidelityRanks ranks;
  ranks.fidelities = config.fidelities;
  ranks.fidelities.emplace_back();
  ranks.measure = evaluator.measures().front();
  ranks.seconds.resize(ranks.fidelities.size());
  ranks.scores.resize(ranks.fidelities.size());
  std::vector<double> values(evaluator.measures().size());
  const std::vector<Architecture> architectures = DrawDifferent(study.space(), count, config.seed);
  int64_t done = 0;
  for (const Architecture& architecture : architectures) {
    ranks.architectures.push_back(Print(architecture, study.supernet()));
    const auto number = static_cast<int64_t>(ranks.architectures.size());
    for (size_t f = 0; f < ranks.fidelities.size(); ++f) {
      const absl::Time begin = absl::Now();
      const absl::Status status = evaluator.Evaluate(
          {architecture, number, ranks.fidelities[f].part}, absl::MakeSpan(values));
      if (!status.ok() && !absl::IsOutOfRange(status)) return status;
      ranks.seconds[f] += absl::ToDoubleSeconds(absl::Now() - begin);
      ranks.scores[f].push_back(status.ok() ? values[0] : -std::numeric_limits<double>::infinity());
      const absl::Status after = after_each(++done);
      if (!after.ok()) return after;
    }
  }
  for (double& seconds : ranks.seconds) seconds /= static_cast<double>(architectures.size());
  return ranks;
}

}  // namespace nasc
