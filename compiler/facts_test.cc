#include "compiler/facts.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

CostRange RangeOf(const std::string& name, const std::string& scale) {
  Diagnostics diagnostics;
  const auto supernet =
      LowerFile(absl::StrCat("examples/", name, "/", name, ".space"), scale, diagnostics);
  EXPECT_TRUE(supernet.has_value()) << diagnostics.Render();
  if (!supernet.has_value()) return {};
  return FactsOfSpace(*supernet).range.value_or(CostRange());
}

void ExpectExactly(const Extremes& extremes, int64_t least, int64_t greatest) {
  EXPECT_TRUE(extremes.least.exact());
  EXPECT_EQ(extremes.least.bound, least);
  EXPECT_TRUE(extremes.greatest.exact());
  EXPECT_EQ(extremes.greatest.bound, greatest);
}

// The least is a chain: 15 layers of 1x1 kernels and 6 filters, of which the first reads the image,
// and a classifier of what the last one computes.
TEST(FactsTest, LayersThatReadEachOther) {
  const CostRange range = RangeOf("nas_rl", "quick");
  const int64_t weights = 3 * 6 + 14 * 6 * 6 + 15 * 2 * 6 + (6 * 10 + 10);
  // In floats: the image, and its copy that is read; a convolution, a normalisation, an activation
  // and what is concatenated, of every layer; the pooled values and the logits.
  const int64_t activations = 2 * 3 * 1024 + 15 * 4 * 6 * 1024 + 6 + 10;
  ExpectExactly(range.weights, weights, 1320122);
  ExpectExactly(range.macs, 277380, 1351139488);
  ExpectExactly(range.activations, 4 * activations, 9920680);
}

// Which nodes are needed depends on too much for one diagram. The least is one linear node that
// reads a feature twice, the greatest 20 quadratic ones that all are needed and read all features.
TEST(FactsTest, NodesThatAreNeededOrNot) {
  const CostRange range = RangeOf("sonn", "");
  ExpectExactly(range.weights, 3, 20 * 6);
  ExpectExactly(range.macs, 0, 0);
  ExpectExactly(range.activations, 4 * (12 + 1 + 1), 4 * (12 + 12 + 20 * 4));
}

}  // namespace
}  // namespace nasc
