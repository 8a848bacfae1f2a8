#pragma once

#include <cstdint>

#include "runtime/fused/matrix_rows.h"
#include "runtime/fused/padded_image.h"
#include "runtime/fused/partial_vector.h"
#include "runtime/fused/separable_kernel.h"
#include "runtime/fused/vector.h"

// How a separable unit goes through an image, a few rows at a time, up to its depthwise
// convolution: what is the same in the forward and the backward pass.
namespace nasc::fused::NASC_ISA {

// Whole rows of the output that are computed together have about as many pixels: enough to reuse
// what is in registers, few enough that what is between the steps stays in the first cache.
constexpr int64_t kBandPixels = 64;

using KernelTaps = Taps<SeparableShape::kMostKernel * SeparableShape::kMostKernel>;

inline int64_t Reach(const SeparableShape& s) { return (s.kernel - 1) * s.dilation; }

inline int64_t BandRows(const SeparableShape& s) {
  return Least(s.out_height, Most(1, kBandPixels / s.out_width));
}

// p and the zeros that windows read around it.
inline PaddedExtent ExtentOfRead(const SeparableShape& s) {
  if (s.kernel == 0) return {0, 0, 0};
  return {Most(s.padding + s.height, (s.out_height - 1) * s.stride + Reach(s) + 1),
          Most(s.padding + s.width, (s.out_width - 1) * s.stride + Reach(s) + 1), s.padding};
}

// The gradient of d and the zeros around it: pixels of x near the edge lie in fewer windows.
inline PaddedExtent ExtentOfGradient(const SeparableShape& s) {
  if (s.kernel == 0) return {0, 0, 0};
  const int64_t border = Most(0, (Reach(s) - s.padding) / s.stride);
  return {border + Most(s.out_height, (s.height - 1 + s.padding) / s.stride + 1),
          border + Most(s.out_width, (s.width - 1 + s.padding) / s.stride + 1), border};
}

// What a call keeps between its steps, in its scratch. Channels are in blocks of whole vectors.
template <typename T>
struct Regions {
  // Without a scratch, only the size.
  Regions(const SeparableShape& s, T* scratch) {
    const int64_t in = Blocks<T>(s.in_channels) * kLanes<T>;
    const int64_t out = Blocks<T>(s.out_channels) * kLanes<T>;
    // An odd number of vectors, because the cache can keep few that are a power of two apart.
    band_step = (BandRows(s) * s.out_width | 1) * kLanes<T>;
    const int64_t in_blocks = Blocks<T>(s.in_channels);
    const int64_t out_blocks = Blocks<T>(s.out_channels);
    const auto reserve = [&](int64_t elements) {
      T* region = scratch == nullptr ? nullptr : scratch + size;
      size += elements;
      return region;
    };
    read = reserve(in_blocks * PlaneSize<T>(ExtentOfRead(s)));
    gradient = reserve(in_blocks * PlaneSize<T>(ExtentOfGradient(s)));
    scale = reserve(in);
    shift = reserve(in);
    dy_scale = reserve(out);
    z_scale = reserve(out);
    offset = reserve(out);
    filter = reserve(s.kernel * s.kernel * in);
    filter_sums = reserve(s.kernel * s.kernel * in);
    point = reserve(in * out);
    point_sums = reserve(in * out);
    depthwise = reserve(in_blocks * band_step);
    depthwise_gradient = reserve(s.kernel == 0 ? in_blocks * band_step : 0);
    out_gradient = reserve(out_blocks * band_step);
    row = reserve(in_blocks * s.width * kLanes<T>);
  }

