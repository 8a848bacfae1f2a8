#pragma once

#include <cstdint>

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
    const int64_t band = BandRows(s) * s.out_width;
    const auto reserve = [&](int64_t elements) {
      T* region = scratch == nullptr ? nullptr : scratch + size;
      size += elements;
      return region;
    };
    read = reserve(Blocks<T>(s.in_channels) * PlaneSize<T>(ExtentOfRead(s)));
    gradient = reserve(Blocks<T>(s.in_channels) * PlaneSize<T>(ExtentOfGradient(s)));
    filter = reserve(s.kernel * s.kernel * in);
    filter_sums = reserve(s.kernel * s.kernel * in);
    point = reserve(in * out);
    point_sums = reserve(in * out);
    depthwise = reserve(band * in);
    depthwise_gradient = reserve(band * in);
    out_gradient = reserve(band * out);
    row = reserve(s.width * kLanes<T>);
  }

  int64_t size = 0;
  T* read;                // p of an image: [blocks, rows, columns, lanes] of ExtentOfRead
  T* gradient;            // of d of an image: as `read`, of ExtentOfGradient
  T* filter;              // [blocks, kernel, kernel, lanes]
  T* filter_sums;         // as `filter`
  T* point;               // [in, out], backward [out, in]
  T* point_sums;          // [in, out]
  T* depthwise;           // d of a band: [blocks, pixels, lanes]
  T* depthwise_gradient;  // as `depthwise`
  T* out_gradient;        // g of a band, as `depthwise`
  T* row;                 // of the gradient of u: [width, lanes]
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

// What u and p are computed from.
template <typename T>
struct Source {
  const T* x;
  const T* scale;
  const T* shift;
};

// p of every step-th pixel of a row of an image, to consecutive vectors in each block.
template <typename T>
inline void ReadRow(const SeparableShape& s, const Source<T>& source, int64_t image, int64_t row,
                    int64_t step, T* to, int64_t block_step) {
  using V = Full<T>;
  const V least = V{} + (s.relu ? T{0} : -static_cast<T>(__builtin_inf()));
  for (int64_t c = 0; c < s.in_channels; c += kLanes<T>, to += block_step) {
    const int64_t lanes = s.in_channels - c;
    const V factor = source.scale == nullptr ? V{} + 1 : LoadUpTo(source.scale + c, lanes);
    const V summand = source.scale == nullptr ? V{} : LoadUpTo(source.shift + c, lanes);
    const T* from = source.x + (image * s.height + row) * s.width * s.in_channels + c;
    T* pixel = to;
    for (int64_t column = 0; column < s.width; column += step, pixel += kLanes<T>) {
      const V u = LoadUpTo(from + column * s.in_channels, lanes) * factor + summand;
      Store(u < least ? least : u, pixel);
    }
  }
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

// d, band after band.
template <typename T>
struct DepthwiseBands {
  DepthwiseBands(const SeparableShape& shape, const Source<T>& source, const T* filter,
                 const Regions<T>& regions)
      : s(shape), source(source), extent(ExtentOfRead(shape)), regions(regions) {
    if (s.kernel == 0) return;
    CopyFilter(s, filter, regions.filter);
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
      for (int64_t row = band.begin; row < band.end; ++row) {
        ReadRow(s, source, band.image, row * s.stride, s.stride,
                regions.depthwise + (row - band.begin) * s.out_width * kLanes<T>,
                band.pixels * kLanes<T>);
      }
      return;
    }
    if (band.begin == 0) rows_read = 0;
    const int64_t end = (band.end - 1) * s.stride - s.padding + Reach(s) + 1;
    for (; rows_read < Least(end, s.height); ++rows_read) {
      ReadRow(s, source, band.image, rows_read, 1, regions.read + OffsetOf<T>(extent, rows_read, 0),
              PlaneSize<T>(extent));
    }
  }

  // Where the windows of a row of the output start, in one block of channels.
  const T* Windows(int64_t block, int64_t row) const {
    return regions.read + block * PlaneSize<T>(extent) +
           row * s.stride * extent.columns * kLanes<T>;
  }

  // d of a band that has been read.
  void Compute(const Band& band) const {
    if (s.kernel == 0) return;
    T* to = regions.depthwise;
    for (int64_t block = 0; block < Blocks<T>(s.in_channels); ++block) {
      const T* filter = regions.filter + block * taps.count * kLanes<T>;
      for (int64_t row = band.begin; row < band.end; ++row, to += s.out_width * kLanes<T>) {
        Convolve(taps.taps, taps.count, filter, Windows(block, row), s.stride, to, s.out_width);
      }
    }
  }

  const SeparableShape& s;
  Source<T> source;
  PaddedExtent extent;
  const Regions<T>& regions;
  KernelTaps taps;
  int64_t rows_read = 0;
};

}  // namespace nasc::fused::NASC_ISA
