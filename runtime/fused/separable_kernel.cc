#include "runtime/fused/separable_kernel.h"

#include "runtime/fused/matrix_rows.h"
#include "runtime/fused/padded_image.h"
#include "runtime/fused/partial_vector.h"
#include "runtime/fused/separable_bands.h"
#include "runtime/fused/vector.h"

namespace nasc::fused::NASC_ISA {
namespace {

template <typename T>
int64_t Scratch(const SeparableShape& shape) {
  return Regions<T>(shape, nullptr).size;
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

template <typename T>
void Forward(const SeparableShape& s, const SeparableForward<T>& tensors, T* scratch, int64_t begin,
             int64_t end) {
  const Regions<T> regions(s, scratch);
  DepthwiseBands<T> depthwise(s, tensors, regions);
  const int64_t matrix_row = Blocks<T>(s.out_channels) * kLanes<T>;
  for (int64_t i = 0; i < s.in_channels; ++i) {
    CopyVectors(tensors.point + i * s.out_channels, T{0}, s.out_channels,
                regions.point + i * matrix_row);
  }
  for (int64_t n = begin; n < end; ++n) {
    double* sums = tensors.sums == nullptr ? nullptr : tensors.sums + n * 2 * s.out_channels;
    if (sums != nullptr) Clear(sums, 2 * s.out_channels);
    ForEachBand(s, n, [&](const Band& band) {
      depthwise.Read(band);
      depthwise.Compute(band);
      T* z = tensors.z + (n * s.out_height + band.begin) * s.out_width * s.out_channels;
      Multiply(PixelsIn<T>{regions.depthwise, s.in_channels, regions.band_step}, band.pixels,
               regions.point,
               PixelsOut<T>{z, s.out_channels, kLanes<T>, s.out_channels, band.pixels, 0});
      if (sums == nullptr) return;
      for (int64_t c = 0; c < s.out_channels; c += kLanes<T>) {
        AddSums(z + c, s.out_channels, z + c, s.out_channels, band.pixels, s.out_channels, c, sums);
      }
    });
  }
}

// g of a band, to [blocks, pixels, lanes].
template <typename T>
void ReadOutGradient(const SeparableShape& s, const SeparableBackward<T>& tensors, const Band& band,
                     const Regions<T>& regions) {
  using V = Full<T>;
  const int64_t first = (band.image * s.out_height + band.begin) * s.out_width * s.out_channels;
  ForEachBlock<T, 4>(0, band.pixels, [&](auto group, int64_t pixel) {
    constexpr int kPixels = group();
    const int64_t from = first + pixel * s.out_channels;
    T* to = regions.out_gradient + pixel * kLanes<T>;
    ForEachVector<T>(s.out_channels, [&](int64_t c, int64_t lanes) {
      const V dy_scale = Load<V>(regions.dy_scale + c);
      const V z_scale = Load<V>(regions.z_scale + c);
      const V offset = Load<V>(regions.offset + c);
#pragma GCC unroll 4
      for (int i = 0; i < kPixels; ++i) {
        const int64_t at = from + i * s.out_channels + c;
        V g = LoadUpTo(tensors.dy + at, lanes) * dy_scale;
        if (tensors.z != nullptr) g += LoadUpTo(tensors.z + at, lanes) * z_scale + offset;
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
        if (s.relu) v = Load<V>(p + i * read.pixel_step) > 0 ? v : V{};
        if (tensors.accumulate) v += LoadUpTo(to + i * step + c, lanes);
        StoreUpTo(v, to + i * step + c, lanes);
      }
      p += read.block_step;
      from += gradient.block_step;
    });
  });
  if (tensors.accumulate || tensors.dx_sums == nullptr) return;
  for (int64_t c = 0; c < s.in_channels; c += kLanes<T>) {
    AddSums(dx + c, step, tensors.x + first + c, step, at.pixels, s.in_channels, c,
            tensors.dx_sums + at.image * 2 * s.in_channels);
  }
}

// The taps of every stride-th pixel of x from `row` and `column` on: all of them lie at the same
// places of their windows, and one pixel's windows are next to those of the pixel before.
template <typename T>
KernelTaps TapsOfGradient(const SeparableShape& s, const PaddedExtent& gradient, int64_t row,
                          int64_t column) {
  KernelTaps taps;
  for (int64_t i = 0; i < s.kernel; ++i) {
    const int64_t down = row + s.padding - i * s.dilation;
    if (down % s.stride != 0) continue;
    for (int64_t k = 0; k < s.kernel; ++k) {
      const int64_t right = column + s.padding - k * s.dilation;
      if (right % s.stride != 0) continue;
      taps.taps[taps.count++] = {(i * s.kernel + k) * kLanes<T>,
                                 OffsetOf<T>(gradient, down / s.stride, right / s.stride)};
    }
  }
  return taps;
}

// The gradient of u of an image from that of d.
template <typename T>
void InputGradient(const SeparableShape& s, const SeparableBackward<T>& tensors, int64_t image,
                   const Regions<T>& regions) {
  const PaddedExtent read = ExtentOfRead(s);
  const PaddedExtent extent = ExtentOfGradient(s);
  const int64_t values = s.kernel * s.kernel * kLanes<T>;
  const int64_t row_step = s.width * kLanes<T>;
  for (int64_t top = 0; top < Least(s.stride, s.height); ++top) {
    for (int64_t left = 0; left < Least(s.stride, s.width); ++left) {
      const KernelTaps taps = TapsOfGradient<T>(s, extent, top, left);
      const int64_t pixels = (s.width - left + s.stride - 1) / s.stride;
      for (int64_t row = top; row < s.height; row += s.stride) {
        const T* from = regions.gradient + row / s.stride * extent.columns * kLanes<T>;
        for (int64_t block = 0; block < Blocks<T>(s.in_channels); ++block) {
          Convolve(taps.taps, taps.count, regions.filter + block * values,
                   from + block * PlaneSize<T>(extent), 1, regions.row + block * row_step, pixels);
        }
        StoreGradient(s, tensors, RowPixels{image, row, left, s.stride, pixels},
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
void DepthwiseGradient(const SeparableShape& s, const Band& band, const Regions<T>& regions) {
  const PaddedExtent extent = ExtentOfGradient(s);
  const PixelsOut<T> out = s.kernel == 0
                               ? PixelsOut<T>{regions.depthwise_gradient,
                                              s.in_channels,
                                              regions.band_step,
                                              kLanes<T>,
                                              band.pixels,
                                              0}
                               : PixelsOut<T>{regions.gradient + OffsetOf<T>(extent, band.begin, 0),
                                              s.in_channels,
                                              PlaneSize<T>(extent),
                                              kLanes<T>,
                                              s.out_width,
                                              extent.columns * kLanes<T>};
  Multiply(PixelsIn<T>{regions.out_gradient, s.out_channels, regions.band_step}, band.pixels,
           regions.point, out);
}

// Adds what a band gives to the gradient of the filter.
template <typename T>
void AddFilterGradient(const SeparableShape& s, const DepthwiseBands<T>& depthwise,
                       const Band& band, const Regions<T>& regions) {
  const int64_t values = depthwise.taps.count * kLanes<T>;
  const PaddedExtent extent = ExtentOfGradient(s);
  for (int64_t block = 0; block < Blocks<T>(s.in_channels); ++block) {
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
  for (int64_t i = 0; i < s.in_channels; ++i) {
    for (int64_t o = 0; o < s.out_channels; ++o) {
      regions.point[o * in + i] = tensors.point[i * s.out_channels + o];
    }
  }
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

template <typename T>
void Backward(const SeparableShape& s, const SeparableBackward<T>& tensors, T* scratch,
              int64_t begin, int64_t end) {
  const Regions<T> regions(s, scratch);
  DepthwiseBands<T> depthwise(s, tensors, regions);
  StartBackward(s, tensors, regions);
  const bool has_dx = tensors.dx != nullptr;
  const bool has_dfilter = tensors.dfilter != nullptr;
  const bool has_dpoint = tensors.dpoint != nullptr;
  for (int64_t n = begin; n < end; ++n) {
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
      if (has_dpoint) {
        depthwise.Compute(band);
        AddOuter(PixelsIn<T>{regions.depthwise, s.in_channels, regions.band_step},
                 PixelsIn<T>{regions.out_gradient, s.out_channels, regions.band_step}, band.pixels,
                 regions.point_sums);
      }
      if (!has_dx && !has_dfilter) return;
      DepthwiseGradient(s, band, regions);
      if (has_dfilter) AddFilterGradient(s, depthwise, band, regions);
      if (has_dx && s.kernel == 0) PointInputGradient(s, tensors, band, regions);
    });
    if (has_dx && s.kernel > 0) InputGradient(s, tensors, n, regions);
  }
  FinishBackward(s, tensors, regions);
}

}  // namespace

template <typename T>
SeparableKernels<T> Separable() {
  return {Scratch<T>, Forward<T>, Backward<T>};
}
template SeparableKernels<float> Separable<float>();
template SeparableKernels<double> Separable<double>();

}  // namespace nasc::fused::NASC_ISA
