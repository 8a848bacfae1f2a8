#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/program/program.h"
#include "runtime/trainer.h"

namespace nasc {

// What a score without training is computed from: the inference program of an architecture, whose
// weights start anew from the seed, and a batch of training data.
struct ZeroCostInput {
  const Program& program;
  const Batch& batch;
  uint64_t seed = 0;
};

// The scores below, of each of which more is better. They compute with LibTorch's operators and its
// autograd on the program as it was given; norms use the statistics of the batch and paths are not
// dropped. OutOfRange where a score is no finite number, as of a network that does not depend on
// its input.
using ZeroCostScore = absl::StatusOr<double> (*)(const ZeroCostInput& input);

// Tanaka, Kunin, Yamins and Ganguli, NeurIPS 2020, equations 1 and 2, summed over the weights as in
// Abdelfattah, Mehrotra, Dudziak and Lane, ICLR 2021, section 3.3: with absolute weights and no
// norms, R is the sum of the outputs for an input of ones, and the score
//   sum over kernels and matrices of |theta * dR/dtheta|,
// in float64. The batch gives nothing.
absl::StatusOr<double> Synflow(const ZeroCostInput& input);

// The correlation of the Jacobian, Mellor, Turner, Storkey and Crowley 2020 (version 1 of "Neural
// Architecture Search without Training", section 3), which Abdelfattah et al. call jacob_cov: with
// the eigenvalues v of the correlation matrix of the rows dy_i/dx_i, y_i the sum of the outputs for
// example i, and k = 1e-5,
//   - sum over the eigenvalues of log(v + k) + 1 / (v + k).
absl::StatusOr<double> JacobianCovariance(const ZeroCostInput& input);

// Mellor, Turner, Storkey and Crowley, ICML 2021, equations 2 and 3: with c_i the bits that say
// which ReLU (or ReLU6) is above 0 for example i,
//   log |det K|,  K_ij = the number of bits that c_i and c_j share.
absl::StatusOr<double> NasWot(const ZeroCostInput& input);

// Abdelfattah et al., ICLR 2021, section 3.1: the sum over kernels and matrices of the 2-norm of
// the loss's gradient.
absl::StatusOr<double> GradientNorm(const ZeroCostInput& input);

struct NamedZeroCostScore {
  std::string name;
  ZeroCostScore score;
};
const std::vector<NamedZeroCostScore>& ZeroCostScores();

}  // namespace nasc
