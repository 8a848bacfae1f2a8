#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "compiler/draw.h"
#include "gtest/gtest.h"
#include "runtime/data/test_files.h"
#include "strategies/evaluate/rank_correlation.h"
#include "strategies/evaluate/test_search.h"

namespace nasc {
namespace {

// Three nodes of six edges, each of four operations: 4096 architectures.
std::string Space() {
  std::string space = TestSearch::Space(
      "ops candidates { identity  conv_1 = conv(1)  conv_3 = conv(3)  pool = avg_pool(3) }\n",
      "global_avg_pool -> linear(classes)");
  return absl::StrReplaceAll(space, {{"node n[1]", "node n[3]"}});
}

// How good an architecture is in this test: each 3x3 convolution is worth 2, each 1x1 is worth 1.
double Worth(const Architecture& architecture) {
  constexpr double kWorth[] = {0, 1, 2, 0};
  double worth = 0;
  for (const std::vector<int>& picks : architecture.picks) {
    if (picks.size() == 1) worth += kWorth[picks[0]];
  }
  return worth;
}

std::vector<Architecture> Draw(const ir::Graph& supernet, int count, uint64_t seed) {
  Rng rng(seed);
  std::vector<Architecture> drawn;
  for (int i = 0; i < count; ++i) {
    drawn.push_back(DrawArchitecture(supernet.decisions, [&rng](uint64_t n) {
                      return rng.Below(n);
                    }).architecture);
  }
  return drawn;
}

// The trials as a file, the sign of whose column is given.
std::string Trials(const TestSearch& search, double sign) {
  std::string text = "architecture\tworth\n";
  for (const Architecture& architecture : Draw(search.supernet(), 150, 1)) {
    const std::string line =
        absl::StrReplaceAll(Print(architecture, search.supernet()), {{"\n", " "}});
    absl::StrAppend(&text, line, "\t", sign * Worth(architecture), "\n");
  }
  const std::string path = absl::StrCat(TestFolder(), "/trials.tsv");
  WriteFile(path, text);
  return path;
}

TEST(PredictorTest, OrdersArchitecturesThatItHasNotSeen) {
  const TestSearch search(Space());
  for (const bool minimize : {false, true}) {
    const std::string path = Trials(search, minimize ? -1 : 1);
    const auto evaluator =
        search.Make("predictor", absl::StrCat("trials = \"", path, "\" column = \"worth\" ",
                                              minimize ? "less_is_better = on" : ""));
    ASSERT_TRUE(evaluator.ok()) << evaluator.status();
    EXPECT_EQ((*evaluator)->measures(), (std::vector<std::string>{"prediction", "deviation"}));
    std::vector<double> predicted;
    std::vector<double> worth;
    for (const Architecture& architecture : Draw(search.supernet(), 100, 2)) {
      const std::vector<double> values = TestSearch::Measure(**evaluator, architecture);
      predicted.push_back(values[0]);
      worth.push_back(Worth(architecture));
      EXPECT_GE(values[1], 0);
    }
    EXPECT_GT(RankCorrelation(predicted, worth), 0.7);
  }
}

TEST(PredictorTest, MistakesAreNamed) {
  const TestSearch search(Space());
  EXPECT_EQ(search.Make("predictor", "column = \"worth\"").status().message(),
            "evaluate predictor: `trials` is not given");
  const std::string path = Trials(search, 1);
  const auto made =
      search.Make("predictor", absl::StrCat("trials = \"", path, "\" column = \"wort\""));
  EXPECT_EQ(made.status().message(),
            absl::StrCat(path, ":1: there is no column 'wort'; did you mean 'worth'?"));
}

}  // namespace
}  // namespace nasc
