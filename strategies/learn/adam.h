#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace nasc {

struct AdamSpec {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

// Adam over a flat vector of parameters (Kingma and Ba, ICLR 2015, algorithm 1). A step may be
// given for some ranges only, those that a sparse input reached; the moments of the others then
// rest.
class Adam {
 public:
  Adam(size_t parameters, const AdamSpec& spec)
      : spec_(spec), first_(parameters, 0), second_(parameters, 0) {}

  // Begins the next step; then `Descend` moves ranges of it.
  void BeginStep() {
    ++step_;
    rate_ = spec_.learning_rate / (1 - std::pow(spec_.beta1, static_cast<double>(step_)));
    unbias_ = 1 / (1 - std::pow(spec_.beta2, static_cast<double>(step_)));
  }

  // Moves parameters [begin, begin + size) against their gradient, which is set to zero.
  void Descend(size_t begin, size_t size, double* parameters, double* gradient) {
    for (size_t i = begin; i < begin + size; ++i) {
      first_[i] += (1 - spec_.beta1) * (gradient[i] - first_[i]);
      second_[i] += (1 - spec_.beta2) * (gradient[i] * gradient[i] - second_[i]);
      parameters[i] -= rate_ * first_[i] / (std::sqrt(second_[i] * unbias_) + spec_.epsilon);
      gradient[i] = 0;
    }
  }

  // Both moments and the number of steps, 2 n + 1 numbers.
  void AppendState(std::vector<double>& state) const {
    state.insert(state.end(), first_.begin(), first_.end());
    state.insert(state.end(), second_.begin(), second_.end());
    state.push_back(static_cast<double>(step_));
  }
  size_t state_size() const { return 2 * first_.size() + 1; }
  void SetState(absl::Span<const double> state) {
    const size_t n = first_.size();
    first_.assign(state.begin(), state.begin() + n);
    second_.assign(state.begin() + n, state.begin() + 2 * n);
    step_ = static_cast<int64_t>(state[2 * n]);
  }

 private:
  AdamSpec spec_;
  std::vector<double> first_;
  std::vector<double> second_;
  int64_t step_ = 0;
  double rate_ = 0;
  double unbias_ = 0;
};

}  // namespace nasc
