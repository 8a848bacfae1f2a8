#pragma once

#include <cstdint>
#include <vector>

#include "runtime/random/random.h"
#include "strategies/trial/decision_space.h"

namespace nasc {

// How likely architectures are, by those that were counted: a product over the decisions that are
// alive, each a histogram that is smoothed by a uniform one, as Bergstra et al. (NIPS 2011, section
// 4.2) do it for discrete variables. With n counted architectures in which the decision is alive,
// n_o of them taking option o, and the weight w of the prior,
//
//   of a choice   p(o) = (n_o + w / options) / (n + w)
//   of a set      p(S) ~ product over o in S of q_o, over the others of 1 - q_o, for the sizes that
//                 the decision allows, with q_o = (n_o + w m) / (n + w) and m the part of the
//                 options that a set has on average when all sets are as likely
class DecisionDensity {
 public:
  // The space outlives this.
  DecisionDensity(const DecisionSpace& space, double prior_weight);

  // Counts an architecture once more, or once less: `by` is 1 or -1.
  void Count(const ArchitectureCode& architecture, int by);

  // The picks of a decision that is alive.
  std::vector<int> Draw(size_t decision, Rng& rng) const;
  double LogProbability(size_t decision, const std::vector<int>& picks) const;

  // Of the architectures that are counted: in how many the decision is alive, and how many of them
  // take the option.
  int64_t alive(size_t decision) const { return counts_[decision].alive; }
  int64_t taking(size_t decision, int option) const { return counts_[decision].taking[option]; }

 private:
  struct Counts {
    int64_t alive = 0;
    std::vector<int64_t> taking;  // by option
    double prior = 0;             // of each option
  };

  // Of the allowed options, in their order.
  std::vector<double> Chances(size_t decision) const;
  // [i][k]: how likely k of the options from i on are taken, if each is on its own.
  std::vector<std::vector<double>> SizesFrom(size_t decision,
                                             const std::vector<double>& chances) const;

  const DecisionSpace& space_;
  const double prior_weight_;
  std::vector<Counts> counts_;
};

}  // namespace nasc
