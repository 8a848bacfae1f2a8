// SONN (Tenorio and Lee, "Self Organizing Neural Networks for the Identification Problem", NIPS
// 1988): a network grows by nodes that join two values, found by simulated annealing.

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "strategies/registry.h"
#include "strategies/trial/growing_space.h"

namespace nasc {
namespace {

constexpr double kWorst = -std::numeric_limits<double>::infinity();
constexpr int kMostTries = 1000;  // of joins that the space has not

struct SonnOptions {
  double temperature = 0;  // of the objective
  double cooling = 0;
  int64_t moves = 0;  // at a temperature
};

// The values that nodes can join are the inputs and the nodes that were kept: those better than
// both values that they join. A kept node stands for the network that it is the output of, which is
// how it was evaluated, so its ancestors are kept ones.
//
// The state of the annealing is a join. A move changes it in one place, or takes it, where it was
// kept, as a value of the next, by which the network grows. From a join of objective f the
// annealing goes to one of objective g with the probability min(1, exp((g - f) / T)); after every
// `moves` moves T becomes cooling * T. It ends where none of them was accepted.
class Sonn : public TrialStrategy {
 public:
  Sonn(const TrialContext& context, GrowingSpace growing, SonnOptions options)
      : space_(context.space),
        growing_(std::move(growing)),
        options_(options),
        temperature_(options.temperature),
        rng_(HashSeed(context.seed, "sonn strategy")) {}

  std::optional<ArchitectureCode> Propose() override {
    while (!frozen_) {
      const std::optional<JoiningNode> next = growing() ? Move() : Input();
      if (!next.has_value()) return std::nullopt;
      pending_ = *next;
      const auto known = known_.find(pending_);
      if (known == known_.end()) return space_.Encode(growing_.Network(NetworkOf(pending_)));
      // A join that was evaluated before is a move, but no trial.
      Go(pending_, known->second.objective);
    }
    return std::nullopt;
  }

  void Observe(const ArchitectureCode&, absl::Span<const double> objectives) override {
    const double objective = objectives[0];
    Known& known = known_[pending_];
    known.objective = objective;
    if (!growing()) {
      TakeInput(objective);
      return;
    }
    if (objective > Objective(pending_.a) && objective > Objective(pending_.b)) {
      known.kept = growing_.inputs() + static_cast<int>(kept_.size());
      std::vector<int> nodes = AncestorsOf(pending_);
      nodes.push_back(static_cast<int>(kept_.size()));
      kept_.push_back({pending_, objective, std::move(nodes)});
    }
    Go(pending_, objective);
  }

  // Networks grow in an order of their own.
  void Learn(const ArchitectureCode&, absl::Span<const double>) override {}

 private:
  struct Known {
    double objective = kWorst;
    int kept = -1;  // the value that it became
  };
  struct Kept {
    JoiningNode join;  // of values
    double objective = kWorst;
    std::vector<int> nodes;  // its network: places in kept_, ascending, the last is its own
  };

  // Whether every input was evaluated.
  bool growing() const { return static_cast<int>(inputs_.size()) == growing_.inputs(); }

  // What the next input tells alone: the first surface over it and itself.
  std::optional<JoiningNode> Input() {
    while (!growing()) {
      const int input = static_cast<int>(inputs_.size());
      const JoiningNode alone = {input, input, growing_.surfaces()[0]};
      if (Fulfils(growing_.Network({alone}), space_.constraints())) return alone;
      known_[alone] = Known();
      TakeInput(kWorst);
    }
    return Move();
  }

  // The annealing begins at the best one.
  void TakeInput(double objective) {
    if (inputs_.empty() || objective > state_objective_) {
      state_ = {static_cast<int>(inputs_.size()), static_cast<int>(inputs_.size()),
                growing_.surfaces()[0]};
      state_objective_ = objective;
    }
    inputs_.push_back(objective);
  }

  double Objective(int value) const {
    return value < growing_.inputs() ? inputs_[value] : kept_[value - growing_.inputs()].objective;
  }

  // The kept nodes that a join needs, ascending.
  std::vector<int> AncestorsOf(const JoiningNode& join) const {
    static const auto* const none = new std::vector<int>();
    const auto nodes = [&](int value) -> const std::vector<int>& {
      return value < growing_.inputs() ? *none : kept_[value - growing_.inputs()].nodes;
    };
    std::vector<int> both;
    std::set_union(nodes(join.a).begin(), nodes(join.a).end(), nodes(join.b).begin(),
                   nodes(join.b).end(), std::back_inserter(both));
    return both;
  }

