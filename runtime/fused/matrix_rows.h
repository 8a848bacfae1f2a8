#pragma once

#include <cstdint>

#include "runtime/fused/partial_vector.h"
#include "runtime/fused/vector.h"

// Products of small matrices with pixels in memory order [blocks of channels, pixels, lanes].
// Matrices have rows of whole vectors.
namespace nasc::fused::NASC_ISA {

constexpr bool kManyRegisters = NASC_VECTOR_BYTES == 64;  // 32 of them, otherwise 16

// Pixels to write: block b of pixel i is at data + b * block_step + i * pixel_step. The last block
// ends with the channels.
template <typename T>
struct PixelsOut {
  T* data;
  int64_t channels;
  int64_t block_step;
  int64_t pixel_step;
};

// `kPixels` pixels from `pixel` on, `kBlocks` blocks from `block` on.
template <typename T, int kPixels, int kBlocks>
inline void MultiplyBlock(const T* from, int64_t pixels, int64_t channels, const T* matrix,
                          int64_t matrix_row, int64_t block, int64_t pixel,
                          const PixelsOut<T>& out) {
  using V = Full<T>;
  V sums[kPixels][kBlocks] = {};
  const T* row = matrix + block * kLanes<T>;
  for (int64_t c = 0; c < channels; c += kLanes<T>) {
    const T* value = from + c * pixels + pixel * kLanes<T>;
    const T* end = value + Least(kLanes<T>, channels - c);
    for (; value < end; ++value, row += matrix_row) {
      V factors[kBlocks];
      for (int b = 0; b < kBlocks; ++b) factors[b] = Load<V>(row + b * kLanes<T>);
#pragma GCC unroll 16
      for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 16
        for (int b = 0; b < kBlocks; ++b) sums[p][b] += factors[b] * value[p * kLanes<T>];
      }
    }
  }
#pragma GCC unroll 16
  for (int b = 0; b < kBlocks; ++b) {
    const int64_t step = out.pixel_step;
    T* to = out.data + (block + b) * out.block_step + pixel * step;
    const int64_t lanes = out.channels - (block + b) * kLanes<T>;
#pragma GCC unroll 16
    for (int p = 0; p < kPixels; ++p) StoreUpTo(sums[p][b], to + p * step, lanes);
  }
}

template <typename T, int kPixels, int kBlocks>
inline void MultiplyFrom(const T* from, int64_t pixels, int64_t channels, const T* matrix,
                         int64_t matrix_row, int64_t block, int64_t pixel,
                         const PixelsOut<T>& out) {
  for (; pixel + kPixels <= pixels; pixel += kPixels) {
    MultiplyBlock<T, kPixels, kBlocks>(from, pixels, channels, matrix, matrix_row, block, pixel,
                                       out);
  }
  if constexpr (kPixels > 1) {
    MultiplyFrom<T, kPixels / 2, kBlocks>(from, pixels, channels, matrix, matrix_row, block, pixel,
                                          out);
  }
}

// out = from * matrix, which has a row for each of from's `channels`.
template <typename T>
inline void Multiply(const T* from, int64_t pixels, int64_t channels, const T* matrix,
                     const PixelsOut<T>& out) {
  const int64_t blocks = Blocks<T>(out.channels);
  const int64_t matrix_row = blocks * kLanes<T>;
  int64_t block = 0;
  for (; block + 2 <= blocks; block += 2) {
    MultiplyFrom<T, kManyRegisters ? 8 : 4, 2>(from, pixels, channels, matrix, matrix_row, block, 0,
                                               out);
  }
  if (block < blocks) {
    MultiplyFrom<T, kManyRegisters ? 16 : 8, 1>(from, pixels, channels, matrix, matrix_row, block,
                                                0, out);
  }
}

// `kRows` rows from `row` on, `kBlocks` blocks of columns from `block` on.
template <typename T, int kRows, int kBlocks>
inline void AddOuterBlock(const T* left, const T* right, int64_t pixels, int64_t row, int64_t block,
                          T* matrix, int64_t matrix_row) {
  using V = Full<T>;
  V sums[kRows][kBlocks] = {};
  const T* values = left + row / kLanes<T> * pixels * kLanes<T> + row % kLanes<T>;
  const T* factors = right + block * pixels * kLanes<T>;
  for (int64_t i = 0; i < pixels; ++i) {
    V factor[kBlocks];
    for (int b = 0; b < kBlocks; ++b) factor[b] = Load<V>(factors + (b * pixels + i) * kLanes<T>);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int b = 0; b < kBlocks; ++b) sums[r][b] += factor[b] * values[i * kLanes<T> + r];
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int b = 0; b < kBlocks; ++b) {
      T* to = matrix + (row + r) * matrix_row + (block + b) * kLanes<T>;
      Store(Load<V>(to) + sums[r][b], to);
    }
  }
}

// Adds to matrix the sum over the pixels of left^T * right. The matrix has rows for all lanes of
// left's blocks.
template <typename T>
inline void AddOuter(const T* left, int64_t left_channels, const T* right, int64_t right_channels,
                     int64_t pixels, T* matrix) {
  constexpr int kWide = kManyRegisters ? 8 : 4;
  constexpr int kNarrow = kLanes<T>;
  const int64_t blocks = Blocks<T>(right_channels);
  const int64_t matrix_row = blocks * kLanes<T>;
  int64_t block = 0;
  for (; block + 2 <= blocks; block += 2) {
    for (int64_t row = 0; row < left_channels; row += kWide) {
      AddOuterBlock<T, kWide, 2>(left, right, pixels, row, block, matrix, matrix_row);
    }
  }
  if (block < blocks) {
    for (int64_t row = 0; row < left_channels; row += kNarrow) {
      AddOuterBlock<T, kNarrow, 1>(left, right, pixels, row, block, matrix, matrix_row);
    }
  }
}

}  // namespace nasc::fused::NASC_ISA
