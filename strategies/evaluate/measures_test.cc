#include "strategies/evaluate/measures.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/data/test_files.h"
#include "strategies/evaluate/latency.h"
#include "strategies/evaluate/test_search.h"
#include "strategies/final_training.h"

namespace nasc {
namespace {

// On images of 28x28 the cell sees 4 channels of 7x7.
TestSearch Search() {
  return TestSearch(TestSearch::Space("ops candidates { identity  conv_3 = conv(3) }\n",
                                      "global_avg_pool -> linear(classes)"));
}

using Evaluators = std::vector<std::unique_ptr<Evaluator>>;

absl::StatusOr<Evaluators> Make(const std::vector<std::string>& names, const ir::Graph& supernet,
                                const std::string& settings = "") {
  const Options latency = ReadSettings(LatencyOptionSpecs(), settings);
  return MakeMeasures(names, {supernet, latency, 1});
}

TEST(MeasuresTest, CountsWhatIsAskedForAndNothingElse) {
  const TestSearch search = Search();
  const auto made = Make({"flops", "accuracy", "weights", "macs"}, search.supernet());
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_EQ(made->size(), 1u);
  EXPECT_EQ((*made)[0]->measures(), (std::vector<std::string>{"weights", "macs", "flops"}));
  // Stem 3x3 from 1 to 4 channels, linear from 4 to 10, and a 3x3 from 4 to 4 where taken.
  const double stem = 9 * 4;
  const double conv = 9 * 4 * 4;
  EXPECT_EQ(TestSearch::Measure(*(*made)[0], TestSearch::Taking(0)),
            (std::vector<double>{stem + 50, stem * 49 + 40, 2 * (stem * 49 + 40)}));
  EXPECT_EQ(TestSearch::Measure(*(*made)[0], TestSearch::Taking(1)),
            (std::vector<double>{stem + conv + 50, (stem + conv) * 49 + 40,
                                 2 * ((stem + conv) * 49 + 40)}));
  const auto none = Make({"accuracy"}, search.supernet());
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->empty());
}

// The input does not count. The stem's result is held while the convolution makes its own.
TEST(MeasuresTest, MemoryIsThePeakOfInference) {
  const TestSearch search = Search();
  const auto made = Make({"memory"}, search.supernet());
  ASSERT_TRUE(made.ok()) << made.status();
  const double map = 4 * 7 * 7 * 4;
  EXPECT_EQ(TestSearch::Measure(*(*made)[0], TestSearch::Taking(1)), std::vector<double>{2 * map});
  EXPECT_LT(TestSearch::Measure(*(*made)[0], TestSearch::Taking(0))[0], 2 * map);
}

TEST(MeasuresTest, LatencyIsMeasuredOnceAnArchitecture) {
  const TestSearch search = Search();
  const auto made = Make({"latency"}, search.supernet(), "runs = 3 batch = 2");
  ASSERT_TRUE(made.ok()) << made.status();
  const std::vector<double> first = TestSearch::Measure(*(*made)[0], TestSearch::Taking(1));
  EXPECT_GT(first[0], 0);
  EXPECT_LT(first[0], 10);
  EXPECT_EQ(TestSearch::Measure(*(*made)[0], TestSearch::Taking(1)), first);
}

constexpr char kStem[] =
    "conv 1x28x28 -> 4x7x7 kernel=3 filters=4 stride=4 dilation=1 padding=1 bias=0 "
    "kernel_width=3 padding_width=1";
constexpr char kConv[] =
    "conv 4x7x7 -> 4x7x7 kernel=3 filters=4 stride=1 dilation=1 padding=1 bias=0 "
    "kernel_width=3 padding_width=1";

std::string Table(const std::string& rows) {
  const std::string path = absl::StrCat(TestFolder(), "/latency.csv");
  WriteFile(path, rows);
  return path;
}

TEST(MeasuresTest, LatencyIsTheSumOfATablesRows) {
  const TestSearch search = Search();
  const std::string path =
      Table(absl::StrCat("device,operation,latency\nphone,", kStem, ",0.5\nphone,", kConv,
                         ",0.25\nphone,sum 4x7x7 -> 4x7x7,0\n"
                         "phone,global_avg_pool 4x7x7 -> 4x1x1,0.125\n"
                         "phone,linear 4x1x1 -> 10 features=10 bias=1,2\n"));
  const auto made = Make({"latency"}, search.supernet(), absl::StrCat("table = \"", path, "\""));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(TestSearch::Measure(*(*made)[0], TestSearch::Taking(0))[0], 2.625);
  EXPECT_EQ(TestSearch::Measure(*(*made)[0], TestSearch::Taking(1))[0], 2.875);
}

TEST(MeasuresTest, ATableNamesTheOperationsItLacks) {
  const TestSearch search = Search();
  const std::string path = Table(absl::StrCat("operation,latency\n", kStem, ",1\n"));
  const auto made = Make({"latency"}, search.supernet(), absl::StrCat("table = \"", path, "\""));
  ASSERT_TRUE(made.ok()) << made.status();
  double value = 0;
  const absl::Status status =
      (*made)[0]->Evaluate({TestSearch::Taking(1)}, absl::MakeSpan(&value, 1));
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), kConv)) << status;
  EXPECT_FALSE(absl::StrContains(status.message(), kStem)) << status;
}

TEST(MeasuresTest, MistakesInATableAreNamed) {
  const auto message = [](const std::string& rows) {
    const auto table = LatencyTable::Read(Table(rows));
    EXPECT_FALSE(table.ok());
    return std::string(table.status().message());
  };
  EXPECT_TRUE(absl::StrContains(message("operation,seconds\n"), "`latency`"));
  EXPECT_TRUE(absl::StrContains(message("operation,latency\nx,fast\n"), "csv:2: 'fast'"));
  EXPECT_TRUE(absl::StrContains(message("operation,latency\nx,1\nx,2\n"), "csv:3: 'x' has"));
  EXPECT_TRUE(absl::StrContains(message("operation,latency\nx,-1\n"), "'-1'"));
}

TEST(MeasuresTest, EveryOperationCanBeMeasuredAlone) {
  const TestSearch search = Search();
  const absl::StatusOr<Program> program =
      InferenceProgram(search.supernet(), TestSearch::Taking(1));
  ASSERT_TRUE(program.ok()) << program.status();
  int measured = 0;
  for (const ProgramStep& step : program->steps) {
    if (OperationKey(*program, step).empty()) continue;
    const absl::StatusOr<double> seconds = MeasureOperation(*program, step, {1, 1, 3}, 1);
    ASSERT_TRUE(seconds.ok()) << seconds.status();
    EXPECT_GT(*seconds, 0);
    ++measured;
  }
  EXPECT_EQ(measured, 5);
}

}  // namespace
}  // namespace nasc
