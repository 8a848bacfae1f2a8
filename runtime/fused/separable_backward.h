#pragma once

#include <cstdint>

#include "runtime/fused/matrix_rows.h"
#include "runtime/fused/padded_image.h"
#include "runtime/fused/partial_vector.h"
#include "runtime/fused/separable_bands.h"
#include "runtime/fused/separable_kernel.h"
#include "runtime/fused/vector.h"

// The backward pass of a separable unit.
namespace nasc::fused::NASC_ISA {

// g of a band, to [blocks, pixels, lanes].
template <typename T>
void ReadOutGradient(const SeparableShape& s, const SeparableBackward<T>& tensors, const Band& band,
                     const Regions<T>& regions) {
  using V = Full<T>;
  const int64_t first = (band.image * s.out_height + band.begin) * s.out_width * s.out_channels;
  const T* dy = tensors.dy + first;
  const T* z = tensors.z == nullptr ? nullptr : tensors.z + first;
  ForEachBlock<T, 4>(0, band.pixels, [&](auto group, int64_t pixel) {
    constexpr int kPixels = group();
    const int64_t from = pixel * s.out_channels;
    T* to = regions.out_gradient + pixel * kLanes<T>;
    ForEachVector<T>(s.out_channels, [&](int64_t c, int64_t lanes) {
      const V dy_scale = Load<V>(regions.dy_scale + c);
      const V z_scale = Load<V>(regions.z_scale + c);
      const V offset = Load<V>(regions.offset + c);
#pragma GCC unroll 4
      for (int i = 0; i < kPixels; ++i) {
        const int64_t at = from + i * s.out_channels + c;
        V g = LoadUpTo(dy + at, lanes) * dy_scale;
        if (z != nullptr) g += LoadUpTo(z + at, lanes) * z_scale + offset;
        Store(g, to + i * kLanes<T>);
      }
      to += regions.band_step;
    });
  });
}

// Pixels in blocks of channels: block b of pixel i is at data + b * block_step + i * pixel_step.
template <typename T>
struct BlockPixels {
  const T* data;
  int64_t block_step;
  int64_t pixel_step;
};

// Stores the gradient of some pixels' u from that of their p, and p.
template <typename T>
void StoreGradient(const SeparableShape& s, const SeparableBackward<T>& tensors,
                   const RowPixels& at, const BlockPixels<T>& read,
                   const BlockPixels<T>& gradient) {
  using V = Full<T>;
  const int64_t first = StartOf(s, at);
  const int64_t step = at.step * s.in_channels;
  T* dx = tensors.dx + first;
  const bool relu = s.relu;
  const bool accumulate = tensors.accumulate;
  ForEachBlock<T, 4>(0, at.pixels, [&](auto group, int64_t pixel) {
    constexpr int kPixels = group();
    const T* p = read.data + pixel * read.pixel_step;
    const T* from = gradient.data + pixel * gradient.pixel_step;
    T* to = dx + pixel * step;
    ForEachVector<T>(s.in_channels, [&](int64_t c, int64_t lanes) {
#pragma GCC unroll 4
      for (int i = 0; i < kPixels; ++i) {
        V v = Load<V>(from + i * gradient.pixel_step);
        // Rows in no window have not been read, but their gradient is zero anyhow.
        if (relu) v = Load<V>(p + i * read.pixel_step) > 0 ? v : V{};
        if (accumulate) v += LoadUpTo(to + i * step + c, lanes);
        StoreUpTo(v, to + i * step + c, lanes);
      }
      p += read.block_step;
      from += gradient.block_step;
    });
  });
  if (accumulate || tensors.dx_sums == nullptr) return;
  for (int64_t c = 0; c < s.in_channels; c += kLanes<T>) {
    AddSums(dx + c, step, tensors.x + first + c, step, at.pixels, s.in_channels, c,
            tensors.dx_sums + at.image * 2 * s.in_channels);
  }
}

// The taps of every stride-th pixel of x from a row and column on: all of them lie at the same
// places of their windows, and one pixel's windows are next to those of the pixel before.
template <typename T>
class GradientTaps {
 public:
  GradientTaps(const SeparableShape& s, const PaddedExtent& gradient)
      : s_(s), gradient_(gradient) {}