  int64_t size = 0;
  int64_t band_step;      // from one block of a band to the next
  T* read;                // p of an image: [blocks, rows, columns, lanes] of ExtentOfRead
  T* gradient;            // of d of an image: as `read`, of ExtentOfGradient
  T* scale;               // of the tensors: [in]
  T* shift;               // as `scale`
  T* dy_scale;            // of the tensors: [out]
  T* z_scale;             // as `dy_scale`
  T* offset;              // as `dy_scale`
  T* filter;              // [blocks, kernel, kernel, lanes]
  T* filter_sums;         // as `filter`
  T* point;               // [in, out], backward [out, in]
  T* point_sums;          // [in, out]
  T* depthwise;           // d of a band: [blocks, pixels, lanes]
  T* depthwise_gradient;  // of d of a band: as `depthwise`, without a depthwise convolution
  T* out_gradient;        // g of a band, as `depthwise`
  T* row;                 // gradient of p: [blocks, width, lanes]
};

// From [kernel, kernel, channels].
template <typename T>
inline void CopyFilter(const SeparableShape& s, const T* filter, T* to) {
  const int64_t values = s.kernel * s.kernel;
  for (int64_t c = 0; c < s.in_channels; c += kLanes<T>) {
    for (int64_t i = 0; i < values; ++i, to += kLanes<T>) {
      Store(LoadUpTo(filter + i * s.in_channels + c, s.in_channels - c), to);
    }
  }
}

// Every step-th pixel of a row of an image, from a column on.
struct RowPixels {
  int64_t image;
  int64_t row;
  int64_t column;
  int64_t step;
  int64_t pixels;
};

// Where the first one is in x or its gradient.
inline int64_t StartOf(const SeparableShape& s, const RowPixels& at) {
  return ((at.image * s.height + at.row) * s.width + at.column) * s.in_channels;
}

// p of some pixels, to consecutive vectors in each block. A few pixels at a time, in memory order,
// which the processor fetches ahead.
template <typename T>
inline void ReadRow(const SeparableShape& s, const T* x, const Regions<T>& regions,
                    const RowPixels& at, T* to, int64_t block_step) {
  using V = Full<T>;
  const V least = V{} + (s.relu ? T{0} : -static_cast<T>(__builtin_inf()));
  const int64_t step = at.step * s.in_channels;
  ForEachBlock<T, 4>(0, at.pixels, [&](auto group, int64_t pixel) {
    constexpr int kPixels = group();
    const T* from = x + StartOf(s, at) + pixel * step;
    T* p = to + pixel * kLanes<T>;
    ForEachVector<T>(s.in_channels, [&](int64_t c, int64_t lanes) {
      const V scale = Load<V>(regions.scale + c);
      const V shift = Load<V>(regions.shift + c);
#pragma GCC unroll 4
      for (int i = 0; i < kPixels; ++i) {
        const V u = LoadUpTo(from + i * step + c, lanes) * scale + shift;
        Store(u < least ? least : u, p + i * kLanes<T>);
      }
      p += block_step;
    });
  });
}

// Without a depthwise convolution, how many of `out` rows or columns of the output are of such of
// the image, which has `size` of them.
inline int64_t Inside(const SeparableShape& s, int64_t out, int64_t size) {
  return Least(out, (Most(0, size - s.offset) + s.stride - 1) / s.stride);
}

// Some rows of the output of an image.
struct Band {
  int64_t image;
  int64_t begin;
  int64_t end;
  int64_t pixels;
};

// Calls f with one band after the other.
template <typename F>
inline void ForEachBand(const SeparableShape& s, int64_t image, const F& f) {
  const int64_t rows = BandRows(s);
  for (int64_t begin = 0; begin < s.out_height; begin += rows) {
    const int64_t end = Least(begin + rows, s.out_height);
    f(Band{image, begin, end, (end - begin) * s.out_width});
  }
}

// Adds to `sums`, [2, channels], at channel c the sums of a and of a * b over some pixels.
template <typename T>
void AddSums(const T* a, int64_t a_step, const T* b, int64_t b_step, int64_t pixels,
             int64_t channels, int64_t c, double* sums) {
  using V = Full<T>;
  constexpr int kChains = 4;  // that do not wait for each other
  const int64_t lanes = Least(channels - c, kLanes<T>);
  V all[kChains] = {};
  V products[kChains] = {};
  const auto add = [&](int chain, int64_t pixel) {
    const V v = LoadUpTo(a + pixel * a_step, lanes);
    all[chain] += v;
    products[chain] += v * LoadUpTo(b + pixel * b_step, lanes);
  };
  int64_t pixel = 0;
  for (; pixel + kChains <= pixels; pixel += kChains) {
#pragma GCC unroll 4
    for (int i = 0; i < kChains; ++i) add(i, pixel + i);
  }
  for (; pixel < pixels; ++pixel) add(0, pixel);
  const V sum = (all[0] + all[1]) + (all[2] + all[3]);
  const V product = (products[0] + products[1]) + (products[2] + products[3]);
  for (int64_t i = 0; i < lanes; ++i) {
    sums[c + i] += sum[i];
    sums[channels + c + i] += product[i];
  }
}

// Whether what is read and what is not take turns in a row: to fetch the row ahead does not pay.
inline bool HasGaps(const SeparableShape& s) { return s.kernel == 0 && s.stride > 1; }

// d, band after band.
template <typename T>
struct DepthwiseBands {
  // From SeparableForward or SeparableBackward.
  template <typename Tensors>
  DepthwiseBands(const SeparableShape& shape, const Tensors& tensors, const Regions<T>& regions)
      : s(shape), x(tensors.x), extent(ExtentOfRead(shape)), regions(regions) {
    CopyVectors(tensors.scale, T{1}, s.in_channels, regions.scale);
    CopyVectors(tensors.shift, T{0}, s.in_channels, regions.shift);
    if (s.kernel == 0) return;
    CopyFilter(s, tensors.filter, regions.filter);
    for (int64_t block = 0; block < Blocks<T>(s.in_channels); ++block) {
      ClearAround(extent, s.height, s.width, regions.read + block * PlaneSize<T>(extent));
    }
    for (int64_t i = 0; i < s.kernel; ++i) {
      for (int64_t k = 0; k < s.kernel; ++k) {
        taps.taps[taps.count] = {taps.count * kLanes<T>,
                                 (i * extent.columns + k) * s.dilation * kLanes<T>};
        ++taps.count;
      }
    }
  }

