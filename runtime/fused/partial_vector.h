#pragma once

#include <immintrin.h>

#include <cstdint>

#include "runtime/fused/vector.h"

// Vectors of as many numbers as the processor holds, where memory may have fewer.
namespace nasc::fused::NASC_ISA {

template <typename T>
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(T));
template <typename T>
using Full = Vector<T, kLanes<T>>;

// How many vectors `count` numbers fill, the last one perhaps in part.
template <typename T>
inline int64_t Blocks(int64_t count) {
  return (count + kLanes<T> - 1) / kLanes<T>;
}

#if NASC_VECTOR_BYTES == 64
inline Full<float> LoadPart(const float* from, int64_t count) {
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1 << count) - 1), from);
}
inline Full<double> LoadPart(const double* from, int64_t count) {
  return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1 << count) - 1), from);
}
inline void StorePart(Full<float> v, float* to, int64_t count) {
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1 << count) - 1), v);
}
inline void StorePart(Full<double> v, double* to, int64_t count) {
  _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1 << count) - 1), v);
}
#else
inline Full<float> LoadPart(const float* from, int64_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_maskload_ps(from, _mm256_cmpgt_epi32(_mm256_set1_epi32(count), lanes));
}
inline Full<double> LoadPart(const double* from, int64_t count) {
  const __m256i lanes = _mm256_setr_epi64x(0, 1, 2, 3);
  return _mm256_maskload_pd(from, _mm256_cmpgt_epi64(_mm256_set1_epi64x(count), lanes));
}
// Masked stores are slow on some of these processors.
template <typename T>
inline void StorePart(Full<T> v, T* to, int64_t count) {
  T all[kLanes<T>];
  Store(v, all);
  ForEachBlock<T>(0, count,
                  [&](auto lanes, int64_t i) { Store(Load<Vector<T, lanes()>>(all + i), to + i); });
}
#endif

// The first `count` numbers, or a whole vector if there are more; zeros beyond.
template <typename T>
inline Full<T> LoadUpTo(const T* from, int64_t count) {
  return count >= kLanes<T> ? Load<Full<T>>(from) : LoadPart(from, count);
}
template <typename T>
inline void StoreUpTo(Full<T> v, T* to, int64_t count) {
  if (count >= kLanes<T>) {
    Store(v, to);
  } else {
    StorePart(v, to, count);
  }
}

// Calls `f(c, count)` for the channels of one vector after the other: `count` from c on.
template <typename T, typename F>
inline void ForEachVector(int64_t channels, const F& f) {
  int64_t c = 0;
  for (; c + kLanes<T> <= channels; c += kLanes<T>) f(c, int64_t{kLanes<T>});
  if (c < channels) f(c, channels - c);
}

// All `count` numbers, in whole vectors. `missing` instead of each if `from` is null.
template <typename T>
inline void CopyVectors(const T* from, T missing, int64_t count, T* to) {
  ForEachVector<T>(count, [&](int64_t c, int64_t lanes) {
    Store(from == nullptr ? Full<T>{} + missing : LoadUpTo(from + c, lanes), to + c);
  });
}

}  // namespace nasc::fused::NASC_ISA
