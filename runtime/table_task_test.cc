#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/verifier.h"
#include "compiler/program/program.h"
#include "gtest/gtest.h"
#include "runtime/network.h"
#include "runtime/parameter_store.h"
#include "runtime/random/random.h"
#include "runtime/task.h"
#include "runtime/test_task.h"
#include "runtime/trainer.h"
#include "runtime/training.h"
#include "runtime/training_options.h"

namespace nasc {
namespace {

using Part = Task::Part;

// --- tasks ---

absl::StatusOr<Task> Load(const std::string& content, const std::string& settings,
                          uint64_t seed = 1) {
  const std::string path = absl::StrCat(TestFolder(), "/t.csv");
  WriteFile(path, content);
  return Task::Load(
      "table",
      ReadSettings(FindDataset("table")->options, absl::StrCat("path = \"", path, "\" ", settings)),
      seed);
}

// 200 rows of a, b and targets of them: y = 3 a - 2 b^2 + 100, z = 20 b, side: whether a > b.
std::string Formulas() {
  Rng rng(3);
  std::string content = "a,b,y,z,side\n";
  for (int i = 0; i < 200; ++i) {
    const double a = 10 * rng.Gaussian();
    const double b = rng.Gaussian();
    absl::StrAppend(&content, a, ",", b, ",", 3 * a - 2 * b * b + 100, ",", 20 * b, ",",
                    a > b ? 1 : 0, "\n");
  }
  return content;
}

Task LoadFormulas(const std::string& settings, uint64_t seed = 1) {
  absl::StatusOr<Task> task = Load(Formulas(), settings, seed);
  EXPECT_TRUE(task.ok()) << task.status();
  return *std::move(task);
}

// The values of all rows of a part.
std::vector<float> Values(const Task& task, Part part) {
  absl::StatusOr<Loader> loader = task.Evaluation(part, 1000);
  EXPECT_TRUE(loader.ok()) << loader.status();
  return loader->Next().pixels;
}

TEST(TableTaskTest, InputIsTheColumns) {
  const InputSpec regression = LoadFormulas("target = \"y, z\" regression = on").input();
  EXPECT_EQ(regression.features, 3);
  EXPECT_EQ(regression.outputs, 2);
  EXPECT_EQ(regression.classes, 0);
  EXPECT_EQ(regression.channels, 0);
}

TEST(TableTaskTest, TheSeedDecidesWhatJudgesButNotWhatTests) {
  const Task one = LoadFormulas("target = \"side\" validation = 30%", 1);
  const Task two = LoadFormulas("target = \"side\" validation = 30%", 2);
  EXPECT_EQ(one.size(Part::kTest), 40);
  EXPECT_EQ(one.size(Part::kTrain), 160);
  EXPECT_EQ(one.size(Part::kSearch), 112);
  EXPECT_EQ(one.size(Part::kValidation), 48);
  EXPECT_EQ(Values(one, Part::kTest), Values(two, Part::kTest));
  EXPECT_NE(Values(one, Part::kValidation), Values(two, Part::kValidation));
}

TEST(TableTaskTest, StandardisesByTheTrainingRows) {
  const Task task = LoadFormulas("target = \"side\" train = 50");
  const std::vector<float> values = Values(task, Part::kTrain);
  ASSERT_EQ(values.size(), 50u * 4);
  for (int column = 0; column < 4; ++column) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 50; ++i) {
      sum += values[4 * i + column];
      squares += std::pow(values[4 * i + column], 2);
    }
    EXPECT_NEAR(sum / 50, 0, 1e-6);
    EXPECT_NEAR(squares / 50, 1, 1e-6);
  }
}

TEST(TableTaskTest, Errors) {
  const auto expect = [](const absl::Status& status, const std::string& end) {
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_EQ(status.message().substr(status.message().size() -
                                      std::min(end.size(), status.message().size())),
              end);
  };
  const std::string needs =
      "data table: it needs a file and a column of it: data table { path = \"file.csv\"  target = "
      "\"column\" }";
  expect(Load("a,y\n1,2\n", "").status(), needs);
  expect(Task::Load("table", ReadSettings(FindDataset("table")->options, "target = \"y\""), 1)
             .status(),
         needs);
  expect(Load(Formulas(), "target = \"sides\"").status(),
         "/t.csv: no column is named 'sides': did you mean 'side'?");
  expect(Load("a,y\n1,2\n1,3\n1,4\n1,3\n", "target = \"y\"").status(),
         "/t.csv: column 'a' is 1 in every training row");
  expect(Load("a,y\n1,2\n2,3\n", "target = \"y\" test_part = 0").status(),
         "data table: no rows are left to train with or to test with");
  const Task task = LoadFormulas("target = \"side\" validation = 0");
  expect(task.Training(Part::kTrain, 161, 0, 1).status(),
         "a batch of 161 from a part of the data with only 160 rows");
  expect(task.Training(Part::kTrain, 10, 8, 1).status(),
         "`cutout` is for images, and the data are rows of a table");
  expect(task.Evaluation(Part::kValidation, 10).status(),
         "no validation rows: give data { validation = 50% }");
}

// --- networks ---

// w0 + w1 a + w2 b + w3 b^2 of the first two columns.
constexpr char kQuadratic[] = R"(supernet @t version 1.0.0 scale s {
  weight @terms.weight : f32[3] init fan_in 3
  weight @terms.bias : f32[1] init zeros
  %x = features { features = 4 } : f32[N,4]
  %a = column(%x) { index = 0 } : f32[N,1]
  %b = column(%x) { index = 1 } : f32[N,1]
  %square = power(%b) { exponent = 2 } : f32[N,1]
  %terms = affine(%a, %b, %square, @terms.weight, @terms.bias) : f32[N,1]
  return logits %terms weight 1.0
}
)";

