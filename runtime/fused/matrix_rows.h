#pragma once

#include <cstdint>
#include <type_traits>

#include "runtime/fused/partial_vector.h"
#include "runtime/fused/vector.h"

// Products of small matrices with pixels in memory order [blocks of channels, pixels, lanes], and
// what is fetched into the cache during them. Matrices have rows of whole vectors.
namespace nasc::fused::NASC_ISA {

constexpr bool kManyRegisters = NASC_VECTOR_BYTES == 64;  // 32 of them, otherwise 16

// Memory that is wanted soon, fetched into the second cache a few lines at a time between steps of
// other work: the processor waits for few lines at once, and more would hold up that work.
class Ahead {
 public:
  // Rows `begin` to `end` of a tensor, unless there are none.
  template <typename T>
  void AddRows(const T* tensor, int64_t row_size, int64_t begin, int64_t end) {
    if (begin >= end) return;
    ranges_[count_++] = {reinterpret_cast<const char*>(tensor + begin * row_size),
                         reinterpret_cast<const char*>(tensor + end * row_size)};
  }

  void Drop() { count_ = 0; }

  // The next lines, if any. To be called about every 200 cycles of the processor.
  void Fetch() {
    constexpr int64_t kLine = 64;
    constexpr int64_t kMost = 8 * kLine;
    if (count_ == 0) return;
    Range& range = ranges_[count_ - 1];
    const bool last = range.end - range.next <= kMost;
    const char* end = last ? range.end : range.next + kMost;
    for (; range.next < end; range.next += kLine) __builtin_prefetch(range.next, 0, 2);
    if (last) --count_;
  }

 private:
  struct Range {
    const char* next;
    const char* end;
  };
  Range ranges_[4];
  int count_ = 0;
};

// Pixels to read: block b of pixel i is at data + b * block_step + i * lanes.
template <typename T>
struct PixelsIn {
  const T* data;
  int64_t channels;
  int64_t block_step;
};

// Pixels to write, in rows of `width`: block b of pixel i of row r is at data + b * block_step +
// r * row_step + i * pixel_step. The last block ends with the channels.
template <typename T>
struct PixelsOut {
  T* data;
  int64_t channels;
  int64_t block_step;
  int64_t pixel_step;
  int64_t width;
  int64_t row_step;

  T* At(int64_t pixel, int64_t block) const {
    return data + block * block_step + pixel / width * row_step + pixel % width * pixel_step;
  }
};

// Calls `f(tile, block)` for groups of at most three blocks, `tile` being their number as an
// integral constant: the more blocks share what is read of the other factor, the better, but the
// last groups are of almost the same size.
template <typename F>
inline void ForEachTile(int64_t blocks, const F& f) {
  int64_t block = 0;
  for (; blocks - block > 4 || blocks - block == 3; block += 3) {
    f(std::integral_constant<int, 3>(), block);
  }
  for (; blocks - block >= 2; block += 2) f(std::integral_constant<int, 2>(), block);
  if (block < blocks) f(std::integral_constant<int, 1>(), block);
}

// How many vectors of the other factor a tile of `kBlocks` has: as many as there are registers for.
template <int kBlocks>
constexpr int kTile = (kBlocks == 1 ? 2 : 1) * (kManyRegisters ? 8 : 4);

// `kPixels` pixels from `pixel` on, `kBlocks` blocks from `block` on.
template <typename T, int kPixels, int kBlocks>
inline void MultiplyTile(const PixelsIn<T>& from, const T* matrix, int64_t block, int64_t pixel,
                         PixelsOut<T> out, Ahead& ahead) {
  using V = Full<T>;
  const int64_t matrix_row = Blocks<T>(out.channels) * kLanes<T>;
  V sums[kPixels][kBlocks] = {};
  const T* row = matrix + block * kLanes<T>;
  const T* values = from.data + pixel * kLanes<T>;
  ForEachVector<T>(from.channels, [&](int64_t, int64_t count) {
    ahead.Fetch();
    for (const T* value = values; value < values + count; ++value, row += matrix_row) {
      V factors[kBlocks];
      for (int b = 0; b < kBlocks; ++b) factors[b] = Load<V>(row + b * kLanes<T>);
#pragma GCC unroll 16
      for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 16
        for (int b = 0; b < kBlocks; ++b) sums[p][b] += factors[b] * value[p * kLanes<T>];
      }
    }
    values += from.block_step;
  });
  T* first = out.At(pixel, block);
  const bool in_row = pixel % out.width + kPixels <= out.width;
#pragma GCC unroll 16
  for (int p = 0; p < kPixels; ++p) {
    T* to = in_row ? first + p * out.pixel_step : out.At(pixel + p, block);
#pragma GCC unroll 16
    for (int b = 0; b < kBlocks; ++b) {
      StoreUpTo(sums[p][b], to + b * out.block_step, out.channels - (block + b) * kLanes<T>);
    }
  }
}

