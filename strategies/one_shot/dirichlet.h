#pragma once

#include <ATen/core/Tensor.h>

#include "runtime/random/random.h"

namespace nasc {

// The distribution of DrNAS (Chen et al., ICLR 2021). Tensors are [options], float64;
// concentrations are positive.

// The logarithm of a draw: of gammas by the method of Marsaglia and Tsang (2000), over their sum.
// At least -46, where the weight of an option is 1e-20.
at::Tensor DrawLogDirichlet(const at::Tensor& concentration, Rng& rng);

// The gradient by the concentration of what has the gradient `by_log` by a draw's logarithm l,
// where it depends on softmax(l) alone. As softmax(l) = s, by_log_i = s_i (g_i - sum_j s_j g_j) for
// the gradient g by the draw s; the pathwise gradient of s by the concentration (Figurnov, Mohamed
// and Mnih, NeurIPS 2018) takes from it by_log_i / s_i.
at::Tensor DirichletGradient(const at::Tensor& log_draw, const at::Tensor& concentration,
                             const at::Tensor& by_log);

// The gradient by the concentration of the Kullback-Leibler divergence of this distribution from
// the uniform one, whose concentrations are 1.
at::Tensor DivergenceGradient(const at::Tensor& concentration);

}  // namespace nasc
