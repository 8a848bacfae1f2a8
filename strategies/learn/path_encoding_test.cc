#include "strategies/learn/path_encoding.h"

#include <set>

#include "compiler/draw.h"
#include "compiler/lower.h"
#include "compiler/notation/nasbench201.h"
#include "compiler/primitives.h"
#include "dsl/check.h"
#include "dsl/sources.h"
#include "gtest/gtest.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

ir::Graph Lower(const Sources& sources, Diagnostics& diagnostics, const std::string& scale) {
  if (!diagnostics.has_errors()) CheckSources(sources, LanguageVocabulary(), diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  LowerOptions options;
  options.scale = scale;
  absl::StatusOr<ir::Graph> graph = LowerAt(*SpaceOf(sources.root()), options);
  EXPECT_TRUE(graph.ok()) << graph.status();
  return *std::move(graph);
}

ir::Graph LowerFile(const std::string& path, const std::string& scale) {
  Diagnostics diagnostics;
  const Sources sources = LoadSources(path, diagnostics);
  return Lower(sources, diagnostics, scale);
}

std::set<std::string> Texts(PathEncoding& encoding, const Architecture& architecture) {
  std::set<std::string> texts;
  for (int feature : encoding.Encode(architecture)) texts.insert(encoding.Text(feature));
  return texts;
}

class NasBench201Test : public ::testing::Test {
 protected:
  NasBench201Test()
      : graph_(LowerFile("examples/nasbench201/nasbench201.space", "search")), encoding_(graph_) {}

  // Without where they begin, which is the same for all.
  std::set<std::string> Paths(const std::string& cell) {
    const absl::StatusOr<NasBench201Notation> notation = NasBench201Notation::For(graph_);
    EXPECT_TRUE(notation.ok()) << notation.status();
    const absl::StatusOr<Architecture> architecture = notation->Read(cell);
    EXPECT_TRUE(architecture.ok()) << architecture.status();
    std::set<std::string> paths;
    for (const std::string& text : Texts(encoding_, *architecture)) {
      const size_t space = text.find(' ');
      begins_.insert(text.substr(0, space));
      paths.insert(text.substr(space + 1));
    }
    return paths;
  }

  ir::Graph graph_;
  PathEncoding encoding_;
  std::set<std::string> begins_;
};

TEST_F(NasBench201Test, PathsOfCells) {
  EXPECT_EQ(Paths("|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+"
                  "|avg_pool_3x3~0|none~1|nor_conv_3x3~2|"),
            (std::set<std::string>{"avg_pool_3x3", "nor_conv_1x1 nor_conv_3x3",
                                   "nor_conv_3x3 skip_connect nor_conv_3x3"}));
  EXPECT_EQ(Paths("|skip_connect~0|+|skip_connect~0|skip_connect~1|+"
                  "|skip_connect~0|skip_connect~1|skip_connect~2|"),
            (std::set<std::string>{"skip_connect", "skip_connect skip_connect",
                                   "skip_connect skip_connect skip_connect"}));
  EXPECT_EQ(Paths("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"), std::set<std::string>());
  // The third node takes the second, which takes nothing.
  EXPECT_EQ(Paths("|none~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|nor_conv_3x3~2|"),
            std::set<std::string>());
  EXPECT_EQ(begins_.size(), 1);
}

TEST_F(NasBench201Test, EqualCellsLookTheSame) {
  EXPECT_EQ(Paths("|nor_conv_3x3~0|+|none~0|none~1|+|none~0|skip_connect~1|none~2|"),
            Paths("|none~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|skip_connect~2|"));
}

TEST_F(NasBench201Test, HasThePathsOfThePaper) {
  ForEachArchitecture(graph_.decisions, {}, [&](const Architecture& architecture) {
    encoding_.Encode(architecture);
    return true;
  });
  EXPECT_EQ(encoding_.features(), 4 + 16 + 64);  // four operations, without `none`
}

TEST(PathEncodingTest, KnownFeaturesGetNoNumbers) {
  const ir::Graph graph = LowerFile("examples/nasbench201/nasbench201.space", "search");
  PathEncoding encoding(graph);
  const Architecture skips{{{1}, {1}, {1}, {1}, {1}, {1}}};
  EXPECT_TRUE(encoding.EncodeKnown(skips).empty());
  EXPECT_EQ(encoding.features(), 0);
  const std::vector<int> features = encoding.Encode(skips);
  EXPECT_EQ(features.size(), 3);
  EXPECT_EQ(encoding.EncodeKnown(skips), features);
}

// Two cells, two inputs each, of which an architecture takes two edges a node.
TEST(PathEncodingTest, DartsHasPathsOfBothCells) {
  const ir::Graph graph = LowerFile("examples/darts/darts.space", "search");
  PathEncoding encoding(graph);
  Rng rng(1);
  for (int i = 0; i < 20; ++i) {
    const Architecture drawn =
        DrawArchitecture(graph.decisions, [&](uint64_t n) { return rng.Below(n); }).architecture;
    std::set<std::string> begins;
    for (const std::string& text : Texts(encoding, drawn)) {
      begins.insert(text.substr(0, text.find(' ')));
      EXPECT_EQ(text.find(" = "), std::string::npos) << text;
    }
    EXPECT_LE(begins.size(), 4);
    EXPECT_GE(begins.size(), 2);
  }
}

TEST(PathEncodingTest, DecisionsOnNoPathAreFeatures) {
  ir::Graph graph;
  ir::Decision decision;
  decision.path = "depth";
  decision.options = {"2", "3"};
  decision.relaxed_only = {false, false};
  graph.decisions = {decision};
  PathEncoding encoding(graph);
  EXPECT_EQ(Texts(encoding, {{{1}}}), std::set<std::string>{"depth = 3"});
  EXPECT_EQ(Texts(encoding, {{{}}}), std::set<std::string>());
}

}  // namespace
}  // namespace nasc
