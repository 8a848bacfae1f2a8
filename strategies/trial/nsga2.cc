#include <memory>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "strategies/registry.h"
#include "strategies/trial/crossover.h"
#include "strategies/trial/pareto.h"

namespace nasc {
namespace {

// Section III C: parents and as many children compete for the next generation, by front first and
// within a front by how lonely they are.
class Nsga2 : public TrialStrategy {
 public:
  Nsga2(const TrialContext& context, size_t population, double crossover, double mutation)
      : space_(context.space),
        rng_(HashSeed(context.seed, "nsga2 strategy")),
        population_(population),
        crossover_(crossover),
        mutation_(mutation) {}

  std::optional<ArchitectureCode> Propose() override {
    if (parents_.empty()) return space_.Draw(rng_);
    ArchitectureCode child = Tournament().architecture;
    if (rng_.Uniform() < crossover_) {
      child = Cross(space_, child, Tournament().architecture, rng_);
    }
    if (rng_.Uniform() < mutation_) child = space_.Mutate(child, rng_);
    return child;
  }

  void Observe(const ArchitectureCode& architecture, absl::Span<const double> objectives) override {
    children_.push_back({architecture, Point(objectives.begin(), objectives.end())});
    if (children_.size() == population_) Select();
  }

 private:
  struct Individual {
    ArchitectureCode architecture;
    Point objectives;
    size_t front = 0;
    double crowding = 0;
  };

  // The crowded comparison of section III B.
  static bool Beats(const Individual& a, const Individual& b) {
    return a.front != b.front ? a.front < b.front : a.crowding > b.crowding;
  }

  const Individual& Tournament() {
    const Individual& a = parents_[rng_.Below(parents_.size())];
    const Individual& b = parents_[rng_.Below(parents_.size())];
    return Beats(b, a) ? b : a;
  }

  void Select() {
    std::vector<Individual> all = std::exchange(parents_, {});
    all.insert(all.end(), children_.begin(), children_.end());
    children_.clear();
    std::vector<Point> points;
    for (const Individual& individual : all) points.push_back(individual.objectives);
    const std::vector<std::vector<size_t>> fronts = NondominatedFronts(points);
    for (size_t f = 0; f < fronts.size(); ++f) {
      const std::vector<double> crowding = CrowdingDistances(points, fronts[f]);
      for (size_t i = 0; i < crowding.size(); ++i) {
        all[fronts[f][i]].front = f;
        all[fronts[f][i]].crowding = crowding[i];
      }
    }
    absl::c_stable_sort(all, Beats);
    all.resize(population_);
    parents_ = std::move(all);
  }

  const DecisionSpace& space_;
  Rng rng_;
  const size_t population_;
  const double crossover_;
  const double mutation_;
  std::vector<Individual> parents_;
  std::vector<Individual> children_;
};

const StrategyRegistration registration(TrialStrategyInfo(
    "nsga2", "for several objectives: non-dominated sorting (NSGA-II; Deb et al., IEEE TEC 2002)",
    {
        {"population", OptionSpec::Kind::kWhole, 20, 2, 1e5, "", "architectures of a generation"},
        {"crossover", OptionSpec::Kind::kReal, 0.9, 0, 1, "",
         "the part of the children that have two parents"},
        {"mutation", OptionSpec::Kind::kReal, 1, 0, 1, "",
         "the part of the children in which one decision changes"},
    },
    [](const TrialContext& context, const Options& options) {
      return std::make_unique<Nsga2>(context, options.Whole("population"),
                                     options.Real("crossover"), options.Real("mutation"));
    },
    /*several_objectives=*/true));

}  // namespace
}  // namespace nasc