// out = from * matrix, which has a row for each of from's channels.
template <typename T>
inline void Multiply(const PixelsIn<T>& from, int64_t pixels, const T* matrix,
                     const PixelsOut<T>& out, Ahead& ahead) {
  ForEachTile(Blocks<T>(out.channels), [&](auto blocks, int64_t block) {
    ForEachBlock<T, kTile<blocks()>>(0, pixels, [&](auto group, int64_t pixel) {
      MultiplyTile<T, group(), blocks()>(from, matrix, block, pixel, out, ahead);
    });
  });
}

// `kRows` rows from `row` on, `kBlocks` blocks of columns from `block` on.
template <typename T, int kRows, int kBlocks>
inline void AddOuterTile(const PixelsIn<T>& left, const PixelsIn<T>& right, int64_t pixels,
                         int64_t row, int64_t block, T* matrix, Ahead& ahead) {
  using V = Full<T>;
  V sums[kRows][kBlocks] = {};
  const T* values = left.data + row / kLanes<T> * left.block_step + row % kLanes<T>;
  const T* factors = right.data + block * right.block_step;
  const auto add = [&](int64_t count) {
    ahead.Fetch();
    for (int64_t i = 0; i < count; ++i, values += kLanes<T>, factors += kLanes<T>) {
      V factor[kBlocks];
      for (int b = 0; b < kBlocks; ++b) factor[b] = Load<V>(factors + b * right.block_step);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
        for (int b = 0; b < kBlocks; ++b) sums[r][b] += factor[b] * values[r];
      }
    }
  };
  constexpr int64_t kBetweenFetches = 16;
  for (int64_t i = 0; i < pixels; i += kBetweenFetches) add(Least(kBetweenFetches, pixels - i));
  const int64_t matrix_row = Blocks<T>(right.channels) * kLanes<T>;
  for (int r = 0; r < kRows; ++r) {
    for (int b = 0; b < kBlocks; ++b) {
      T* to = matrix + (row + r) * matrix_row + (block + b) * kLanes<T>;
      Store(Load<V>(to) + sums[r][b], to);
    }
  }
}

// Adds to matrix, which has a row for each of left's channels, the sum over the pixels of
// left^T * right.
template <typename T>
inline void AddOuter(const PixelsIn<T>& left, const PixelsIn<T>& right, int64_t pixels, T* matrix,
                     Ahead& ahead) {
  ForEachTile(Blocks<T>(right.channels), [&](auto blocks, int64_t block) {
    constexpr int kRows = kTile<blocks()> < kLanes<T> ? kTile<blocks()> : kLanes<T>;
    ForEachBlock<T, kRows>(0, left.channels, [&](auto group, int64_t row) {
      AddOuterTile<T, group(), blocks()>(left, right, pixels, row, block, matrix, ahead);
    });
  });
}

}  // namespace nasc::fused::NASC_ISA
