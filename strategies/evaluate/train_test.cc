#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "strategies/evaluate/fidelity_level.h"
#include "strategies/evaluate/test_search.h"

namespace nasc {
namespace {

const char kCandidates[] = "ops candidates { identity  conv_3 = relu -> conv(3) }\n";
const char kHead[] = "relu -> global_avg_pool -> linear(classes)";

TEST(TrainTest, TrainsFromScratchAndJudgesByTheValidationPart) {
  const TestSearch search(TestSearch::Space(kCandidates, kHead), "batch = 8", /*steps=*/4);
  const auto evaluator = search.Make("train");
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  EXPECT_EQ((*evaluator)->measures(), (std::vector<std::string>{"accuracy", "loss"}));
  const std::vector<double> first = search.Measure(**evaluator, TestSearch::Taking(1));
  EXPECT_GT(first[1], 0);
  EXPECT_EQ(first[0] * 16, static_cast<int>(first[0] * 16)) << "a share of 16 images";
  EXPECT_EQ(search.Measure(**evaluator, TestSearch::Taking(1)), first);
  EXPECT_NE(search.Measure(**evaluator, TestSearch::Taking(0)), first);
}

TEST(TrainTest, FidelityIsThePartOfTheStepsThatAreTrained) {
  const std::string space = TestSearch::Space(kCandidates, kHead);
  const auto whole = TestSearch(space, "batch = 8", /*steps=*/8);
  const auto half = TestSearch(space, "batch = 8", /*steps=*/4);
  const auto by_eight = whole.Make("train");
  const auto by_four = half.Make("train");
  ASSERT_TRUE(by_eight.ok() && by_four.ok());
  const Architecture conv = TestSearch::Taking(1);
  const std::vector<double> expected = TestSearch::Measure(**by_four, conv);
  EXPECT_EQ(TestSearch::Measure(**by_eight, conv, 0.5), expected);
  EXPECT_NE(TestSearch::Measure(**by_eight, conv), expected);
}

TEST(TrainTest, ADeclaredFidelityIsAnotherScaleDataAndImageSize) {
  const TestSearch search(TestSearch::Space(kCandidates, kHead), "batch = 8", /*steps=*/8);
  const absl::StatusOr<Task> task = search.task().Reduced(16, 14);
  ASSERT_TRUE(task.ok()) << task.status();
  FidelityLevels levels;
  levels.emplace(0.25, FidelityLevel{search.SupernetAt("tiny", *task), *task, 3});
  EvaluatorContext context = search.context();
  context.levels = &levels;
  const auto evaluator = FindEvaluator("train")->make(context, Options());
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  // What a search of its own would measure that is all of this.
  const ir::Graph tiny = search.SupernetAt("tiny", *task);
  const auto alone = FindEvaluator("train")->make(
      {tiny, &*task, context.sgd, /*steps=*/3, context.seed, /*memory=*/0}, Options());
  ASSERT_TRUE(alone.ok()) << alone.status();
  const Architecture conv = TestSearch::Taking(1);
  EXPECT_EQ(TestSearch::Measure(**evaluator, conv, 0.25), TestSearch::Measure(**alone, conv));
  // Of what is not declared it is the steps.
  const auto plain = search.Make("train");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(TestSearch::Measure(**evaluator, conv, 0.5), TestSearch::Measure(**plain, conv, 0.5));
}

TEST(TrainTest, DivergingIsOutOfRange) {
  const TestSearch search(TestSearch::Space(kCandidates, kHead),
                          "batch = 8 learning_rate = 1000 clip = 0", /*steps=*/50);
  const auto evaluator = search.Make("train");
  ASSERT_TRUE(evaluator.ok());
  std::vector<double> values(2);
  const absl::Status status =
      (*evaluator)->Evaluate({TestSearch::Taking(1)}, absl::MakeSpan(values));
  EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
}

TEST(TrainTest, TooFewExamplesAreNoticedBeforeTraining) {
  const TestSearch search(TestSearch::Space(kCandidates, kHead), "batch = 25");
  const auto evaluator = search.Make("train");
  EXPECT_FALSE(evaluator.ok());
}

}  // namespace
}  // namespace nasc
