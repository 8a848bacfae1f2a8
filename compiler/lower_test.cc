#include "compiler/lower.h"

#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "gtest/gtest.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

ir::Graph Darts(const std::string& scale) {
  Diagnostics diagnostics;
  std::optional<ir::Graph> graph = LowerFile("examples/darts/darts.space", scale, diagnostics);
  EXPECT_TRUE(graph.has_value()) << diagnostics.Render();
  return graph.has_value() ? *graph : ir::Graph{};
}

// The cells in the order in which they are built.
std::vector<std::string> Cells(const ir::Graph& graph) {
  std::vector<std::string> cells;
  for (const ir::Instruction& instruction : graph.instructions) {
    absl::string_view name = instruction.name;
    if (absl::ConsumeSuffix(&name, ".output")) cells.emplace_back(name);
  }
  return cells;
}

std::vector<int> Reductions(const ir::Graph& graph) {
  std::vector<int> places;
  const std::vector<std::string> cells = Cells(graph);
  for (size_t i = 0; i < cells.size(); ++i) {
    if (absl::StartsWith(cells[i], "reduction")) places.push_back(static_cast<int>(i));
  }
  return places;
}

TEST(LowerTest, AFractionOfAStackIsItsFloor) {
  EXPECT_EQ(Cells(Darts("search")).size(), 8u);
  EXPECT_EQ(Reductions(Darts("search")), (std::vector<int>{2, 5}));
  EXPECT_EQ(Cells(Darts("final")).size(), 20u);
  EXPECT_EQ(Reductions(Darts("final")), (std::vector<int>{6, 13}));
}

TEST(LowerTest, CellsOfAStageAreNumberedWithinIt) {
  EXPECT_EQ(absl::StrJoin(Cells(Darts("search")), " "),
            "stage0.cell0.normal stage0.cell1.normal reduction0 stage1.cell0.normal "
            "stage1.cell1.normal reduction1 stage2.cell0.normal stage2.cell1.normal");
}

TEST(LowerTest, TheSamePieceHasTheSameNameAtEveryScale) {
  const ir::Graph small = Darts("search");
  const ir::Graph large = Darts("final");
  std::set<std::string> names;
  for (const ir::Param& param : large.params) names.insert(param.name);
  for (const ir::Param& param : small.params) EXPECT_EQ(names.count(param.name), 1u) << param.name;
  names.clear();
  for (const ir::Instruction& instruction : large.instructions) {
    if (instruction.op != "drop_path") names.insert(instruction.name);
  }
  for (const ir::Instruction& instruction : small.instructions) {
    EXPECT_EQ(names.count(instruction.name), 1u) << instruction.name;
  }
  ASSERT_EQ(small.decisions.size(), large.decisions.size());
  for (size_t i = 0; i < small.decisions.size(); ++i) {
    EXPECT_EQ(small.decisions[i].path, large.decisions[i].path);
    EXPECT_EQ(small.decisions[i].options, large.decisions[i].options);
  }
}

TEST(LowerTest, TheAuxiliaryHeadStandsBehindItsCell) {
  const ir::Graph graph = Darts("final");
  ASSERT_EQ(graph.results.size(), 2u);
  EXPECT_EQ(graph.results[0].name, "auxiliary");
  for (const ir::Instruction& instruction : graph.instructions) {
    if (instruction.name != "auxiliary.relu1") continue;
    EXPECT_EQ(graph.instruction(instruction.operands[0]).name, "reduction1.output");
  }
  EXPECT_EQ(Darts("search").results.size(), 1u);
}

TEST(LowerTest, TheDataReplaceTheInput) {
  Diagnostics diagnostics;
  const Sources sources = LoadSources("examples/darts/darts.space", diagnostics);
  const std::optional<Space> space = SpaceOf(sources.root());
  ASSERT_TRUE(space.has_value());
  const auto graph = LowerSpace(*space, {"search", InputSpec{1, 28, 28, 7}}, diagnostics);
  ASSERT_TRUE(graph.has_value()) << diagnostics.Render();
  EXPECT_EQ(graph->instructions[0].type.dims[1], ir::Dim(1));
  EXPECT_EQ(graph->instruction(graph->results[0].value).type.dims[1], ir::Dim(7));
}

constexpr char kTiny[] = R"(space tiny version 1.0.0
import std.cnn
ops choice {
  none relaxed
  pool = max_pool ( 3 ) -> when relaxed { bn }
  skip_connect
  conv3 = relu -> conv ( 3 ) -> bn
}
cell normal ( first , last ) {
  adapt when same_size { conv ( 1 ) } else { factorized_reduce }
  node n [ 2 ] {
    edges 2 of earlier { one of choice }
    merge sum
  }
  output concat ( n )
}
cell reduction like normal { stride 2 }
network {
  input image ( 3 , 8 , 8 ) classes 2
  stem conv ( 1 , filters = width )
  stack depth {
    at 1/2 : reduction with width *= 2
    else : normal
  }
  head global_avg_pool -> linear ( classes )
  auxiliary after 1/2 : flatten -> linear ( classes )
}
scale small { width = 4 depth = 3 auxiliary = 0.5 drop_path = 0.1 affine = off }
)";

// A text of the language with some words exchanged often passes the parser, and then must be
// refused with a message or built: nothing in between.
TEST(LowerTest, SurvivesExchangedWords) {
  const std::vector<std::string> words = absl::StrSplit(kTiny, ' ');
  std::mt19937 random(1);
  int built = 0;
  int refused = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    std::vector<std::string> edited = words;
    for (unsigned edits = 1 + random() % 2; edits > 0; --edits) {
      const std::string& word = words[random() % words.size()];
      // Newlines stay where they are.
      std::string& place = edited[random() % edited.size()];
      const bool line = absl::StrContains(place, "\n") || absl::StrContains(word, "\n");
      if (!line) place = word;
    }
    const std::string text = absl::StrJoin(edited, " ");
    Diagnostics diagnostics;
    const std::optional<ir::Graph> graph = LowerText(text, "small", diagnostics);
    if (!graph.has_value()) {
      // Without an error only where the scale has got another name.
      EXPECT_TRUE(diagnostics.has_errors() || !absl::StrContains(text, "scale small {")) << text;
      ++refused;
      continue;
    }
    ++built;
    EXPECT_FALSE(diagnostics.has_errors()) << text << diagnostics.Render();
    EXPECT_FALSE(graph->results.empty()) << text;
    const absl::StatusOr<ir::Graph> mixture = RelaxToMixture(*graph);
    if (!mixture.ok()) continue;
    EXPECT_TRUE(BuildProgram(*mixture).ok()) << text;
  }
  EXPECT_GT(built, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace nasc
