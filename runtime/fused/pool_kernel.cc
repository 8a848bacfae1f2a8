#include "runtime/fused/pool_kernel.h"

#include "runtime/fused/vector.h"

// Windows are squares, so that rows and columns are pooled one after the other. A row of pixels and
// channels is one run of numbers, where a step of `channels` leads to the next column: with stride
// 1, vectors cross pixels and any number of channels fills them.
namespace nasc::fused::NASC_ISA {
namespace {

// Output columns whose windows lie inside the image.
struct Columns {
  int64_t begin;
  int64_t end;
};
Columns Inside(const PoolShape& s) {
  const int64_t begin = Least((s.padding + s.stride - 1) / s.stride, s.out_width);
  const int64_t last = s.width - s.kernel + s.padding;
  const int64_t end = last < 0 ? 0 : Least(last / s.stride + 1, s.out_width);
  return {begin, Most(begin, end)};
}

// The positions of a window of which a row or column of `size` has pixels, those before `end`.
struct Taps {
  int64_t begin;
  int64_t end;
};
inline Taps TapsInside(const PoolShape& s, int64_t start, int64_t size) {
  return {Most(-start, 0), Least(size - start, s.kernel)};
}

// Calls f with the size of the window as a constant where loops over it are worth unrolling; 0 for
// any other.
template <typename F>
void WithKernel(int64_t kernel, const F& f) {
  if (kernel == 3) return f(std::integral_constant<int, 3>());
  f(std::integral_constant<int, 0>());
}

// Calls f(column, columns, taps, size) for parts of a row of output whose windows have the same
// taps in the image. `size` is a constant: how many those are, or 0 for any number.
template <int kKernel, typename F>
inline void ForEachPart(const PoolShape& s, const Columns& inside, const F& f) {
  const auto checked = [&](int64_t column) {
    const Taps taps = TapsInside(s, column * s.stride - s.padding, s.width);
    f(column, 1, taps, std::integral_constant<int, 0>());
  };
  for (int64_t column = 0; column < inside.begin; ++column) checked(column);
  if (inside.begin < inside.end) {
    f(inside.begin, inside.end - inside.begin, Taps{0, s.kernel},
      std::integral_constant<int, kKernel>());
  }
  for (int64_t column = inside.end; column < s.out_width; ++column) checked(column);
}

// As ForEachPart, but f computes one run of numbers at a time: one column unless the stride is 1.
template <int kKernel, typename F>
inline void ForEachRun(const PoolShape& s, const Columns& inside, const F& f) {
  ForEachPart<kKernel>(s, inside,
                       [&](int64_t column, int64_t columns, const Taps& taps, auto size) {
                         const int64_t runs = s.stride == 1 ? 1 : columns;
                         const int64_t count = columns / runs * s.channels;
                         for (int64_t i = 0; i < runs; ++i) f(column + i, count, taps, size);
                       });
}

// An integer of T's size: a position in a window.
template <typename T>
using Position = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

// Whether v replaces a maximum that was found before it.
template <typename V>
inline auto Wins(V v, V best) {
  return (v > best) | (v != v);
}

// The first maximum of `taps` numbers, `step` apart, for each of `count` from `from` on. Their
// positions are stored too if kPositions, `first` being that of the first number.
template <typename T, int kTaps, bool kPositions>
inline void Maxima(const T* from, int64_t step, int64_t taps, int64_t count, int64_t first, T* to,
                   T* positions) {
  const int64_t most = kTaps > 0 ? kTaps : taps;
  ForEachBlock<T>(0, count, [&](auto lanes, int64_t e) {
    using V = Vector<T, lanes()>;
    using P = Vector<Position<T>, lanes()>;
    V best = Load<V>(from + e);
    P position = P{} + static_cast<Position<T>>(first);
    for (int64_t k = 1; k < most; ++k) {
      const V v = Load<V>(from + k * step + e);
      const auto wins = Wins(v, best);
      best = wins ? v : best;
      if constexpr (kPositions) {
        position = wins ? P{} + static_cast<Position<T>>(first + k) : position;
      }
    }
    Store(best, to + e);
    if constexpr (kPositions) Store(position, positions + e);
  });
}

template <typename T, int kTaps>
inline void Means(const T* from, int64_t step, int64_t taps, int64_t count, T factor, T* to) {
  const int64_t most = kTaps > 0 ? kTaps : taps;
  ForEachBlock<T>(0, count, [&](auto lanes, int64_t e) {
    using V = Vector<T, lanes()>;
    V sum = Load<V>(from + e);
    for (int64_t k = 1; k < most; ++k) sum += Load<V>(from + k * step + e);
    Store(sum * factor, to + e);
  });
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

// Adds those of a row of y, and of its squares, to `sums`.
template <typename T>
void AddRow(const PoolShape& s, const T* y, double* sums) {
  ForEachBlock<T>(0, s.channels, [&](auto lanes, int64_t c) {
    using V = Vector<T, lanes()>;
    V sum{};
    V squares{};
    for (int64_t column = 0; column < s.out_width; ++column) {
      const V v = Load<V>(y + column * s.channels + c);
      sum += v;
      squares += v * v;
    }
    AddTo<T, lanes()>(sum, sums + c);
    AddTo<T, lanes()>(squares, sums + s.channels + c);
  });
}

template <typename T, bool kMax, int kKernel>
void ForwardOf(const PoolShape& s, const T* x, T* y, double* sums, T* scratch, int64_t begin,
               int64_t end) {
  const Columns inside = Inside(s);
  const int64_t in_row = s.width * s.channels;
  const int64_t out_row = s.out_width * s.channels;
  for (int64_t n = begin; n < end; ++n) {
    double* image_sums = sums != nullptr ? sums + n * 2 * s.channels : nullptr;
    for (int64_t c = 0; sums != nullptr && c < 2 * s.channels; ++c) image_sums[c] = 0;
    for (int64_t row = 0; row < s.out_height; ++row) {
      const int64_t top = row * s.stride - s.padding;
      const Taps rows = TapsInside(s, top, s.height);
      const int64_t tall = rows.end - rows.begin;
      const T* from = x + (n * s.height + top + rows.begin) * in_row;
      T* to = y + (n * s.out_height + row) * out_row;
      const auto pool_rows = [&](auto size) {
        if constexpr (kMax) {
          Maxima<T, size(), false>(from, in_row, tall, in_row, 0, scratch, nullptr);
        } else {
          Means<T, size()>(from, in_row, tall, in_row, 1, scratch);
        }
      };
      if (tall == s.kernel) {
        pool_rows(std::integral_constant<int, kKernel>());
      } else {
        pool_rows(std::integral_constant<int, 0>());
      }
      ForEachRun<kKernel>(
          s, inside, [&](int64_t column, int64_t count, const Taps& taps, auto size) {
            const int64_t left = column * s.stride - s.padding + taps.begin;
            const T* pooled = scratch + left * s.channels;
            const int64_t wide = taps.end - taps.begin;
            if constexpr (kMax) {
              Maxima<T, size(), false>(pooled, s.channels, wide, count, 0, to + column * s.channels,
                                       nullptr);
            } else {
              Means<T, size()>(pooled, s.channels, wide, count, T{1} / static_cast<T>(tall * wide),
                               to + column * s.channels);
            }
          });
      if (sums != nullptr) AddRow(s, to, image_sums);
    }
  }
}

template <typename T, bool kMax>
void Forward(const PoolShape& s, const T* x, T* y, double* sums, T* scratch, int64_t begin,
             int64_t end) {
  WithKernel(s.kernel, [&](auto kernel) {
    ForwardOf<T, kMax, kernel()>(s, x, y, sums, scratch, begin, end);
  });
}

// Columns of the gradient of y, from pixel `at` on, times `factor`.
template <typename T>
void ReadGradient(const PoolShape& s, const PoolGradient<T>& g, int64_t at, int64_t columns,
                  T factor, T* to) {
  ForEachBlock<T>(0, s.channels, [&](auto lanes, int64_t c) {
    using V = Vector<T, lanes()>;
    const T* dy = g.dy + at * s.channels + c;
    const V scale = g.dy_scale != nullptr ? Load<V>(g.dy_scale + c) * factor : V{} + factor;
    if (g.z == nullptr) {
      for (int64_t i = 0; i < columns; ++i) {
        Store(Load<V>(dy + i * s.channels) * scale, to + i * s.channels + c);
      }
      return;
    }
    const T* z = g.z + at * s.channels + c;
    const V z_scale = Load<V>(g.z_scale + c) * factor;
    const V offset = Load<V>(g.offset + c) * factor;
    for (int64_t i = 0; i < columns; ++i) {
      const V v = Load<V>(z + i * s.channels) * z_scale + offset;
      Store(Load<V>(dy + i * s.channels) * scale + v, to + i * s.channels + c);
    }
  });
}

// A row of input while outputs are computed from it: for each output column, the maximum of its
// window in this row, where that is, and the gradient that comes to the window in this row.
template <typename T>
struct Line {
  T* maxima;
  T* positions;
  T* gradient;
};

// The lines of the rows from `first` on that a window can have; row r is in slot r % kernel.
template <typename T>
class Lines {
 public:
  Lines(const PoolShape& s, T* scratch, int64_t first)
      : scratch_(scratch),
        size_(s.out_width * s.channels),
        slots_(s.kernel),
        slot_(first % s.kernel) {}
  Line<T> At(int64_t k) const {
    const int64_t slot = slot_ + k < slots_ ? slot_ + k : slot_ + k - slots_;
    T* from = scratch_ + slot * kParts * size_;
    return {from, from + size_, from + 2 * size_};
  }
  static int64_t Size(const PoolShape& s) { return s.kernel * kParts * s.out_width * s.channels; }

 private:
  static constexpr int64_t kParts = 3;
  T* scratch_;
  int64_t size_;
  int64_t slots_;
  int64_t slot_;
};

// Adds the gradient of a row of output to the lines that its windows have, for max pooling to the
// one that has the maximum.
template <typename T, bool kMax, int kTaps>
void SpreadToLines(const Lines<T>& lines, int64_t taps, const T* gradient, int64_t count) {
  const int64_t most = kTaps > 0 ? kTaps : taps;
  ForEachBlock<T>(0, count, [&](auto lanes, int64_t e) {
    using V = Vector<T, lanes()>;
    using P = Vector<Position<T>, lanes()>;
    P winner{};
    if constexpr (kMax) {
      V best = Load<V>(lines.At(0).maxima + e);
      for (int64_t k = 1; k < most; ++k) {
        const V v = Load<V>(lines.At(k).maxima + e);
        const auto wins = Wins(v, best);
        best = wins ? v : best;
        winner = wins ? P{} + static_cast<Position<T>>(k) : winner;
      }
    }
    const V g = Load<V>(gradient + e);
    for (int64_t k = 0; k < most; ++k) {
      T* to = lines.At(k).gradient + e;
      const V part = !kMax ? g : winner == static_cast<Position<T>>(k) ? g : V{};
      Store(Load<V>(to) + part, to);
    }
  });
}

// The windows that hold a column of input: `count` of them, from output column `last` on to the
// left, where it is at positions `first`, `first` + stride ...
struct Windows {
  int64_t last;
  int64_t first;
  int64_t count;
};
inline Windows WindowsOf(const PoolShape& s, int64_t column) {
  const int64_t last = Least((column + s.padding) / s.stride, s.out_width - 1);
  Windows windows{last, column + s.padding - last * s.stride, 0};
  for (int64_t k = windows.first; k < s.kernel && windows.count <= last; k += s.stride) {
    ++windows.count;
  }
  return windows;
}

// Stores or adds what comes to `count` numbers from a line.
template <typename T, bool kMax, int kWindows>
inline void Gather(const PoolShape& s, const Line<T>& line, const Windows& windows, int64_t count,
                   bool accumulate, T* dx) {
  const int64_t most = kWindows > 0 ? kWindows : windows.count;
  ForEachBlock<T>(0, count, [&](auto lanes, int64_t e) {
    using V = Vector<T, lanes()>;
    using P = Vector<Position<T>, lanes()>;
    V sum{};
    for (int64_t i = 0; i < most; ++i) {
      const int64_t at = (windows.last - i) * s.channels + e;
      const V g = Load<V>(line.gradient + at);
      if constexpr (kMax) {
        const auto position = static_cast<Position<T>>(windows.first + i * s.stride);
        sum += Load<P>(line.positions + at) == position ? g : V{};
      } else {
        sum += g;
      }
    }
    Store(accumulate ? Load<V>(dx + e) + sum : sum, dx + e);
  });
}

template <typename T, bool kMax, int kKernel>
void GatherRow(const PoolShape& s, const Line<T>& line, bool accumulate, T* dx) {
  // Columns that are in `kernel` windows, one run of numbers.
  int64_t full = s.width;
  int64_t full_end = s.width;
  if (s.stride == 1) {
    full = Least(s.kernel - 1 - s.padding, s.width);
    full_end = Most(Least(s.out_width - s.padding, s.width), full);
  }
  const auto checked = [&](int64_t column) {
    Gather<T, kMax, 0>(s, line, WindowsOf(s, column), s.channels, accumulate,
                       dx + column * s.channels);
  };
  for (int64_t column = 0; column < full; ++column) checked(column);
  Gather<T, kMax, kKernel>(s, line, {full + s.padding, 0, s.kernel}, (full_end - full) * s.channels,
                           accumulate, dx + full * s.channels);
  for (int64_t column = full_end; column < s.width; ++column) checked(column);
}

// Of image `image`. x is null unless kMax.
template <typename T, bool kMax, int kKernel>
void ImageGradient(const PoolShape& s, const T* x, const PoolGradient<T>& g, int64_t image, T* dx,
                   bool accumulate, T* scratch) {
  const Columns inside = Inside(s);
  const int64_t in_row = s.width * s.channels;
  const int64_t out_row = s.out_width * s.channels;
  T* gradient_row = scratch + Lines<T>::Size(s);
  // Rows of dx are done to `done`, and `ready` is the first without a line.
  int64_t done = 0;
  int64_t ready = 0;
  const auto finish = [&](int64_t end) {
    for (; done < end; ++done) {
      T* to = dx + (image * s.height + done) * in_row;
      if (done < ready) {
        GatherRow<T, kMax, kKernel>(s, Lines<T>(s, scratch, done).At(0), accumulate, to);
      } else if (!accumulate) {
        for (int64_t i = 0; i < in_row; ++i) to[i] = 0;
      }
    }
  };
  for (int64_t row = 0; row < s.out_height; ++row) {
    const int64_t top = row * s.stride - s.padding;
    const Taps rows = TapsInside(s, top, s.height);
    const int64_t tall = rows.end - rows.begin;
    finish(top);
    for (ready = Most(ready, done); ready < top + rows.end; ++ready) {
      const Line<T> line = Lines<T>(s, scratch, ready).At(0);
      for (int64_t i = 0; i < out_row; ++i) line.gradient[i] = 0;
      if constexpr (kMax) {
        const T* from = x + (image * s.height + ready) * in_row;
        ForEachRun<kKernel>(
            s, inside, [&](int64_t column, int64_t count, const Taps& taps, auto size) {
              const int64_t left = column * s.stride - s.padding + taps.begin;
              const int64_t at = column * s.channels;
              Maxima<T, size(), true>(from + left * s.channels, s.channels, taps.end - taps.begin,
                                      count, taps.begin, line.maxima + at, line.positions + at);
            });
      }
    }
    const int64_t at = (image * s.out_height + row) * s.out_width;
    const T* gradient = gradient_row;
    if constexpr (kMax) {
      if (g.dy_scale == nullptr && g.z == nullptr) {
        gradient = g.dy + at * s.channels;
      } else {
        ReadGradient<T>(s, g, at, s.out_width, 1, gradient_row);
      }
    } else {
      ForEachPart<0>(s, inside, [&](int64_t column, int64_t columns, const Taps& taps, auto) {
        const T pixels = static_cast<T>(tall * (taps.end - taps.begin));
        ReadGradient<T>(s, g, at + column, columns, 1 / pixels, gradient_row + column * s.channels);
      });
    }
    const Lines<T> lines(s, scratch, top + rows.begin);
    if (tall == kKernel) {
      SpreadToLines<T, kMax, kKernel>(lines, tall, gradient, out_row);
    } else {
      SpreadToLines<T, kMax, 0>(lines, tall, gradient, out_row);
    }
  }
  finish(s.height);
}

template <typename T, bool kMax>
void Backward(const PoolShape& s, const T* x, const PoolGradient<T>& g, T* dx, bool accumulate,
              T* scratch, int64_t begin, int64_t end) {
  WithKernel(s.kernel, [&](auto kernel) {
    for (int64_t n = begin; n < end; ++n) {
      ImageGradient<T, kMax, kernel()>(s, x, g, n, dx, accumulate, scratch);
    }
  });
}

template <typename T>
void AverageBackward(const PoolShape& s, const PoolGradient<T>& g, T* dx, bool accumulate,
                     T* scratch, int64_t begin, int64_t end) {
  Backward<T, false>(s, nullptr, g, dx, accumulate, scratch, begin, end);
}

// Forward a row of pooled rows, backward the lines and a row of the gradient.
template <typename T>
int64_t ScratchSize(const PoolShape& s) {
  return Most(s.width * s.channels, Lines<T>::Size(s) + s.out_width * s.channels);
}

}  // namespace

template <typename T>
PoolKernels<T> Pool() {
  return {ScratchSize<T>, Forward<T, true>, Forward<T, false>, Backward<T, true>,
          AverageBackward<T>};
}
template PoolKernels<float> Pool<float>();
template PoolKernels<double> Pool<double>();

}  // namespace nasc::fused::NASC_ISA
