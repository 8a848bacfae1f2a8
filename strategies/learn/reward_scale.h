#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nasc {

// Rewards whose scale is unknown (a percentage, a part of one, a loss below zero) as numbers from 0
// to 1: the part of the last `window` rewards that are worse, those that are equal counted half.
// Minus infinity, of a training that diverged, is the worst of rewards and needs no exception. In
// place of the raw accuracy of the papers, whose learning rates fit that scale only, and whose
// differences between good architectures vanish beside those between good and broken ones.
class RewardScale {
 public:
  explicit RewardScale(size_t window) : window_(window) {}

  // The rank of a reward among those before it; it is one of them from then on.
  double Rank(double reward) {
    double worse = 0.5;  // itself, as an equal one
    for (double other : rewards_) worse += other < reward ? 1 : (other == reward ? 0.5 : 0);
    const double rank = worse / static_cast<double>(rewards_.size() + 1);
    if (rewards_.size() < window_) {
      rewards_.push_back(reward);
    } else {
      rewards_[next_] = reward;
      next_ = (next_ + 1) % window_;
    }
    return rank;
  }

 private:
  size_t window_;
  size_t next_ = 0;  // the oldest, once the window is full
  std::vector<double> rewards_;
};

}  // namespace nasc
