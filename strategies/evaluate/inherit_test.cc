#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "strategies/evaluate/test_search.h"

namespace nasc {
namespace {

const char kCandidates[] = "ops candidates { identity  conv_3 = relu -> conv(3) }\n";
const char kHead[] = "relu -> global_avg_pool -> linear(classes)";

std::vector<double> MeasureTrial(Evaluator& evaluator, int64_t trial, int option) {
  std::vector<double> values(2);
  const absl::Status status =
      evaluator.Evaluate({TestSearch::Taking(option), trial}, absl::MakeSpan(values));
  EXPECT_TRUE(status.ok()) << status;
  return values;
}

TEST(InheritEvaluatorTest, TheFirstIsTrainedFromScratchAndLaterOnesGoOn) {
  const std::string space = TestSearch::Space(kCandidates, kHead);
  const TestSearch search(space, "batch = 8 learning_rate = 0.1", /*steps=*/30);
  const TestSearch step(space, "batch = 8 learning_rate = 0.1", /*steps=*/1);
  const auto inherit = search.Make("inherit", "steps = 1");
  const auto train = search.Make("train");
  const auto fresh = step.Make("train");
  ASSERT_TRUE(inherit.ok() && train.ok() && fresh.ok()) << inherit.status() << train.status();
  EXPECT_EQ((*inherit)->measures(), (std::vector<std::string>{"accuracy", "loss"}));
  const std::vector<double> first = MeasureTrial(**inherit, 1, 1);
  EXPECT_EQ(first, TestSearch::Measure(**train, TestSearch::Taking(1)));
  // A step away from where the same architecture was left, and not from the beginning.
  const double again = MeasureTrial(**inherit, 2, 1)[1];
  const double beginning = TestSearch::Measure(**fresh, TestSearch::Taking(1))[1];
  EXPECT_LT(std::abs(again - first[1]), std::abs(again - beginning) / 4);
}

TEST(InheritEvaluatorTest, ATrialSeesOnlyThoseBeforeIt) {
  const TestSearch search(TestSearch::Space(kCandidates, kHead), "batch = 8", /*steps=*/3);
  const auto evaluator = search.Make("inherit", "steps = 2");
  ASSERT_TRUE(evaluator.ok());
  MeasureTrial(**evaluator, 1, 1);
  const std::vector<double> second = MeasureTrial(**evaluator, 2, 0);
  MeasureTrial(**evaluator, 3, 0);
  EXPECT_EQ(MeasureTrial(**evaluator, 2, 0), second) << "as where a run was cut and goes on";
}

TEST(InheritEvaluatorTest, FidelityIsThePartOfTheSteps) {
  const TestSearch search(TestSearch::Space(kCandidates, kHead), "batch = 8", /*steps=*/8);
  const TestSearch half(TestSearch::Space(kCandidates, kHead), "batch = 8", /*steps=*/4);
  const auto evaluator = search.Make("inherit");
  const auto other = half.Make("inherit");
  ASSERT_TRUE(evaluator.ok() && other.ok());
  EXPECT_EQ(TestSearch::Measure(**evaluator, TestSearch::Taking(1), 0.5),
            TestSearch::Measure(**other, TestSearch::Taking(1)));
}

}  // namespace
}  // namespace nasc
