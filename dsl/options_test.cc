#include "dsl/options.h"

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dsl/parse.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

using Kind = OptionSpec::Kind;
using Printed = std::vector<std::pair<std::string, std::string>>;

const std::vector<OptionSpec>& Specs() {
  static const auto* const specs = new std::vector<OptionSpec>{
      {"batch", Kind::kWhole, 64, 1, 1024, "", ""},
      {"decay", Kind::kReal, 0.5, -1, 1, "", ""},
      {"flip", Kind::kTruth, 1, 0, 1, "", ""},
      {"path", Kind::kText, 0, 0, 0, "here", ""},
      {"rate", Kind::kSchedule, 0.1, 0, 10, "", ""},
      {"keep", Kind::kText, 0, 0, 0, "last", "", {"last", "best"}},
  };
  return *specs;
}

Options Read(const std::string& settings, Diagnostics& diagnostics) {
  auto source = std::make_shared<const SourceFile>(
      "t.space", absl::StrCat("search s { train sgd { ", settings, " } }"));
  const ast::File file = ParseSpace(source, diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  return ReadOptions("train sgd", Specs(), file.searches[0].train->config, diagnostics);
}

std::string ErrorOf(const std::string& settings) {
  Diagnostics diagnostics;
  Read(settings, diagnostics);
  EXPECT_EQ(diagnostics.errors(), 1) << diagnostics.Render();
  return diagnostics.Sorted().empty() ? "" : diagnostics.Sorted()[0].message;
}

TEST(OptionsTest, HaveDefaults) {
  Diagnostics diagnostics;
  const Options options = Read("", diagnostics);
  EXPECT_EQ(options.Whole("batch"), 64);
  EXPECT_EQ(options.Real("decay"), 0.5);
  EXPECT_TRUE(options.Truth("flip"));
  EXPECT_EQ(options.Text("path"), "here");
  EXPECT_EQ(options.Rate("rate").At(0.3, 1), 0.1);
}

TEST(OptionsTest, AreRead) {
  Diagnostics diagnostics;
  const Options options =
      Read("rate = cosine(0.1, 0) flip = off path = \"a b\" decay = -50% batch = 32", diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  EXPECT_EQ(options.Print(), (Printed{{"batch", "32"},
                                      {"decay", "-0.5"},
                                      {"flip", "off"},
                                      {"path", "a b"},
                                      {"rate", "cosine(0.1, 0)"},
                                      {"keep", "last"}}));
}

TEST(OptionsTest, TakeWhatOthersWereGiven) {
  Diagnostics diagnostics;
  Options options = Read("batch = 32 decay = 0.5", diagnostics);
  options.TakeGiven(Read("batch = 16 rate = cosine(0.1, 0)", diagnostics));
  EXPECT_EQ(options.Whole("batch"), 16);
  EXPECT_EQ(options.Real("decay"), 0.5);
  EXPECT_EQ(options.Rate("rate").shape, Schedule::Shape::kCosine);
  EXPECT_TRUE(options.Given("rate"));
  EXPECT_FALSE(options.Given("flip"));
  EXPECT_FALSE(options.Given("none"));
}

TEST(OptionsTest, AreGiven) {
  Diagnostics diagnostics;
  Options options = Read("", diagnostics);
  options.Give("batch", 16.0);
  options.Give("keep", "best");
  options.Give("rate", 0.5);
  EXPECT_EQ(options.Whole("batch"), 16);
  EXPECT_EQ(options.Text("keep"), "best");
  EXPECT_EQ(options.Rate("rate").At(1, 1), 0.5);
  EXPECT_TRUE(options.Given("keep"));
}

TEST(ScheduleTest, FallsAlongHalfACosine) {
  const Schedule schedule{Schedule::Shape::kCosine, 0.2, 0.1};
  EXPECT_DOUBLE_EQ(schedule.At(0, 1), 0.2);
  EXPECT_NEAR(schedule.At(0.5, 7), 0.15, 1e-15);
  EXPECT_NEAR(schedule.At(0.25, 7), 0.15 + 0.05 * std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(schedule.At(1, 1), 0.1, 1e-15);
}

// Periods of 10, 20 and 40 epochs; the last is cut.
TEST(ScheduleTest, RestartsWarm) {
  Diagnostics diagnostics;
  const Options options = Read("rate = warm_restarts(0.2, 0.1, 10, 2)", diagnostics);
  EXPECT_EQ(options.Print()[4].second, "warm_restarts(0.2, 0.1, 10, 2)");
  const Schedule& schedule = options.Rate("rate");
  const auto at = [&](double epoch) { return schedule.At(epoch / 50, 50); };
  EXPECT_DOUBLE_EQ(at(0), 0.2);
  EXPECT_NEAR(at(5), 0.15, 1e-15);
  EXPECT_LT(at(9.99), 0.10001);
  EXPECT_DOUBLE_EQ(at(10), 0.2);
  EXPECT_NEAR(at(20), 0.15, 1e-15);
  EXPECT_DOUBLE_EQ(at(30), 0.2);
  EXPECT_NEAR(at(50), 0.15, 1e-15);
}

TEST(ScheduleTest, FallsByAFactor) {
  Diagnostics diagnostics;
  const Options options = Read("rate = exponential(0.2, 0.5, 2.5)", diagnostics);
  EXPECT_EQ(options.Print()[4].second, "exponential(0.2, 0.5, 2.5)");
  const Schedule& schedule = options.Rate("rate");
  EXPECT_DOUBLE_EQ(schedule.At(0, 10), 0.2);
  EXPECT_DOUBLE_EQ(schedule.At(0.24, 10), 0.2);
  EXPECT_DOUBLE_EQ(schedule.At(0.25, 10), 0.1);
  EXPECT_DOUBLE_EQ(schedule.At(0.99, 10), 0.025);
}

TEST(OptionsTest, AreChecked) {
  const std::string kSchedules =
      "cosine(from, to) or warm_restarts(max, min, first, factor) or "
      "exponential(from, factor, epochs)";
  EXPECT_EQ(ErrorOf("bach = 1"), "'train sgd' has no setting 'bach'");
  EXPECT_EQ(ErrorOf("batch = 0"),
            "'batch' of 'train sgd' is 0; it takes a whole number from 1 to 1024");
  EXPECT_EQ(ErrorOf("batch = 1.5"),
            "'batch' of 'train sgd' is 3/2; it takes a whole number from 1 to 1024");
  EXPECT_EQ(ErrorOf("decay = -2"),
            "'decay' of 'train sgd' is (-2); it takes a number from -1 to 1");
  EXPECT_EQ(ErrorOf("flip = 1"), "'flip' of 'train sgd' is 1; it takes `on` or `off`");
  EXPECT_EQ(ErrorOf("path = here"), "'path' of 'train sgd' is here; it takes a text in quotes");
  EXPECT_EQ(ErrorOf("rate = cosine(1)"),
            "'rate' of 'train sgd' is cosine(1); it takes a number from 0 to 10, or " + kSchedules);
  EXPECT_EQ(
      ErrorOf("rate = cosine(1, 11)"),
      "'rate' of 'train sgd' is cosine(1, 11); it takes a number from 0 to 10, or " + kSchedules);
  EXPECT_EQ(ErrorOf("rate = exponential(1, 2, 1)"),
            "'rate' of 'train sgd' is exponential(1, 2, 1); it takes a number from 0 to 10, or " +
                kSchedules);
  EXPECT_EQ(ErrorOf("keep = \"bets\""),
            "'keep' of 'train sgd' is \"bets\"; it takes \"last\", \"best\"");
  EXPECT_EQ(ErrorOf("batch = 2 batch = 3"), "'batch' of 'train sgd' is set once, with `=`");
  EXPECT_EQ(ErrorOf("batch *= 2"), "'batch' of 'train sgd' is set once, with `=`");
}

}  // namespace
}  // namespace nasc
