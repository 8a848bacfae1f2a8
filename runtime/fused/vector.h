#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

// Vectors of numbers, which the compiler turns into the instructions that a unit is compiled for.
// The namespace keeps what is compiled for one processor apart from what is for another.
namespace nasc::fused::NASC_ISA {

// Not std::min: the linker may take any unit's copy of a function that is inline elsewhere.
inline int64_t Least(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t Most(int64_t a, int64_t b) { return a < b ? b : a; }

constexpr int kVectorBytes = NASC_VECTOR_BYTES;

template <typename T, int kLanes>
struct VectorOf {
  typedef T type __attribute__((vector_size(sizeof(T) * kLanes)));
};
template <typename T>
struct VectorOf<T, 1> {
  using type = T;
};
template <typename T, int kLanes>
using Vector = typename VectorOf<T, kLanes>::type;

template <typename V, typename T>
inline V Load(const T* from) {
  V v;
  std::memcpy(&v, from, sizeof(V));
  return v;
}

template <typename V, typename T>
inline void Store(V v, T* to) {
  std::memcpy(to, &v, sizeof(V));
}

// Calls `f(lanes, channel)` for blocks of channels: as many as a vector holds, then half as many,
// down to one. `lanes` is an integral constant.
template <typename T, int kLanes = kVectorBytes / static_cast<int>(sizeof(T)), typename F>
inline void ForEachBlock(int64_t begin, int64_t end, const F& f) {
  int64_t c = begin;
  for (; c + kLanes <= end; c += kLanes) f(std::integral_constant<int, kLanes>(), c);
  if constexpr (kLanes > 1) {
    if (c < end) ForEachBlock<T, kLanes / 2>(c, end, f);
  }
}

}  // namespace nasc::fused::NASC_ISA
