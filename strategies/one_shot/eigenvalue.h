#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/parameter_store.h"
#include "strategies/one_shot/one_shot_strategy.h"

namespace nasc {

// The gradient of a function where it is displaced so far from where it stands.
using GradientAt =
    std::function<absl::StatusOr<std::vector<double>>(const std::vector<double>& displacement)>;

// The eigenvalue of a Hessian that is largest in magnitude, with its sign. By power iteration:
// v <- H v / |H v|, until v'H v settles to a part in a thousand or 40 products are taken. Products
// are central differences of gradients, as in Liu et al. (ICLR 2019, equation 8):
//
//   H v = (g(r v) - g(-r v)) / 2r,  |v| = 1,  r = 0.1
//
// Of a loss that is smooth only in pieces, as with ReLUs, it is thus the curvature at that scale.
// Starts from a Gaussian vector of that seed. Error: one of the gradient.
absl::StatusOr<double> DominantEigenvalue(int64_t size, const GradientAt& gradient, uint64_t seed);

// That of the Hessian of a batch's loss in the decisions' parameters, which Zela et al. (ICLR 2020,
// section 4) watch. The strategy is ready for DecisionGradient; parameters, their gradients and the
// running statistics in the store are as before.
absl::StatusOr<double> DecisionEigenvalue(OneShotStrategy& strategy, const ParameterStore& store,
                                          const Batch& batch, uint64_t seed);

}  // namespace nasc
