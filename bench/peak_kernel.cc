#include "bench/peak_kernel.h"

namespace nasc::bench::NASC_ISA {

// Returns how many multiply-accumulates of float32 it computed: in as many vectors as registers
// hold that do not wait for each other.
int64_t MultiplyAdd(int64_t rounds, float* sink) {
  constexpr int kLanes = NASC_VECTOR_BYTES / 4;
  constexpr int kVectors = NASC_VECTOR_BYTES == 64 ? 24 : 12;
  typedef float Vector __attribute__((vector_size(NASC_VECTOR_BYTES)));
  Vector sums[kVectors];
  // Unlike each other, so that none can be computed for all.
  for (int i = 0; i < kVectors; ++i) sums[i] = Vector{} + static_cast<float>(i) * *sink;
  Vector factor = {};
  factor += *sink;
  Vector addend = factor + 1;
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 24
    for (int i = 0; i < kVectors; ++i) sums[i] = sums[i] * factor + addend;
  }
  Vector all = {};
  for (int i = 0; i < kVectors; ++i) all += sums[i];
  for (int i = 0; i < kLanes; ++i) *sink += all[i];
  return rounds * kVectors * kLanes;
}

}  // namespace nasc::bench::NASC_ISA