  // Of pixels at the same places as the last ones, without finding them again.
  const KernelTaps& At(int64_t row, int64_t column) {
    if (row == row_ && column == column_) return taps_;
    row_ = row;
    column_ = column;
    taps_.count = 0;
    for (int64_t i = 0; i < s_.kernel; ++i) {
      const int64_t down = row + s_.padding - i * s_.dilation;
      if (down % s_.stride != 0) continue;
      for (int64_t k = 0; k < s_.kernel; ++k) {
        const int64_t right = column + s_.padding - k * s_.dilation;
        if (right % s_.stride != 0) continue;
        taps_.taps[taps_.count++] = {(i * s_.kernel + k) * kLanes<T>,
                                     OffsetOf<T>(gradient_, down / s_.stride, right / s_.stride)};
      }
    }
    return taps_;
  }

 private:
  const SeparableShape& s_;
  const PaddedExtent gradient_;
  int64_t row_ = -1;
  int64_t column_ = -1;
  KernelTaps taps_;
};

// How many of the first rows of x lie in no window of the output's rows from `out_row` on.
inline int64_t RowsBefore(const SeparableShape& s, int64_t out_row) {
  if (out_row == s.out_height) return s.height;
  return Most(0, Least(s.height, out_row * s.stride - s.padding));
}

// The gradient of u of the rows that lie in windows of a band but in none of those after it.
template <typename T>
void InputGradient(const SeparableShape& s, const SeparableBackward<T>& tensors, const Band& band,
                   const Regions<T>& regions, GradientTaps<T>& taps, Ahead& ahead) {
  const PaddedExtent read = ExtentOfRead(s);
  const PaddedExtent extent = ExtentOfGradient(s);
  const int64_t values = s.kernel * s.kernel * kLanes<T>;
  const int64_t row_step = s.width * kLanes<T>;
  const int64_t begin = RowsBefore(s, band.begin);
  const int64_t end = RowsBefore(s, band.end);
  for (int64_t top = begin; top < Least(begin + s.stride, end); ++top) {
    for (int64_t left = 0; left < Least(s.stride, s.width); ++left) {
      const KernelTaps& at = taps.At(top % s.stride, left);
      const int64_t pixels = (s.width - left + s.stride - 1) / s.stride;
      for (int64_t row = top; row < end; row += s.stride) {
        const T* from = regions.gradient + row / s.stride * extent.columns * kLanes<T>;
        for (int64_t block = 0; block < Blocks<T>(s.in_channels); ++block) {
          ahead.Fetch();
          Convolve(at.taps, at.count, regions.filter + block * values,
                   from + block * PlaneSize<T>(extent), 1, regions.row + block * row_step, pixels);
        }
        StoreGradient(s, tensors, RowPixels{band.image, row, left, s.stride, pixels},
                      BlockPixels<T>{regions.read + OffsetOf<T>(read, row, left),
                                     PlaneSize<T>(read), s.stride * kLanes<T>},
                      BlockPixels<T>{regions.row, row_step, kLanes<T>});
      }
    }
  }
}

// Without a depthwise convolution, the gradient of u is that of d where x was read.
template <typename T>
void PointInputGradient(const SeparableShape& s, const SeparableBackward<T>& tensors,
                        const Band& band, const Regions<T>& regions) {
  const int64_t end = Least(band.end, Inside(s, s.out_height, s.height));
  const int64_t columns = Inside(s, s.out_width, s.width);
  for (int64_t row = band.begin; row < end; ++row) {
    const int64_t first = (row - band.begin) * s.out_width * kLanes<T>;
    StoreGradient(s, tensors,
                  RowPixels{band.image, row * s.stride + s.offset, s.offset, s.stride, columns},
                  BlockPixels<T>{regions.depthwise + first, regions.band_step, kLanes<T>},
                  BlockPixels<T>{regions.depthwise_gradient + first, regions.band_step, kLanes<T>});
  }
}

// The gradient of d of a band, into that of the image if there are windows.
template <typename T>
void DepthwiseGradient(const SeparableShape& s, const Band& band, const Regions<T>& regions,
                       Ahead& ahead) {
  PixelsOut<T> out{
      regions.depthwise_gradient, s.in_channels, regions.band_step, kLanes<T>, band.pixels, 0};
  if (s.kernel > 0) {
    const PaddedExtent extent = ExtentOfGradient(s);
    out.data = regions.gradient + OffsetOf<T>(extent, band.begin, 0);
    out.block_step = PlaneSize<T>(extent);
    out.width = s.out_width;
    out.row_step = extent.columns * kLanes<T>;
  }
  Multiply(PixelsIn<T>{regions.out_gradient, s.out_channels, regions.band_step}, band.pixels,
           regions.point, out, ahead);
}

// Adds what a band gives to the gradient of the filter.
template <typename T>
void AddFilterGradient(const SeparableShape& s, const DepthwiseBands<T>& depthwise,
                       const Band& band, const Regions<T>& regions, Ahead& ahead) {
  const int64_t values = depthwise.taps.count * kLanes<T>;
  const PaddedExtent extent = ExtentOfGradient(s);
  for (int64_t block = 0; block < Blocks<T>(s.in_channels); ++block) {
    ahead.Fetch();
    const WindowRows<T> rows{
        depthwise.Windows(block, band.begin),
        s.stride * depthwise.extent.columns * kLanes<T>,
        s.stride * kLanes<T>,
        regions.gradient + block * PlaneSize<T>(extent) + OffsetOf<T>(extent, band.begin, 0),
        extent.columns * kLanes<T>,
        band.end - band.begin,
        s.out_width};
    Correlate(depthwise.taps.taps, depthwise.taps.count, rows,
              regions.filter_sums + block * values);
  }
}

template <typename T>
void StartBackward(const SeparableShape& s, const SeparableBackward<T>& tensors,
                   const Regions<T>& regions) {
  const int64_t in_blocks = Blocks<T>(s.in_channels);
  const int64_t in = in_blocks * kLanes<T>;
  const int64_t out = Blocks<T>(s.out_channels) * kLanes<T>;
  if (s.kernel > 0) {
    const PaddedExtent extent = ExtentOfGradient(s);
    for (int64_t block = 0; block < in_blocks; ++block) {
      ClearAround(extent, s.out_height, s.out_width,
                  regions.gradient + block * PlaneSize<T>(extent));
    }
  }
  CopyVectors(tensors.dy_scale, T{1}, s.out_channels, regions.dy_scale);
  CopyVectors(tensors.z_scale, T{0}, s.out_channels, regions.z_scale);
  CopyVectors(tensors.offset, T{0}, s.out_channels, regions.offset);
  Clear(regions.filter_sums, s.kernel * s.kernel * in);
  Clear(regions.point, in * out);
  // Vector by vector: a column at a time, each number would be in another line of the cache.
  ForEachVector<T>(s.in_channels, [&](int64_t c, int64_t lanes) {
    for (int64_t o = 0; o < s.out_channels; ++o) {
      for (int64_t i = c; i < c + lanes; ++i) {
        regions.point[o * in + i] = tensors.point[i * s.out_channels + o];
      }
    }
  });
  Clear(regions.point_sums, in * out);
}

// Adds [blocks, kernel, kernel, lanes] to [kernel, kernel, channels].
template <typename T>
void AddFilter(const SeparableShape& s, const T* from, T* filter) {
  const int64_t values = s.kernel * s.kernel;
  for (int64_t c = 0; c < s.in_channels; c += kLanes<T>) {
    const int64_t lanes = s.in_channels - c;
    for (int64_t i = 0; i < values; ++i, from += kLanes<T>) {
      T* to = filter + i * s.in_channels + c;
      StoreUpTo(LoadUpTo(to, lanes) + Load<Full<T>>(from), to, lanes);
    }
  }
}

template <typename T>
void FinishBackward(const SeparableShape& s, const SeparableBackward<T>& tensors,
                    const Regions<T>& regions) {
  if (tensors.dfilter != nullptr) AddFilter(s, regions.filter_sums, tensors.dfilter);
  if (tensors.dpoint == nullptr) return;
  const int64_t matrix_row = Blocks<T>(s.out_channels) * kLanes<T>;
  for (int64_t i = 0; i < s.in_channels; ++i) {
    for (int64_t c = 0; c < s.out_channels; c += kLanes<T>) {
      const int64_t lanes = s.out_channels - c;
      T* to = tensors.dpoint + i * s.out_channels + c;
      const Full<T> sums = Load<Full<T>>(regions.point_sums + i * matrix_row + c);
      StoreUpTo(LoadUpTo(to, lanes) + sums, to, lanes);
    }
  }
}

// What the band stores and the next one, in the images up to `end`, reads.
template <typename T>
void FetchAhead(const SeparableShape& s, const SeparableBackward<T>& tensors,
                const DepthwiseBands<T>& depthwise, const Band& band, int64_t end, Ahead& ahead) {
  depthwise.FetchAhead(band, end, ahead);
  const int64_t out_row = s.out_width * s.out_channels;
  const int64_t next = band.image * s.out_height + band.end;
  const int64_t next_end = Least(end * s.out_height, next + BandRows(s));
  ahead.AddRows(tensors.dy, out_row, next, next_end);
  if (tensors.z != nullptr) ahead.AddRows(tensors.z, out_row, next, next_end);
  if (tensors.dx == nullptr || HasGaps(s)) return;
  const int64_t image = band.image * s.height;
  ahead.AddRows(tensors.dx, s.width * s.in_channels, image + RowsBefore(s, band.begin),
                image + RowsBefore(s, band.end));
}

template <typename T>
void Backward(const SeparableShape& s, const SeparableBackward<T>& tensors, T* scratch,
              int64_t begin, int64_t end) {
  const Regions<T> regions(s, scratch);
  DepthwiseBands<T> depthwise(s, tensors, regions);
  StartBackward(s, tensors, regions);
  const bool has_dx = tensors.dx != nullptr;
  const bool has_dfilter = tensors.dfilter != nullptr;
  const bool has_dpoint = tensors.dpoint != nullptr;
  GradientTaps<T> taps(s, ExtentOfGradient(s));
  Ahead ahead;
  for (int64_t n = begin; n < end; ++n) {
    if (tensors.dy_scale_step > 0) {
      CopyVectors(tensors.dy_scale + n * tensors.dy_scale_step, T{1}, s.out_channels,
                  regions.dy_scale);
    }
    if (has_dx && tensors.dx_sums != nullptr) {
      Clear(tensors.dx_sums + n * 2 * s.in_channels, 2 * s.in_channels);
    }
    if (has_dx && !tensors.accumulate && s.kernel == 0 && (s.stride > 1 || s.offset > 0)) {
      const int64_t image = s.height * s.width * s.in_channels;
      Clear(tensors.dx + n * image, image);
    }
    ForEachBand(s, n, [&](const Band& band) {
      if (has_dpoint || has_dfilter || s.relu) depthwise.Read(band);
      ReadOutGradient(s, tensors, band, regions);
      FetchAhead(s, tensors, depthwise, band, end, ahead);
      if (has_dpoint) {
        depthwise.Compute(band, ahead);
        AddOuter(PixelsIn<T>{regions.depthwise, s.in_channels, regions.band_step},
                 PixelsIn<T>{regions.out_gradient, s.out_channels, regions.band_step}, band.pixels,
                 regions.point_sums, ahead);
      }
      if (!has_dx && !has_dfilter) return;
      DepthwiseGradient(s, band, regions, ahead);
      if (has_dfilter) AddFilterGradient(s, depthwise, band, regions, ahead);
      if (!has_dx) return;
      if (s.kernel == 0) {
        PointInputGradient(s, tensors, band, regions);
      } else {
        InputGradient(s, tensors, band, regions, taps, ahead);
      }
    });
  }
  FinishBackward(s, tensors, regions);
}

}  // namespace nasc::fused::NASC_ISA
