#include "bench/generate_space.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"

namespace nasc {
namespace {

constexpr int kSets = 4;  // of a family, one a node of its cell

// $0 is the family, $1 the set.
constexpr char kOperations[] = R"(
/// Reads each channel for itself, then mixes them: few weights for a large window.
op separable_$0_$1(kernel) = relu
    -> depthwise(kernel)  // one filter a channel
    -> conv(1, stride = 1)
    -> bn

/// Two convolutions, the first of which sees the surroundings, the second what it found.
op double_$0_$1(kernel, taps = 1) {
  // The stride is that of the edge; the second convolution keeps the size.
  let body = relu
      -> conv(kernel, dilation = taps)  // wider with the same weights
      -> bn
  return body
      -> relu
      -> conv(1, stride = 1)  // keeps the size
      -> bn
}

/// What is largest in a window, brought to the width of the cell.
op pooled_$0_$1(kernel) = max_pool(kernel)
    -> conv(1, stride = 1)
    -> bn

/// The search finds how far it looks: the kernel is a decision of its own.
op chosen_$0_$1 {
  choose kernel in { 3, 5 }
  return relu
      -> conv(kernel)  // of either size
      -> bn
}

ops candidates_$0_$1 {
  none relaxed  // competes while relaxed, is never in a result
  separable = separable_$0_$1(3)
  double = double_$0_$1(3, taps = 2)
  pooled = pooled_$0_$1(3)
  chosen = chosen_$0_$1
}
)";

constexpr char kNode[] = R"(
  // Takes the output of one of the two cells before, through one operation of its set.
  node n$1 {
    edges 1 of [prev_prev, prev] {
      one of candidates_$0_$1
    }
    merge sum
  }
)";

int Lines(const std::string& text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

std::string Family(int family) {
  std::string text = absl::StrCat("\n// --- family ", family, " ---\n");
  for (int set = 0; set < kSets; ++set) absl::SubstituteAndAppend(&text, kOperations, family, set);
  absl::StrAppend(&text, "\n/// The cell of family ", family, ".\ncell cell_", family,
                  "(prev_prev, prev) {\n  adapt separable_", family, "_0(1)\n");
  for (int set = 0; set < kSets; ++set) absl::SubstituteAndAppend(&text, kNode, family, set);
  return text + "\n  output concat(n0, n1, n2, n3)\n}\n";
}

}  // namespace

std::string GenerateSpace(int lines) {
  std::string text = "space generated version 1.0.0\n/// A large space, for measurements.\n";
  const int families = std::max(1, lines / (Lines(Family(0)) + 1));  // a rule of the stack each
  for (int family = 0; family < families; ++family) text += Family(family);
  text +=
      "\nnetwork {\n  input image(3, 32, 32)  classes 10\n  stem conv(3, filters = width) -> bn\n  "
      "stack depth {\n";
  for (int family = 0; family + 1 < families; ++family) {
    absl::StrAppend(&text, "    at ", family, "/", families, ": cell_", family, "\n");
  }
  absl::StrAppend(&text, "    else: cell_", families - 1,
                  "\n  }\n  head global_avg_pool -> linear(classes)\n}\n\n",
                  "scale search { width = 16  depth = ", families, " }\n");
  return text;
}

}  // namespace nasc