  // The network of a join: its ancestors, in the order in which they were kept, and the join.
  std::vector<JoiningNode> NetworkOf(const JoiningNode& join) const {
    const std::vector<int> ancestors = AncestorsOf(join);
    const auto place = [&](int value) {
      if (value < growing_.inputs()) return value;
      const auto found =
          std::lower_bound(ancestors.begin(), ancestors.end(), value - growing_.inputs());
      return growing_.inputs() + static_cast<int>(found - ancestors.begin());
    };
    std::vector<JoiningNode> network;
    const auto add = [&](const JoiningNode& node) {
      network.push_back({place(node.a), place(node.b), node.surface});
    };
    for (const int ancestor : ancestors) add(kept_[ancestor].join);
    add(join);
    return network;
  }

  // A neighbour of the state that the space has; nothing where none of many tries finds one.
  std::optional<JoiningNode> Move() {
    for (int i = 0; i < kMostTries; ++i) {
      const JoiningNode join = Neighbour();
      if (AncestorsOf(join).size() >= static_cast<size_t>(growing_.most_nodes())) continue;
      if (Fulfils(growing_.Network(NetworkOf(join)), space_.constraints())) return join;
    }
    return std::nullopt;
  }

  JoiningNode Neighbour() {
    JoiningNode join = state_;
    const int kept = known_.at(join).kept;
    switch (rng_.Below(kept < 0 ? 3 : 4)) {
      case 0:
        join.a = DrawValue();
        break;
      case 1:
        join.b = DrawValue();
        break;
      case 2:
        join.surface = DrawSurface();
        break;
      default:
        join = {kept, DrawValue(), DrawSurface()};
        if (rng_.Below(2) == 0) std::swap(join.a, join.b);
    }
    return join;
  }

  int DrawValue() { return static_cast<int>(rng_.Below(growing_.inputs() + kept_.size())); }
  int DrawSurface() { return growing_.surfaces()[rng_.Below(growing_.surfaces().size())]; }

  // Decides whether the annealing goes to a join.
  void Go(const JoiningNode& join, double objective) {
    // Drawn whether needed or not: what follows does not depend on the sign of a difference.
    const double chance = rng_.Uniform();
    if (objective >= state_objective_ ||
        chance < std::exp((objective - state_objective_) / temperature_)) {
      accepted_ += join == state_ ? 0 : 1;
      state_ = join;
      state_objective_ = objective;
    }
    if (++moved_ < options_.moves) return;
    frozen_ = accepted_ == 0;
    temperature_ *= options_.cooling;
    moved_ = 0;
    accepted_ = 0;
  }

  const DecisionSpace& space_;
  const GrowingSpace growing_;
  const SonnOptions options_;
  double temperature_;
  Rng rng_;

  std::vector<double> inputs_;  // the objectives of those that were evaluated
  std::vector<Kept> kept_;
  absl::flat_hash_map<JoiningNode, Known> known_;
  JoiningNode state_;
  double state_objective_ = kWorst;
  JoiningNode pending_;
  int64_t moved_ = 0;     // at this temperature
  int64_t accepted_ = 0;  // of them
  bool frozen_ = false;
};

using Kind = OptionSpec::Kind;

const StrategyRegistration registration(TrialStrategyInfo(
    "sonn", "growth by simulated annealing (Tenorio and Lee, NIPS 1988)",
    {{"temperature", Kind::kReal, 100, 1e-9, 1e9, "",
      "at first, in units of the objective: a loss of so much is accepted with probability 0.37"},
     {"cooling", Kind::kReal, 0.9, 0.01, 0.9999, "", "what it is multiplied by"},
     {"moves", Kind::kWhole, 200, 1, 1e9, "", "at one temperature"}},
    [](const TrialContext& context,
       const Options& options) -> absl::StatusOr<std::unique_ptr<TrialStrategy>> {
      absl::StatusOr<GrowingSpace> growing = GrowingSpace::Read(context.space);
      if (!growing.ok()) return growing.status();
      return std::make_unique<Sonn>(context, *std::move(growing),
                                    SonnOptions{options.Real("temperature"),
                                                options.Real("cooling"), options.Whole("moves")});
    }));

}  // namespace
}  // namespace nasc