constexpr char kLinear[] = R"(supernet @t version 1.0.0 scale s {
  weight @linear.weight : f32[2,4] init fan_in 4
  weight @linear.bias : f32[2] init fan_in 4
  %x = features { features = 4 } : f32[N,4]
  %linear = linear(%x, @linear.weight, @linear.bias) { features = 2, bias = 1 } : f32[N,2]
  return logits %linear weight 1.0
}
)";

Network MakeNetwork(const std::string& text, ParameterStore& store) {
  const absl::StatusOr<ir::Graph> graph = ir::ParseGraph(text);
  EXPECT_TRUE(graph.ok()) << graph.status();
  EXPECT_TRUE(ir::Verify(*graph).ok()) << ir::Verify(*graph);
  absl::StatusOr<Program> program = BuildProgram(*graph);
  EXPECT_TRUE(program.ok()) << program.status();
  absl::StatusOr<Network> network = Network::Create(*std::move(program), store);
  EXPECT_TRUE(network.ok()) << network.status();
  return *std::move(network);
}

absl::Status TrainFor(int64_t steps, const Network& network, ParameterStore& store,
                      const Task& task) {
  TrainSettings settings;
  settings.sgd = ReadSettings(SgdOptionSpecs(), "learning_rate = 0.1 batch = 40 weight_decay = 0");
  settings.steps = steps;
  settings.seed = 1;
  absl::StatusOr<Training> training = Training::Create(network, store, task, settings);
  absl::Status status = training.status();
  while (status.ok() && !training->ended()) status = training->Step().status();
  return status;
}

TEST(TableTaskTest, LearnsARegression) {
  const Task task = LoadFormulas("target = \"y\" regression = on test_part = 30%");
  ParameterStore store(at::kDouble, 1);
  const Network network = MakeNetwork(kQuadratic, store);
  EXPECT_EQ(network.program().input_shape, (std::vector<int64_t>{-1, 4}));
  ASSERT_TRUE(TrainFor(400, network, store, task).ok());
  const absl::StatusOr<Score> score = Evaluate(network, {}, task, Part::kTest, at::kDouble);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_TRUE(score->regression);
  EXPECT_GT(score->quality, 0.9999);
  EXPECT_LT(score->loss, 0.1);  // the variance of y is about 900
}

TEST(TableTaskTest, LossOfARegressionIsInUnitsOfItsTargets) {
  const std::string settings = "target = \"y\" regression = on";
  const Task task = LoadFormulas(settings);
  ParameterStore store(at::kDouble, 1);
  const Network network = MakeNetwork(kQuadratic, store);
  const absl::StatusOr<Score> score = Evaluate(network, {}, task, Part::kTrain, at::kDouble);
  ASSERT_TRUE(score.ok()) << score.status();
  absl::StatusOr<Loader> loader = task.Evaluation(Part::kTrain, 1000);
  ASSERT_TRUE(loader.ok()) << loader.status();
  const Batch all = NextBatch(*loader, at::kDouble);
  const at::NoGradGuard no_grad;
  const at::Tensor told = network.Forward(all.inputs, {}, ForwardMode{}).logits;
  double squares = 0;
  for (int64_t i = 0; i < 160; ++i) {
    squares += std::pow(told[i][0].item<double>() - all.targets[i][0].item<double>(), 2) / 160;
  }
  ASSERT_EQ(task.target_deviations().size(), 1u);
  EXPECT_NEAR(task.target_deviations()[0], 30, 5);
  EXPECT_NEAR(score->loss, squares * std::pow(task.target_deviations()[0], 2), 1e-8);
  EXPECT_NEAR(score->quality, 1 - squares, 1e-6);  // targets have variance 1
}

TEST(TableTaskTest, LearnsClasses) {
  const Task task = LoadFormulas("target = \"side\"");
  EXPECT_TRUE(task.target_deviations().empty());
  EXPECT_EQ(task.input().classes, 2);
  EXPECT_EQ(task.input().outputs, 0);
  ParameterStore store(at::kFloat, 1);
  const Network network = MakeNetwork(kLinear, store);
  ASSERT_TRUE(TrainFor(300, network, store, task).ok());
  const absl::StatusOr<Score> score = Evaluate(network, {}, task, Part::kTest, at::kFloat);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_FALSE(score->regression);
  EXPECT_GT(score->quality, 0.95);
}

// --- the metric ---

TEST(TableTaskTest, R2) {
  const auto column = [](std::vector<double> values) {
    const auto count = static_cast<int64_t>(values.size());
    return at::tensor(values, at::kDouble).view({count, 1});
  };
  const at::Tensor targets = column({1, 2, 3, 6});
  EXPECT_EQ(R2(targets, targets), 1);
  EXPECT_EQ(R2(column({3, 3, 3, 3}), targets), 0);
  EXPECT_NEAR(R2(column({1, 2, 3, 8}), targets), 1 - 4.0 / 14, 1e-12);
  EXPECT_EQ(R2(column({1, 2, 3, 4}), column({0.1, 0.1, 0.1, 0.1})), 0);
}

TEST(TableTaskTest, NumbersCannotBeSoftened) {
  const Task task = LoadFormulas("target = \"y\" regression = on test_part = 30%");
  ParameterStore store(at::kDouble, 1);
  const Network network = MakeNetwork(kQuadratic, store);
  TrainSettings settings;
  settings.sgd = ReadSettings(SgdOptionSpecs(), "batch = 40");
  settings.soft_targets.mixup = 0.2;
  EXPECT_EQ(Training::Create(network, store, task, settings).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace nasc
