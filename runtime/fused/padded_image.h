#pragma once

#include <cstdint>

#include "runtime/fused/partial_vector.h"
#include "runtime/fused/vector.h"

// Depthwise convolutions of images with zeros around them, in which no window needs a check. Their
// memory order is [blocks of channels, rows, columns, lanes], so that the pixels of a block are
// consecutive vectors.
namespace nasc::fused::NASC_ISA {

// Inside the rows and columns, `border` of both come before the first pixel.
struct PaddedExtent {
  int64_t rows;
  int64_t columns;
  int64_t border;
};

template <typename T>
inline int64_t PlaneSize(const PaddedExtent& extent) {
  return extent.rows * extent.columns * kLanes<T>;
}

// Where the pixel is, whose row and column are negative in the border.
template <typename T>
inline int64_t OffsetOf(const PaddedExtent& extent, int64_t row, int64_t column) {
  return ((row + extent.border) * extent.columns + column + extent.border) * kLanes<T>;
}

template <typename T>
inline void Clear(T* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] = 0;
}

// Clears one block of channels around its [height, width] pixels.
template <typename T>
inline void ClearAround(const PaddedExtent& extent, int64_t height, int64_t width, T* plane) {
  const int64_t row_size = extent.columns * kLanes<T>;
  const int64_t left = extent.border * kLanes<T>;
  const int64_t right = (extent.border + width) * kLanes<T>;
  Clear(plane, extent.border * row_size);
  for (int64_t row = extent.border; row < extent.border + height; ++row) {
    Clear(plane + row * row_size, left);
    Clear(plane + row * row_size + right, row_size - right);
  }
  const int64_t below = extent.border + height;
  Clear(plane + below * row_size, (extent.rows - below) * row_size);
}

// A value of a filter and the pixel that it applies to, from the pixel at the window's start on.
struct Tap {
  int64_t filter;
  int64_t pixel;
};

template <int kMost>
struct Taps {
  Tap taps[kMost];
  int64_t count = 0;
};

// One block of channels of `kPixels` windows, which start every `step` elements.
template <typename T, int kPixels>
inline void ConvolvePixels(const Tap* taps, int64_t count, const T* filter, const T* from,
                           int64_t step, T* to) {
  using V = Full<T>;
  V sums[kPixels] = {};
  for (int64_t t = 0; t < count; ++t) {
    const V value = Load<V>(filter + taps[t].filter);
    const T* pixel = from + taps[t].pixel;
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p) sums[p] += value * Load<V>(pixel + p * step);
  }
#pragma GCC unroll 16
  for (int p = 0; p < kPixels; ++p) Store(sums[p], to + p * kLanes<T>);
}

template <typename T, int kPixels, int kStride>
inline void ConvolveFrom(const Tap* taps, int64_t count, const T* filter, const T* from,
                         int64_t stride, T* to, int64_t pixel, int64_t pixels) {
  const int64_t step = (kStride > 0 ? kStride : stride) * kLanes<T>;
  for (; pixel + kPixels <= pixels; pixel += kPixels) {
    ConvolvePixels<T, kPixels>(taps, count, filter, from + pixel * step, step,
                               to + pixel * kLanes<T>);
  }
  if constexpr (kPixels > 1) {
    ConvolveFrom<T, kPixels / 2, kStride>(taps, count, filter, from, stride, to, pixel, pixels);
  }
}

// One block of channels of `pixels` windows, the first of which starts at `from`, into consecutive
// vectors.
template <typename T>
inline void Convolve(const Tap* taps, int64_t count, const T* filter, const T* from, int64_t stride,
                     T* to, int64_t pixels) {
  constexpr int kPixels = 8;
  switch (stride) {
    case 1:
      return ConvolveFrom<T, kPixels, 1>(taps, count, filter, from, 1, to, 0, pixels);
    case 2:
      return ConvolveFrom<T, kPixels, 2>(taps, count, filter, from, 2, to, 0, pixels);
    default:
      return ConvolveFrom<T, kPixels, 0>(taps, count, filter, from, stride, to, 0, pixels);
  }
}

// Rows of pixels and the windows that they were computed from: where each starts and what is from
// one to the next.
template <typename T>
struct WindowRows {
  const T* windows;
  int64_t window_row;
  int64_t window_pixel;
  const T* pixels;
  int64_t pixel_row;
  int64_t rows;
  int64_t columns;
};

// Adds to `kTaps` values of a filter the sums of the pixels' products with what the value applied
// to. Inside of a larger function, the addresses would not all be in registers.
template <typename T, int kTaps>
[[gnu::noinline]] void CorrelateTaps(const Tap* taps, const WindowRows<T>& from, T* filter) {
  using V = Full<T>;
  V sums[kTaps] = {};
  for (int64_t row = 0; row < from.rows; ++row) {
    const T* pixels = from.pixels + row * from.pixel_row;
    const T* windows[kTaps];
    for (int t = 0; t < kTaps; ++t) {
      windows[t] = from.windows + row * from.window_row + taps[t].pixel;
    }
    for (int64_t column = 0; column < from.columns; ++column) {
      const V pixel = Load<V>(pixels + column * kLanes<T>);
#pragma GCC unroll 16
      for (int t = 0; t < kTaps; ++t) {
        sums[t] += pixel * Load<V>(windows[t] + column * from.window_pixel);
      }
    }
  }
  for (int t = 0; t < kTaps; ++t) {
    T* to = filter + taps[t].filter;
    Store(Load<V>(to) + sums[t], to);
  }
}

template <typename T, int kMost>
inline void CorrelateUpTo(const Tap* taps, int64_t count, const WindowRows<T>& from, T* filter) {
  if (count == kMost) {
    CorrelateTaps<T, kMost>(taps, from, filter);
  } else if constexpr (kMost > 1) {
    CorrelateUpTo<T, kMost - 1>(taps, count, from, filter);
  }
}

// The same for all `count` of them.
template <typename T>
inline void Correlate(const Tap* taps, int64_t count, const WindowRows<T>& from, T* filter) {
  // As many as have their addresses in registers, in groups of almost the same size.
  constexpr int kMost = 9;
  const int64_t groups = (count + kMost - 1) / kMost;
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t begin = count * g / groups;
    const int64_t end = count * (g + 1) / groups;
    CorrelateUpTo<T, kMost>(taps + begin, end - begin, from, filter);
  }
}

}  // namespace nasc::fused::NASC_ISA
