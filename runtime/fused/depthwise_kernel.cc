#include "runtime/fused/depthwise_kernel.h"

#include "runtime/fused/vector.h"

namespace nasc::fused::NASC_ISA {
namespace {

// Output columns whose windows lie inside the image.
struct Columns {
  int64_t begin;
  int64_t end;
};
Columns Inside(const DepthwiseShape& s) {
  const int64_t reach = (s.kernel - 1) * s.dilation;
  const int64_t begin = Least((s.padding + s.stride - 1) / s.stride, s.out_width);
  const int64_t last = s.width - 1 - reach + s.padding;
  const int64_t end = last < 0 ? 0 : Least(last / s.stride + 1, s.out_width);
  return {begin, Most(begin, end)};
}

// The taps of a window from position `start` on that lie in a row or column of `size`.
struct Taps {
  int64_t begin;
  int64_t end;
};
inline Taps TapsInside(const DepthwiseShape& s, int64_t start, int64_t size) {
  const int64_t begin = start < 0 ? (-start + s.dilation - 1) / s.dilation : 0;
  const int64_t end = size <= start ? 0 : (size - start + s.dilation - 1) / s.dilation;
  return {begin, Least(end, s.kernel)};
}

// Calls f with the size of the window as a constant where loops over it are worth unrolling; 0 for
// any other.
template <typename F>
void WithKernel(int64_t kernel, const F& f) {
  switch (kernel) {
    case 3:
      return f(std::integral_constant<int, 3>());
    case 5:
      return f(std::integral_constant<int, 5>());
    case 7:
      return f(std::integral_constant<int, 7>());
    default:
      return f(std::integral_constant<int, 0>());
  }
}

// A row of the output of one image, `kLanes` channels from `c` on.
template <typename T, int kLanes, int kKernel>
void ForwardRow(const DepthwiseShape& s, const Columns& inside, const T* x, const T* filter, T* y,
                int64_t row, int64_t c) {
  using V = Vector<T, kLanes>;
  constexpr int kPixels = 4;  // computed together, so that a filter's value is loaded once
  const int64_t kernel = kKernel > 0 ? kKernel : s.kernel;
  const int64_t top = row * s.stride - s.padding;
  const Taps rows = TapsInside(s, top, s.height);
  T* out = y + row * s.out_width * s.channels + c;
  const auto checked = [&](int64_t column) {
    V sum{};
    const int64_t left = column * s.stride - s.padding;
    const Taps columns = TapsInside(s, left, s.width);
    for (int64_t i = rows.begin; i < rows.end; ++i) {
      const T* from = x + ((top + i * s.dilation) * s.width + left) * s.channels + c;
      for (int64_t k = columns.begin; k < columns.end; ++k) {
        sum += Load<V>(filter + (i * kernel + k) * s.channels + c) *
               Load<V>(from + k * s.dilation * s.channels);
      }
    }
    Store(sum, out + column * s.channels);
  };
  int64_t column = 0;
  for (; column < inside.begin; ++column) checked(column);
  const int64_t step = s.stride * s.channels;
  for (; column + kPixels <= inside.end; column += kPixels) {
    V sums[kPixels] = {};
    const int64_t left = column * s.stride - s.padding;
    for (int64_t i = rows.begin; i < rows.end; ++i) {
      const T* from = x + ((top + i * s.dilation) * s.width + left) * s.channels + c;
      for (int64_t k = 0; k < kernel; ++k) {
        const V tap = Load<V>(filter + (i * kernel + k) * s.channels + c);
        const T* pixel = from + k * s.dilation * s.channels;
        for (int p = 0; p < kPixels; ++p) sums[p] += tap * Load<V>(pixel + p * step);
      }
    }
    for (int p = 0; p < kPixels; ++p) Store(sums[p], out + (column + p) * s.channels);
  }
  for (; column < s.out_width; ++column) checked(column);
}

template <typename T, int kKernel>
void ForwardOf(const DepthwiseShape& s, const T* x, const T* filter, T* y, int64_t begin,
               int64_t end) {
  const Columns inside = Inside(s);
  for (int64_t n = begin; n < end; ++n) {
    const T* image = x + n * s.height * s.width * s.channels;
    T* out = y + n * s.out_height * s.out_width * s.channels;
    for (int64_t row = 0; row < s.out_height; ++row) {
      ForEachBlock<T>(0, s.channels, [&](auto lanes, int64_t c) {
        ForwardRow<T, lanes(), kKernel>(s, inside, image, filter, out, row, c);
      });
    }
  }
}

template <typename T>
void Forward(const DepthwiseShape& s, const T* x, const T* filter, T* y, int64_t begin,
             int64_t end) {
  WithKernel(s.kernel, [&](auto kernel) { ForwardOf<T, kernel()>(s, x, filter, y, begin, end); });
}

// Adds what each pixel of dy gives to the pixels that it was computed from.
template <typename T>
void ScatterImage(const DepthwiseShape& s, const T* dy, const T* filter, T* dx) {
  for (int64_t i = 0; i < s.height * s.width * s.channels; ++i) dx[i] = 0;
  for (int64_t row = 0; row < s.out_height; ++row) {
    const int64_t top = row * s.stride - s.padding;
    const Taps rows = TapsInside(s, top, s.height);
    for (int64_t column = 0; column < s.out_width; ++column) {
      const int64_t left = column * s.stride - s.padding;
      const Taps columns = TapsInside(s, left, s.width);
      const T* from = dy + (row * s.out_width + column) * s.channels;
      ForEachBlock<T>(0, s.channels, [&](auto lanes, int64_t c) {
        using V = Vector<T, lanes()>;
        const V gradient = Load<V>(from + c);
        for (int64_t i = rows.begin; i < rows.end; ++i) {
          T* to = dx + ((top + i * s.dilation) * s.width + left) * s.channels + c;
          for (int64_t k = columns.begin; k < columns.end; ++k) {
            T* pixel = to + k * s.dilation * s.channels;
            Store(Load<V>(pixel) + gradient * Load<V>(filter + (i * s.kernel + k) * s.channels + c),
                  pixel);
          }
        }
      });
    }
  }
}

template <typename T>
void InputGradient(const DepthwiseShape& s, const T* dy, const T* filter, const T* turned, T* dx,
                   int64_t begin, int64_t end) {
  const int64_t reach = (s.kernel - 1) * s.dilation;
  if (s.stride != 1 || s.padding > reach) {
    for (int64_t n = begin; n < end; ++n) {
      ScatterImage(s, dy + n * s.out_height * s.out_width * s.channels, filter,
                   dx + n * s.height * s.width * s.channels);
    }
    return;
  }
  // A convolution of dy with the filter turned around.
  DepthwiseShape back = s;
  back.height = s.out_height;
  back.width = s.out_width;
  back.out_height = s.height;
  back.out_width = s.width;
  back.padding = reach - s.padding;
  Forward(back, dy, turned, dx, begin, end);
}

// Of one image, `kLanes` channels from `c` on.
template <typename T, int kLanes, int kKernel>
void FilterGradientBlock(const DepthwiseShape& s, const Columns& inside, const T* x, const T* dy,
                         T* gradient, int64_t c) {
  using V = Vector<T, kLanes>;
  // Two columns at a time: enough sums that do not wait for each other.
  constexpr int kColumns = 2;
  constexpr int kMost = kKernel > 0 ? kKernel : kMostKernel;
  const int64_t kernel = kKernel > 0 ? kKernel : s.kernel;
  const int64_t tap = s.dilation * s.channels;
  for (int64_t i = 0; i < kernel; ++i) {
    V sums[kColumns][kMost] = {};
    for (int64_t row = 0; row < s.out_height; ++row) {
      const int64_t from_row = row * s.stride - s.padding + i * s.dilation;
      if (from_row < 0 || from_row >= s.height) continue;
      const T* from = x + from_row * s.width * s.channels + c;
      const T* out = dy + row * s.out_width * s.channels + c;
      const auto checked = [&](int64_t column) {
        const int64_t left = column * s.stride - s.padding;
        const Taps columns = TapsInside(s, left, s.width);
        const V d = Load<V>(out + column * s.channels);
        for (int64_t k = columns.begin; k < columns.end; ++k) {
          sums[0][k] += d * Load<V>(from + left * s.channels + k * tap);
        }
      };
      int64_t column = 0;
      for (; column < inside.begin; ++column) checked(column);
      for (; column + kColumns <= inside.end; column += kColumns) {
        for (int p = 0; p < kColumns; ++p) {
          const V d = Load<V>(out + (column + p) * s.channels);
          const T* pixel = from + ((column + p) * s.stride - s.padding) * s.channels;
          for (int64_t k = 0; k < kernel; ++k) sums[p][k] += d * Load<V>(pixel + k * tap);
        }
      }
      for (; column < s.out_width; ++column) checked(column);
    }
    for (int64_t k = 0; k < kernel; ++k) {
      V sum = sums[0][k];
      for (int p = 1; p < kColumns; ++p) sum += sums[p][k];
      Store(sum, gradient + (i * kernel + k) * s.channels + c);
    }
  }
}

template <typename T, int kKernel>
void FilterGradientOf(const DepthwiseShape& s, const T* x, const T* dy, T* gradients, int64_t begin,
                      int64_t end) {
  const Columns inside = Inside(s);
  for (int64_t n = begin; n < end; ++n) {
    ForEachBlock<T>(0, s.channels, [&](auto lanes, int64_t c) {
      FilterGradientBlock<T, lanes(), kKernel>(s, inside, x + n * s.height * s.width * s.channels,
                                               dy + n * s.out_height * s.out_width * s.channels,
                                               gradients + n * s.kernel * s.kernel * s.channels, c);
    });
  }
}

template <typename T>
void FilterGradient(const DepthwiseShape& s, const T* x, const T* dy, T* gradients, int64_t begin,
                    int64_t end) {
  WithKernel(s.kernel,
             [&](auto kernel) { FilterGradientOf<T, kernel()>(s, x, dy, gradients, begin, end); });
}

}  // namespace

template <typename T>
DepthwiseKernels<T> Depthwise() {
  return {Forward<T>, InputGradient<T>, FilterGradient<T>};
}
template DepthwiseKernels<float> Depthwise<float>();
template DepthwiseKernels<double> Depthwise<double>();

}  // namespace nasc::fused::NASC_ISA
