#include "compiler/architecture.h"

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "compiler/extremes.h"
#include "compiler/identity.h"
#include "compiler/space_size.h"
#include "gtest/gtest.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

// A choice inside a candidate, a candidate that no result contains, and subsets.
constexpr char kTiny[] = R"(space tiny version 2.1.0
ops inner { relu sigmoid identity }
ops outer {
  none relaxed
  chosen = conv(3) -> one of inner
  pool = max_pool(3)
}
cell c(a, b) {
  node n[2] {
    edges 2 of earlier { one of outer }
    merge sum
  }
  output sum(n)
}
network {
  input image(3, 4, 4) classes 2
  stem  conv(1, filters = 4)
  stack 2 { else: c }
  head  global_avg_pool -> linear(classes)
}
scale small { width = 4 }
)";

ir::Graph Lower(const std::string& text) {
  Diagnostics diagnostics;
  std::optional<ir::Graph> graph = LowerText(text, "", diagnostics);
  EXPECT_TRUE(graph.has_value()) << diagnostics.Render();
  return graph.has_value() ? *graph : ir::Graph{};
}

ir::Graph Darts() {
  Diagnostics diagnostics;
  std::optional<ir::Graph> graph = LowerFile("examples/darts/darts.space", "search", diagnostics);
  EXPECT_TRUE(graph.has_value()) << diagnostics.Render();
  return graph.has_value() ? *graph : ir::Graph{};
}

std::optional<Architecture> Parse(const std::string& text, const ir::Graph& graph,
                                  Diagnostics& diagnostics) {
  return ParseArchitecture(std::make_shared<const SourceFile>("t.arch", text), graph, diagnostics);
}

// Every architecture, by trying all picks of every decision in order: nothing of how they are
// counted.
void ForEach(const ir::Graph& graph, const std::function<void(const Architecture&)>& visit) {
  Architecture architecture;
  architecture.picks.resize(graph.decisions.size());
  const std::function<void(size_t)> decide = [&](size_t d) {
    if (d == graph.decisions.size()) return visit(architecture);
    const ir::Decision& decision = graph.decisions[d];
    if (!IsAlive(decision, architecture)) return decide(d + 1);
    const auto least = static_cast<size_t>(decision.least);
    const auto most = static_cast<size_t>(decision.most);
    for (unsigned subset = 0; subset < (1u << decision.options.size()); ++subset) {
      std::vector<int>& picks = architecture.picks[d];
      picks.clear();
      bool allowed = true;
      for (size_t option = 0; option < decision.options.size(); ++option) {
        if ((subset >> option & 1) == 0) continue;
        allowed &= !decision.relaxed_only[option];
        picks.push_back(static_cast<int>(option));
      }
      if (allowed && picks.size() >= least && picks.size() <= most) decide(d + 1);
    }
    architecture.picks[d].clear();
  };
  decide(0);
}

TEST(ArchitectureTest, CountAgreesWithEnumeration) {
  const ir::Graph graph = Lower(kTiny);
  std::set<std::vector<std::vector<int>>> all;
  ForEach(graph, [&](const Architecture& architecture) { all.insert(architecture.picks); });
  // An edge: 3 activations or the pool. Node 0 takes both inputs, node 1 two of three values.
  EXPECT_EQ(all.size(), 4u * 4 * 3 * 4 * 4);
  EXPECT_EQ(CountArchitectures(graph.decisions, {}).ToString(), "768");
}

TEST(ArchitectureTest, CountsDarts) {
  EXPECT_EQ(CountArchitectures(Darts().decisions, {}).ToString(),
            "1076746950455072400");  // (180 * 7^8)^2
}

TEST(ArchitectureTest, CountsAreExactHoweverLarge) {
  ir::Decision decision;
  decision.options = {"a", "b"};
  decision.relaxed_only = {false, false};
  EXPECT_EQ(CountArchitectures(std::vector<ir::Decision>(200, decision), {}).ToString(),
            "1606938044258990275541962092341162602522202993782792835301376");  // 2^200
}

// A budget on a sum of many parts.
TEST(ArchitectureTest, ConstraintsCount) {
  ir::Decision decision;
  decision.options = {"a", "b"};
  decision.relaxed_only = {false, false};
  const std::vector<ir::Decision> decisions(10, decision);
  ir::Constraint few;
  for (int d = 0; d < 10; ++d) {
    few.value = few.value + ir::FromCondition(ir::Takes(decision, d, 1));
  }
  few.most = 2;
  EXPECT_EQ(CountArchitectures(decisions, {few}).ToString(), "56");  // 1 + 10 + 45
  const auto extremes = ExtremesOf(few.value * 3, decisions, {few});
  ASSERT_TRUE(extremes.has_value());
  EXPECT_EQ(extremes->least.bound, 0);
  EXPECT_TRUE(extremes->least.exact());
  EXPECT_EQ(extremes->greatest.bound, 6);
  EXPECT_TRUE(extremes->greatest.exact());
  few.least = few.most = 11;
  EXPECT_EQ(CountArchitectures(decisions, {few}).ToString(), "0");
  EXPECT_FALSE(ExtremesOf(few.value, decisions, {few}).has_value());
}

