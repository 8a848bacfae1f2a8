#include "compiler/algebra/canonical_form.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

Hash128 Label(const std::string& text) { return Hasher().Add(text).Take(); }

// A random network over one input: sums and operations with weights, some on shared values. Built
// twice from one seed with another `order`, it is the same but for numbers and weights' names.
class RandomTerms {
 public:
  RandomTerms(int seed, int order) : order_(order) {
    std::mt19937 shape(seed);
    const int size = 3 + static_cast<int>(shape() % 12);
    for (int i = 0; i < size; ++i) {
      Node node;
      node.sum = shape() % 3 == 0;
      node.kind = static_cast<int>(shape() % 2);
      const int operands = node.sum ? 2 + static_cast<int>(shape() % 2) : 1;
      for (int k = 0; k < operands; ++k) {
        node.operands.push_back(static_cast<int>(shape() % (i + 1)) - 1);  // -1: the input
      }
      nodes_.push_back(node);
    }
  }

  Hash128 Form() {
    Terms terms;
    std::vector<int> made(nodes_.size(), -1);
    const TermId input = terms.Add(Label("input"), {});
    // Any order in which operands come first.
    std::vector<int> left;
    for (size_t i = 0; i < nodes_.size(); ++i) left.push_back(static_cast<int>(i));
    while (!left.empty()) {
      if (order_() % 2 == 0) std::shuffle(left.begin(), left.end(), order_);
      const auto ready = std::find_if(left.begin(), left.end(), [&](int i) {
        return std::all_of(nodes_[i].operands.begin(), nodes_[i].operands.end(),
                           [&](int o) { return o < 0 || made[o] >= 0; });
      });
      const Node& node = nodes_[*ready];
      TermIds operands;
      for (const int o : node.operands) operands.push_back(o < 0 ? input : made[o]);
      std::shuffle(operands.begin(), operands.end(), order_);
      const int identity = static_cast<int>(order_() % 1000000) + 1;
      made[*ready] = node.sum
                         ? terms.Add(Label("sum"), operands, true)
                         : terms.Add(Label(node.kind == 0 ? "f" : "g"), operands, false, identity);
      left.erase(ready);
    }
    TermIds all;
    for (const int term : made) all.push_back(term);
    const TermId root = terms.Add(Label("root"), all, true);
    return CanonicalFormOf(terms, root).hash;
  }

 private:
  struct Node {
    bool sum = false;
    int kind = 0;
    std::vector<int> operands;
  };
  std::mt19937 order_;
  std::vector<Node> nodes_;
};

TEST(CanonicalFormTest, IsTheSameForAllNamesAndOrders) {
  for (int seed = 0; seed < 500; ++seed) {
    const Hash128 form = RandomTerms(seed, 1).Form();
    for (int order = 2; order < 6; ++order) {
      EXPECT_EQ(RandomTerms(seed, order).Form(), form) << seed;
    }
  }
}

// f(x) + f(x) with the same weights, and with weights of its own each.
TEST(CanonicalFormTest, TellsUsedTwiceFromComputedTwice) {
  Terms terms;
  const TermId x = terms.Add(Label("x"), {});
  const TermId f = terms.Add(Label("f"), {x}, false, 1);
  const TermId other = terms.Add(Label("f"), {x}, false, 2);
  const TermId twice = terms.Add(Label("sum"), {f, f}, true);
  const TermId two = terms.Add(Label("sum"), {f, other}, true);
  EXPECT_NE(CanonicalFormOf(terms, twice).hash, CanonicalFormOf(terms, two).hash);
  EXPECT_EQ(CanonicalFormOf(terms, twice).identities, std::vector<int>({1}));
  EXPECT_EQ(CanonicalFormOf(terms, two).identities.size(), 2u);
}

// Two values with equal trees, of which one user takes both or each user takes one.
TEST(CanonicalFormTest, TellsWhoSharesWhat) {
  const auto form = [](bool crossed) {
    Terms terms;
    const TermId x = terms.Add(Label("x"), {});
    const TermId a = terms.Add(Label("f"), {x}, false, 1);
    const TermId b = terms.Add(Label("f"), {x}, false, 2);
    const TermId first = terms.Add(Label("g"), {a, crossed ? b : a}, false, 3);
    const TermId second = terms.Add(Label("g"), {b, crossed ? a : b}, false, 4);
    const TermId root = terms.Add(Label("sum"), {first, second}, true);
    return CanonicalFormOf(terms, root).hash;
  };
  EXPECT_EQ(form(false), form(false));
  EXPECT_NE(form(false), form(true));
}

}  // namespace
}  // namespace nasc
