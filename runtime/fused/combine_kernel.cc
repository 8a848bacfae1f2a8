#include "runtime/fused/combine_kernel.h"

#include "runtime/fused/vector.h"

namespace nasc::fused::NASC_ISA {
namespace {

// Pixels computed together. A vector's width of them stays in the first cache, and sums over them
// in T lose little.
constexpr int64_t kPixels = 32;

// Operands read in one pass: their scales stay in registers.
constexpr int kMostGroup = 8;

// Calls f(size, begin) for groups of operands of about the same size. `size` is an integral
// constant.
template <int kSize = kMostGroup, typename F>
void WithGroup(int64_t size, int64_t begin, const F& f) {
  if (size == kSize) return f(std::integral_constant<int, kSize>(), begin);
  if constexpr (kSize > 1) WithGroup<kSize - 1>(size, begin, f);
}
template <typename F>
void ForEachGroup(int64_t count, const F& f) {
  const int64_t groups = (count + kMostGroup - 1) / kMostGroup;
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t begin = count * g / groups;
    WithGroup(count * (g + 1) / groups - begin, begin, f);
  }
}

struct Part {
  int64_t channels;
  int64_t channel;
  int64_t begin;  // pixels
  int64_t end;
};

template <typename T, int kLanes, int kGroup>
void CombineGroup(const CombineOperand<T>* operands, const Part& part, const T* shift,
                  const T* ones, bool add, T* y) {
  using V = Vector<T, kLanes>;
  const T* x[kGroup];
  V scale[kGroup];
  for (int k = 0; k < kGroup; ++k) {
    const CombineOperand<T>& operand = operands[k];
    x[k] = operand.x + part.channel;
    scale[k] = Load<V>(operand.scale != nullptr ? operand.scale + part.channel : ones);
  }
  const V start = shift != nullptr ? Load<V>(shift + part.channel) : V{};
  for (int64_t p = part.begin; p < part.end; ++p) {
    const int64_t at = p * part.channels;
    V sum = start;
    for (int k = 0; k < kGroup; ++k) sum += scale[k] * Load<V>(x[k] + at);
    T* to = y + part.channel + at;
    if (add) sum += Load<V>(to);
    Store(sum, to);
  }
}

template <typename T>
void CombineAll(const CombineOperand<T>* operands, int64_t count, int64_t channels, T* y,
                T* scratch, int64_t begin, int64_t end) {
  T* shift = scratch;
  T* ones = scratch + channels;
  for (int64_t c = 0; c < channels; ++c) {
    shift[c] = 0;
    ones[c] = 1;
  }
  for (int64_t k = 0; k < count; ++k) {
    if (operands[k].shift == nullptr) continue;
    for (int64_t c = 0; c < channels; ++c) shift[c] += operands[k].shift[c];
  }
  for (int64_t p = begin; p < end; p += kPixels) {
    ForEachBlock<T>(0, channels, [&](auto lanes, int64_t c) {
      const Part part{channels, c, p, Least(p + kPixels, end)};
      ForEachGroup(count, [&](auto size, int64_t first) {
        CombineGroup<T, lanes(), size()>(operands + first, part, first == 0 ? shift : nullptr, ones,
                                         /*add=*/first > 0, y);
      });
    });
  }
}

// Adds a vector to `to`.
template <typename T, int kLanes>
inline void AddTo(Vector<T, kLanes> v, double* to) {
  if constexpr (kLanes == 1) {
    *to += v;
  } else {
    using D = Vector<double, kLanes>;
    Store(Load<D>(to) + __builtin_convertvector(v, D), to);
  }
}

template <typename T, int kLanes, int kGroup, bool kFirst>
void SumGroup(const T* dy, const T* const* x, const Part& part, double* sums) {
  using V = Vector<T, kLanes>;
  // Pixels whose sums do not wait for each other, where few operands leave too few.
  constexpr int kApart = kGroup <= 2 ? 4 : kGroup <= 4 ? 2 : 1;
  const T* from[kGroup];
  for (int k = 0; k < kGroup; ++k) from[k] = x[k] + part.channel;
  V first[kApart] = {};
  V products[kApart][kGroup] = {};
  const auto add = [&](int64_t p, int i) {
    const int64_t at = p * part.channels;
    const V d = Load<V>(dy + part.channel + at);
    if constexpr (kFirst) first[i] += d;
    for (int k = 0; k < kGroup; ++k) products[i][k] += d * Load<V>(from[k] + at);
  };
  int64_t p = part.begin;
  for (; p + kApart <= part.end; p += kApart) {
    for (int i = 0; i < kApart; ++i) add(p + i, i);
  }
  for (; p < part.end; ++p) add(p, 0);
  for (int i = 1; i < kApart; ++i) {
    first[0] += first[i];
    for (int k = 0; k < kGroup; ++k) products[0][k] += products[i][k];
  }
  if constexpr (kFirst) AddTo<T, kLanes>(first[0], sums + part.channel);
  for (int k = 0; k < kGroup; ++k) {
    AddTo<T, kLanes>(products[0][k], sums + (1 + k) * part.channels + part.channel);
  }
}

template <typename T>
void Sums(const T* dy, const T* const* x, int64_t count, int64_t channels, double* sums,
          int64_t begin, int64_t end) {
  for (int64_t i = 0; i < (1 + count) * channels; ++i) sums[i] = 0;
  for (int64_t p = begin; p < end; p += kPixels) {
    ForEachBlock<T>(0, channels, [&](auto lanes, int64_t c) {
      const Part part{channels, c, p, Least(p + kPixels, end)};
      ForEachGroup(count, [&](auto size, int64_t first) {
        if (first == 0) {
          SumGroup<T, lanes(), size(), true>(dy, x, part, sums);
        } else {
          SumGroup<T, lanes(), size(), false>(dy, x + first, part, sums + first * channels);
        }
      });
    });
  }
}

template <typename T>
void ReluGradient(const T* y, const T* dy, T* dx, int64_t begin, int64_t end) {
  ForEachBlock<T>(begin, end, [&](auto lanes, int64_t i) {
    using V = Vector<T, lanes()>;
    Store(Load<V>(y + i) > 0 ? Load<V>(dy + i) : V{}, dx + i);
  });
}

}  // namespace

template <typename T>
CombineKernels<T> Combine() {
  return {CombineAll<T>, Sums<T>, ReluGradient<T>};
}
template CombineKernels<float> Combine<float>();
template CombineKernels<double> Combine<double>();

}  // namespace nasc::fused::NASC_ISA