  // Reads what the windows of a band need and those before did not. Without windows, what is read
  // is d.
  void Read(const Band& band) {
    if (s.kernel == 0) {
      ReadWithoutWindows(band);
      return;
    }
    if (band.begin == 0) rows_read = 0;
    const int64_t end = (band.end - 1) * s.stride - s.padding + Reach(s) + 1;
    for (; rows_read < Least(end, s.height); ++rows_read) {
      ReadRow(s, x, regions, RowPixels{band.image, rows_read, 0, 1, s.width},
              regions.read + OffsetOf<T>(extent, rows_read, 0), PlaneSize<T>(extent));
    }
  }

  void ReadWithoutWindows(const Band& band) const {
    const int64_t rows = Inside(s, s.out_height, s.height);
    const int64_t columns = Inside(s, s.out_width, s.width);
    if (rows < band.end || columns < s.out_width) {
      Clear(regions.depthwise, Blocks<T>(s.in_channels) * regions.band_step);
    }
    for (int64_t row = band.begin; row < Least(band.end, rows); ++row) {
      ReadRow(s, x, regions,
              RowPixels{band.image, row * s.stride + s.offset, s.offset, s.stride, columns},
              regions.depthwise + (row - band.begin) * s.out_width * kLanes<T>, regions.band_step);
    }
  }

  // Where the windows of a row of the output start, in one block of channels.
  const T* Windows(int64_t block, int64_t row) const {
    return regions.read + block * PlaneSize<T>(extent) +
           row * s.stride * extent.columns * kLanes<T>;
  }

  // Has what the next band, in the images up to `end`, reads fetched, and nothing else any more.
  void FetchAhead(const Band& band, int64_t end, Ahead& ahead) const {
    ahead.Drop();
    if (HasGaps(s)) return;
    const int64_t next = band.image * s.height + (s.kernel == 0 ? band.end : rows_read);
    ahead.AddRows(x, s.width * s.in_channels, next,
                  Least(end * s.height, next + BandRows(s) * s.stride));
  }

  // d of a band that has been read.
  void Compute(const Band& band, Ahead& ahead) const {
    if (s.kernel == 0) return;
    for (int64_t block = 0; block < Blocks<T>(s.in_channels); ++block) {
      T* to = regions.depthwise + block * regions.band_step;
      const T* filter = regions.filter + block * taps.count * kLanes<T>;
      for (int64_t row = band.begin; row < band.end; ++row, to += s.out_width * kLanes<T>) {
        ahead.Fetch();
        Convolve(taps.taps, taps.count, filter, Windows(block, row), s.stride, to, s.out_width);
      }
    }
  }

  const SeparableShape& s;
  const T* x;
  PaddedExtent extent;
  const Regions<T>& regions;
  KernelTaps taps;
  int64_t rows_read = 0;
};

}  // namespace nasc::fused::NASC_ISA
