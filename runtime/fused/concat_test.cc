#include "runtime/fused/concat.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>

#include "gtest/gtest.h"

namespace nasc::fused {
namespace {

// Numbers that are all different.
at::Tensor Numbers(const std::vector<int64_t>& shape, double first, at::ScalarType type) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  const at::Tensor x = at::arange(first, first + static_cast<double>(count), type).view(shape);
  return x.contiguous(shape.size() == 4 ? at::MemoryFormat::ChannelsLast
                                        : at::MemoryFormat::Contiguous);
}

TEST(ConcatTest, PutsChannelsSideBySide) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    for (const std::vector<int64_t>& pixels :
         {std::vector<int64_t>{}, std::vector<int64_t>{1, 1}, std::vector<int64_t>{33, 17}}) {
      const std::vector<int64_t> sizes = {3, 1, 17};
      std::vector<at::Tensor> parts;
      for (const int64_t channels : sizes) {
        std::vector<int64_t> shape = {5, channels};
        shape.insert(shape.end(), pixels.begin(), pixels.end());
        parts.push_back(Numbers(shape, 1000 * static_cast<double>(channels), type));
      }
      const at::Tensor whole = Concat(parts);
      EXPECT_TRUE(whole.equal(at::cat(parts, 1)));
      const std::vector<at::Tensor> split = Split(whole, sizes, {true, false, true});
      EXPECT_TRUE(split[0].equal(parts[0]));
      EXPECT_FALSE(split[1].defined());
      EXPECT_TRUE(split[2].equal(parts[2]));
      EXPECT_TRUE(pixels.empty() || split[2].is_contiguous(at::MemoryFormat::ChannelsLast));
    }
  }
}

TEST(ConcatTest, InterleavesGroupsAndBack) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    for (const std::vector<int64_t>& shape :
         {std::vector<int64_t>{5, 12}, std::vector<int64_t>{5, 12, 33, 17}}) {
      const at::Tensor x = Numbers(shape, 0, type);
      const at::Tensor y = Shuffle(x, 4);
      for (int64_t c = 0; c < 12; ++c) {
        EXPECT_TRUE(y.select(1, c).equal(x.select(1, c % 4 * 3 + c / 4)));
      }
      EXPECT_TRUE(Shuffle(y, 3).equal(x));
    }
  }
}

TEST(ConcatTest, AddsToSomeOfTheChannels) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    const at::Tensor whole = Numbers({5, 7, 33, 17}, 0, type);
    const at::Tensor part = Numbers({5, 3, 33, 17}, 1000, type);
    const at::Tensor expected = whole.clone();
    expected.narrow(1, 2, 3).add_(part);
    AddToChannels(whole, part, 2);
    EXPECT_TRUE(whole.equal(expected));
  }
}

}  // namespace
}  // namespace nasc::fused
