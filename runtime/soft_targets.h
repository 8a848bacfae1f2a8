#pragma once

#include <cstdint>

#include "runtime/random/random.h"
#include "runtime/trainer.h"

namespace nasc {

// How the labels of a batch become probabilities [batch, classes], and its images or rows change
// with them. Zeros turn each off.
struct SoftTargetOptions {
  // e of Szegedy et al., CVPR 2016, section 7: (1 - e) of the label and e / classes of every class.
  double label_smoothing = 0;
  // a of Zhang et al., ICLR 2018, equation 1: x = l x_i + (1 - l) x_j and y = l y_i + (1 - l) y_j,
  // with one l of Beta(a, a) a batch and j a permutation of it; at most 8.
  double mixup = 0;

  bool any() const { return label_smoothing > 0 || mixup > 0; }
};

// Of a batch with labels; what is drawn is a function of the seed and the step. The labels of a
// mixed batch become those of the greater parts, by which its accuracy is told.
void SoftenTargets(const SoftTargetOptions& options, int64_t classes, uint64_t seed, int64_t step,
                   Batch& batch);

// A draw of Beta(a, a), by Joehnk's method (1964), for an `a` of at most 8.
double DrawBeta(double a, Rng& rng);

}  // namespace nasc
