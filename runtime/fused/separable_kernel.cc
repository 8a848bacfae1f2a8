#include "runtime/fused/separable_kernel.h"

#include "runtime/fused/matrix_rows.h"
#include "runtime/fused/padded_image.h"
#include "runtime/fused/partial_vector.h"
#include "runtime/fused/separable_backward.h"
#include "runtime/fused/separable_bands.h"
#include "runtime/fused/vector.h"

namespace nasc::fused::NASC_ISA {
namespace {

template <typename T>
int64_t Scratch(const SeparableShape& shape) {
  return Regions<T>(shape, nullptr).size;
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
  Ahead ahead;
  for (int64_t n = begin; n < end; ++n) {
    double* sums = tensors.sums == nullptr ? nullptr : tensors.sums + n * 2 * s.out_channels;
    if (sums != nullptr) Clear(sums, 2 * s.out_channels);
    ForEachBand(s, n, [&](const Band& band) {
      depthwise.Read(band);
      depthwise.FetchAhead(band, end, ahead);
      depthwise.Compute(band, ahead);
      T* z = tensors.z + (n * s.out_height + band.begin) * s.out_width * s.out_channels;
      Multiply(PixelsIn<T>{regions.depthwise, s.in_channels, regions.band_step}, band.pixels,
               regions.point,
               PixelsOut<T>{z, s.out_channels, kLanes<T>, s.out_channels, band.pixels, 0}, ahead);
      if (sums == nullptr) return;
      for (int64_t c = 0; c < s.out_channels; c += kLanes<T>) {
        AddSums(z + c, s.out_channels, z + c, s.out_channels, band.pixels, s.out_channels, c, sums);
      }
    });
  }
}

}  // namespace

template <typename T>
SeparableKernels<T> Separable() {
  return {Scratch<T>, Forward<T>, Backward<T>};
}
template SeparableKernels<float> Separable<float>();
template SeparableKernels<double> Separable<double>();

}  // namespace nasc::fused::NASC_ISA
