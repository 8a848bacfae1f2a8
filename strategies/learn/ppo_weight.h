#pragma once

namespace nasc {

// What the gradient of log p is weighted by, so that it is that of the clipped surrogate (Schulman
// et al., 2017, equation 7)
//
//   min(r A, clip(r, 1 - e, 1 + e) A),  r = p / p when it was drawn
//
// r A where the surrogate follows r, zero where it is clipped.
inline double ClippedSurrogateWeight(double ratio, double advantage, double clip) {
  const bool clipped = advantage > 0 ? ratio > 1 + clip : ratio < 1 - clip;
  return clipped ? 0 : ratio * advantage;
}

}  // namespace nasc