TEST(ArchitectureTest, PrintsAndParsesEveryOne) {
  const ir::Graph graph = Lower(kTiny);
  std::set<std::string> texts;
  ForEach(graph, [&](const Architecture& architecture) {
    const std::string text = Print(architecture, graph);
    Diagnostics diagnostics;
    const std::optional<Architecture> parsed = Parse(text, graph, diagnostics);
    ASSERT_TRUE(parsed.has_value()) << diagnostics.Render();
    EXPECT_EQ(*parsed, architecture) << text;
    texts.insert(text);
  });
  EXPECT_EQ(texts.size(), 768u);
}

TEST(ArchitectureTest, PrintsOnlyWhatIsAlive) {
  const ir::Graph graph = Lower(kTiny);
  const std::string text =
      "architecture tiny version 2.1.0 {\n"
      "  c.n0.edges = { a, b }\n"
      "  c.n0.a.op = pool\n"
      "  c.n0.b.op = chosen\n"
      "  c.n0.b.chosen.inner = sigmoid\n"
      "  c.n1.edges = { a, n0 }\n"
      "  c.n1.a.op = pool\n"
      "  c.n1.n0.op = pool\n"
      "}\n";
  Diagnostics diagnostics;
  const std::optional<Architecture> architecture = Parse(text, graph, diagnostics);
  ASSERT_TRUE(architecture.has_value()) << diagnostics.Render();
  EXPECT_EQ(ChoicesIn(Print(*architecture, graph)), ChoicesIn(text));
}

TEST(ArchitectureTest, SaysWhatDoesNotFitAnotherVersion) {
  const std::string old_text(kTiny);
  const ir::Graph before = Lower(old_text);
  std::string text;
  ForEach(before, [&](const Architecture& architecture) {
    const std::string each = Print(architecture, before);
    if (each.find("= identity\n") != std::string::npos) text = each;
  });
  std::string new_text = old_text;
  new_text.replace(new_text.find("identity }"), 8, "tanh    ");
  const ir::Graph after = Lower(new_text);
  EXPECT_NE(IdentityOf(before), IdentityOf(after));
  Diagnostics diagnostics;
  EXPECT_FALSE(Parse(text, after, diagnostics).has_value());
  const std::string said = diagnostics.Render();
  for (const std::string& piece :
       {IdentityOf(before).ToString(), IdentityOf(after).ToString(),
        std::string("has no option 'identity'"), std::string("nasc migrate t.arch")}) {
    EXPECT_NE(said.find(piece), std::string::npos) << piece << "\n" << said;
  }
}

TEST(ArchitectureTest, TheOrderOfLinesAndPicksMeansNothing) {
  const ir::Graph graph = Lower(kTiny);
  Diagnostics diagnostics;
  const std::optional<Architecture> architecture = Parse(
      "architecture tiny version 2.1.0 { c.n1.n0.op = pool c.n1.a.op = pool c.n0.b.op = pool\n"
      "c.n0.a.op = pool c.n1.edges = { n0, a } c.n0.edges = { b, a } }",
      graph, diagnostics);
  ASSERT_TRUE(architecture.has_value()) << diagnostics.Render();
  EXPECT_EQ(architecture->picks[0], (std::vector<int>{0, 1}));
  EXPECT_NE(Print(*architecture, graph).find("c.n1.edges = { a, n0 }"), std::string::npos);
}

TEST(ArchitectureTest, DartsRoundTrips) {
  const ir::Graph graph = Darts();
  std::mt19937 random(1);
  for (int trial = 0; trial < 100; ++trial) {
    Architecture architecture;
    architecture.picks.resize(graph.decisions.size());
    for (size_t d = 0; d < graph.decisions.size(); ++d) {
      const ir::Decision& decision = graph.decisions[d];
      if (!IsAlive(decision, architecture)) continue;
      std::set<int> picks;
      const auto take = static_cast<size_t>(decision.most);
      while (picks.size() < take) {
        const int option = static_cast<int>(random() % decision.options.size());
        if (!decision.relaxed_only[option]) picks.insert(option);
      }
      architecture.picks[d].assign(picks.begin(), picks.end());
    }
    Diagnostics diagnostics;
    const auto parsed = Parse(Print(architecture, graph), graph, diagnostics);
    ASSERT_TRUE(parsed.has_value()) << diagnostics.Render();
    EXPECT_EQ(*parsed, architecture);
  }
}

}  // namespace
}  // namespace nasc
