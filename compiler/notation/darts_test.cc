#include "compiler/notation/darts.h"

#include <optional>
#include <random>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "compiler/draw.h"
#include "gtest/gtest.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

// As the authors' code has it (DARTS_V2).
constexpr char kSecondOrder[] = R"(Genotype(
    normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1),
            ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)],
    normal_concat=[2, 3, 4, 5],
    reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1),
            ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)],
    reduce_concat=[2, 3, 4, 5]))";

ir::Graph Lowered(const std::string& file, const std::string& scale) {
  Diagnostics diagnostics;
  std::optional<ir::Graph> graph = LowerFile(file, scale, diagnostics);
  EXPECT_TRUE(graph.has_value()) << diagnostics.Render();
  return graph.has_value() ? *graph : ir::Graph{};
}

ir::Graph Darts() { return Lowered("examples/darts/darts.space", "quick"); }

TEST(DartsNotationTest, ReadsWhatThePaperFound) {
  const ir::Graph graph = Darts();
  const auto notation = DartsNotation::For(graph);
  ASSERT_TRUE(notation.ok()) << notation.status();
  const auto read = notation->Read(kSecondOrder);
  ASSERT_TRUE(read.ok()) << read.status();
  const std::string text = Print(*read, graph);
  EXPECT_TRUE(absl::StrContains(text, "normal.n3.edges = { prev_prev, n0 }")) << text;
  EXPECT_TRUE(absl::StrContains(text, "normal.n3.n0.op = dil_conv_3x3")) << text;
  EXPECT_TRUE(absl::StrContains(text, "reduction.n1.prev.op = max_pool_3x3")) << text;
}

TEST(DartsNotationTest, ReadsWhatItWrites) {
  const ir::Graph graph = Darts();
  const auto notation = DartsNotation::For(graph);
  ASSERT_TRUE(notation.ok()) << notation.status();
  std::mt19937_64 random(1);
  for (int i = 0; i < 200; ++i) {
    const Architecture architecture =
        DrawArchitecture(graph.decisions, [&](uint64_t n) { return random() % n; }).architecture;
    const auto read = notation->Read(notation->Write(architecture));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(*read == architecture) << notation->Write(architecture);
  }
}

TEST(DartsNotationTest, SaysWhatIsWrong) {
  const auto notation = DartsNotation::For(Darts());
  ASSERT_TRUE(notation.ok()) << notation.status();
  const auto message = [&](const std::string& from, const std::string& to) {
    const std::string text = absl::StrReplaceAll(kSecondOrder, {{from, to}});
    return std::string(notation->Read(text).status().message());
  };
  EXPECT_EQ(message("'dil_conv_3x3', 2", "'dil_conv', 2"),
            "'dil_conv' of node 3 of normal is none of none, max_pool_3x3, avg_pool_3x3, "
            "skip_connect, sep_conv_3x3, sep_conv_5x5, dil_conv_3x3, dil_conv_5x5");
  EXPECT_EQ(message("'dil_conv_3x3', 2", "'none', 2"),
            "'none' of node 3 of normal is relaxed: no architecture has it");
  EXPECT_EQ(message("'dil_conv_3x3', 2", "'dil_conv_3x3', 5"),
            "'('dil_conv_3x3', 5)' of node 3 of normal takes no earlier value: those are 0 to 4");
  EXPECT_EQ(message("'dil_conv_3x3', 2", "'dil_conv_3x3', 0"),
            "'('dil_conv_3x3', 0)' of node 3 of normal takes the same value as the edge before it");
  EXPECT_EQ(message(", ('dil_conv_3x3', 2)", ""),
            "'normal' has 7 edges; the space has 4 nodes of two");
  EXPECT_EQ(message("reduce_concat=[2, 3, 4, 5]", "reduce_concat=range(3, 6)"),
            "'reduce_concat = [3, 4, 5]' does not join all nodes of the space, which are 2 to 5");
  EXPECT_EQ(message("normal_concat=[2, 3, 4, 5],", ""),
            "'normal_concat' is missing from the genotype");
  EXPECT_EQ(message("reduce_concat", "normal_concat"), "'normal_concat' is there twice");
  EXPECT_EQ(message("('dil_conv_3x3', 2)", "('dil_conv_3x3' 2)"),
            "'2)],' is found where ',' is expected");
  EXPECT_EQ(message(",\n    reduce_concat=[2, 3, 4, 5])", ""),
            "the genotype ends where ')' is expected");
}

TEST(DartsNotationTest, IsForTwoCells) {
  const auto notation =
      DartsNotation::For(Lowered("examples/nasbench201/nasbench201.space", "quick"));
  EXPECT_EQ(notation.status().message(),
            "DARTS's notation is for cells `normal` and `reduction` of nodes that take two of all "
            "earlier values, with one operation an edge; 'normal.n0.x.op' does not fit");
}

}  // namespace
}  // namespace nasc
