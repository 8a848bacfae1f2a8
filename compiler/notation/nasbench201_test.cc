#include "compiler/notation/nasbench201.h"

#include <optional>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "compiler/draw.h"
#include "gtest/gtest.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

ir::Graph Lowered(const std::string& file) {
  Diagnostics diagnostics;
  std::optional<ir::Graph> graph = LowerFile(file, "search", diagnostics);
  EXPECT_TRUE(graph.has_value()) << diagnostics.Render();
  return graph.has_value() ? *graph : ir::Graph{};
}

ir::Graph Space() { return Lowered("examples/nasbench201/nasbench201.space"); }

TEST(NasBench201NotationTest, ReadsWhatItWrites) {
  const ir::Graph graph = Space();
  const auto notation = NasBench201Notation::For(graph);
  ASSERT_TRUE(notation.ok()) << notation.status();
  absl::flat_hash_set<std::string> texts;
  ForEachArchitecture(graph.decisions, {}, [&](const Architecture& architecture) {
    const std::string text = notation->Write(architecture);
    const absl::StatusOr<Architecture> read = notation->Read(text);
    EXPECT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(read.ok() && *read == architecture) << text;
    texts.insert(text);
    return true;
  });
  EXPECT_EQ(texts.size(), 15625u);
  EXPECT_TRUE(texts.contains(
      "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|"));
}

// "6,466 unique topology structures": Dong and Yang, ICLR 2020.
TEST(NasBench201NotationTest, UniqueTextsAreThoseOfTheAuthors) {
  const ir::Graph graph = Space();
  const auto notation = NasBench201Notation::For(graph);
  ASSERT_TRUE(notation.ok()) << notation.status();
  absl::flat_hash_set<std::string> texts;
  ForEachArchitecture(graph.decisions, {}, [&](const Architecture& architecture) {
    texts.insert(notation->UniqueText(architecture));
    return true;
  });
  EXPECT_EQ(texts.size(), 6466u);
}

TEST(NasBench201NotationTest, SaysWhatIsWrong) {
  const auto notation = NasBench201Notation::For(Space());
  ASSERT_TRUE(notation.ok()) << notation.status();
  const auto message = [&](const std::string& text) {
    return std::string(notation->Read(text).status().message());
  };
  EXPECT_EQ(message("|none~0|"), "'|none~0|' has 1 nodes, the space has 3");
  EXPECT_EQ(message("none~0|+|none~0|none~1|+|none~0|none~1|none~2|"),
            "'none~0|' of 'none~0|+|none~0|none~1|+|none~0|none~1|none~2|' is not 1 edges between "
            "'|'");
  EXPECT_EQ(message("|none~1|+|none~0|none~1|+|none~0|none~1|none~2|"),
            "'none~1' of '|none~1|+|none~0|none~1|+|none~0|none~1|none~2|' does not end in '~0'");
  EXPECT_EQ(message("|conv~0|+|none~0|none~1|+|none~0|none~1|none~2|"),
            "'conv' of '|conv~0|+|none~0|none~1|+|none~0|none~1|none~2|' is none of none, "
            "skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3");
}

TEST(NasBench201NotationTest, IsForOneCellOfAllEdges) {
  const auto notation = NasBench201Notation::For(Lowered("examples/darts/darts.space"));
  EXPECT_EQ(
      notation.status().message(),
      "NAS-Bench-201's notation is for one cell whose nodes take all earlier values, with one "
      "operation an edge; 'normal.n0.edges' does not fit");
}

}  // namespace
}  // namespace nasc
