#include "strategies/evaluate/fit.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/test_task.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/node_fit.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

constexpr char kGrowing[] = R"(space growing version 1.0.0
ops surfaces(a, b) {
  linear = affine(a, b)
  bilinear = affine(a, b, multiply(a, b))
  square = affine(a, b, a -> power(2))
  quadratic = affine(a, b, multiply(a, b), a -> power(2), b -> power(2))
}
cell grown(each feature) {
  node n[1..3] {
    slots 2 of earlier as (a, b)
    then one of surfaces(a, b)
  }
  output last
}
network {
  input features(2)  regression 1
  body grown
}
)";
enum Surface { kLinear, kBilinear, kSquare, kQuadratic };

ir::Graph Lower(const std::string& text) {
  Diagnostics diagnostics;
  std::optional<ir::Graph> graph = LowerText(text, "", diagnostics);
  EXPECT_TRUE(graph.has_value()) << diagnostics.Render();
  return graph.has_value() ? *graph : ir::Graph();
}

// Nodes as (a, b, surface); 0 and 1 are the features, 2 is n0.
Architecture Network(const std::vector<std::vector<int>>& nodes) {
  Architecture architecture;
  architecture.picks.resize(1 + 3 * 3);
  architecture.picks[0] = {static_cast<int>(nodes.size()) - 1};
  for (size_t i = 0; i < nodes.size(); ++i) {
    for (size_t j = 0; j < 3; ++j) architecture.picks[1 + 3 * i + j] = {nodes[i][j]};
  }
  return architecture;
}

// Rows of two features in a grid from -1 to 1, of which the first `fitted` in a mixed order count.
template <typename F>
FitRows Grid(size_t fitted, const F& target) {
  FitRows rows;
  rows.features.resize(2);
  for (int i = 0; i < 49; ++i) {
    const int place = i * 10 % 49;
    rows.features[0].push_back(place / 7 / 3.0 - 1);
    rows.features[1].push_back(place % 7 / 3.0 - 1);
    rows.target.push_back(target(rows.features[0].back(), rows.features[1].back()));
  }
  rows.fitted = fitted;
  return rows;
}

double GreatestError(const NetworkFit& fit, const FitRows& rows) {
  double greatest = 0;
  for (size_t i = 0; i < rows.target.size(); ++i) {
    greatest = std::max(greatest, std::abs(fit.told[i] - rows.target[i]));
  }
  return greatest;
}

TEST(NodeFitTest, RecoversTheCoefficientsOfEverySurface) {
  const ir::Graph graph = Lower(kGrowing);
  struct Case {
    Surface surface;
    std::vector<double> coefficients;  // of a, b, ..., in the order of the text, then the constant
  };
  for (const Case& c : {Case{kLinear, {2, -1, 0.5}}, Case{kBilinear, {1, 2, -3, 4}},
                        Case{kSquare, {1, 2, -3, 4}}, Case{kQuadratic, {1, 2, -3, 4, 5, 6}}}) {
    const std::vector<double>& w = c.coefficients;
    const FitRows rows = Grid(30, [&](double a, double b) {
      double y = w[0] * a + w[1] * b + w.back();
      if (c.surface == kBilinear || c.surface == kQuadratic) y += w[2] * a * b;
      if (c.surface == kSquare) y += w[2] * a * a;
      if (c.surface == kQuadratic) y += w[3] * a * a + w[4] * b * b;
      return y;
    });
    absl::StatusOr<NodeFitter> fitter = NodeFitter::Create(graph, rows);
    ASSERT_TRUE(fitter.ok()) << fitter.status();
    const auto fit = fitter->Fit(Network({{0, 1, c.surface}}));
    ASSERT_TRUE(fit.ok()) << fit.status();
    ASSERT_EQ(fit->nodes.size(), 1u);
    ASSERT_EQ(fit->nodes[0].fit.coefficients.size(), w.size());
    for (size_t i = 0; i < w.size(); ++i) {
      EXPECT_NEAR(fit->nodes[0].fit.coefficients[i], w[i], 1e-12) << c.surface << " " << i;
    }
    EXPECT_EQ(fit->parameters(), static_cast<int>(w.size()));
    // Rows that were not fitted are told as well.
    EXPECT_LT(GreatestError(*fit, rows), 1e-12);
  }
}

// y = (1 + a + b + ab)^2 is a square of a bilinear node, but that node alone is fitted to y: it is
// the best bilinear one, not the one that would make the square exact.
TEST(NodeFitTest, EveryNodeIsFittedAloneToTheTarget) {
  const ir::Graph graph = Lower(kGrowing);
  const FitRows rows =
      Grid(49, [](double a, double b) { return std::pow(1 + a + b + a * b, 2) + a * a * a; });
  absl::StatusOr<NodeFitter> fitter = NodeFitter::Create(graph, rows);
  ASSERT_TRUE(fitter.ok()) << fitter.status();
  const auto alone = fitter->Fit(Network({{0, 1, kBilinear}}));
  const auto grown = fitter->Fit(Network({{0, 1, kBilinear}, {2, 0, kSquare}}));
  ASSERT_TRUE(alone.ok() && grown.ok());
  ASSERT_EQ(grown->nodes.size(), 2u);
  EXPECT_EQ(grown->nodes[0].fit.coefficients, alone->nodes[0].fit.coefficients);
  const auto error = [&](const NetworkFit& fit) {
    double sum = 0;
    for (size_t i = 0; i < 49; ++i) sum += std::pow(fit.told[i] - rows.target[i], 2);
    return sum;
  };
  EXPECT_LT(error(*grown), 0.9 * error(*alone));
  // What was fitted before, also in another network, is not fitted otherwise later.
  absl::StatusOr<NodeFitter> fresh = NodeFitter::Create(graph, rows);
  const auto again = fresh->Fit(Network({{0, 1, kBilinear}, {2, 0, kSquare}}));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->told, grown->told);
}

TEST(NodeFitTest, NodesThatTheOutputDoesNotNeedAreNotCounted) {
  const ir::Graph graph = Lower(kGrowing);
  absl::StatusOr<NodeFitter> fitter =
      NodeFitter::Create(graph, Grid(49, [](double a, double b) { return a * a * b; }));
  const auto fit = fitter->Fit(Network({{0, 1, kQuadratic}, {0, 1, kBilinear}, {3, 0, kLinear}}));
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->nodes.size(), 2u);
  EXPECT_EQ(fit->parameters(), 4 + 3);
}

TEST(NodeFitTest, AValueTakenTwiceHasItsParametersOnce) {
  const ir::Graph graph = Lower(kGrowing);
  const FitRows rows = Grid(49, [](double a, double) { return 3 * a * a - a + 2; });
  absl::StatusOr<NodeFitter> fitter = NodeFitter::Create(graph, rows);
  const auto fit = fitter->Fit(Network({{0, 0, kQuadratic}}));
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_EQ(fit->parameters(), 3);
  EXPECT_LT(GreatestError(*fit, rows), 1e-12);
}

TEST(NodeFitTest, SaysWhatItCannotFit) {
  const auto target = [](double a, double) { return a; };
  const ir::Graph layers = Lower(R"(space layers version 1.0.0
network {
  input features(2)  regression 1
  body linear(3) -> relu -> linear(1)
}
)");
  const absl::Status status = NodeFitter::Create(layers, Grid(49, target)).status();
  EXPECT_EQ(status.message(),
            "evaluate fit: 'linear1' is a `linear`; what is fitted is made of `affine` over single "
            "features, products and powers");
  const ir::Graph graph = Lower(kGrowing);
  absl::StatusOr<NodeFitter> fitter = NodeFitter::Create(graph, Grid(4, target));
  ASSERT_TRUE(fitter.ok());
  EXPECT_TRUE(fitter->Fit(Network({{0, 1, kLinear}})).ok());
  const absl::Status few = fitter->Fit(Network({{0, 1, kQuadratic}})).status();
  EXPECT_EQ(std::string(few.message()),
            "evaluate fit: 4 rows do not fit the 6 coefficients of "
            "'grown.n0.then.quadratic.affine'");
}

TEST(NodeFitTest, APolynomialThatOverflowsIsABadArchitecture) {
  const ir::Graph graph = Lower(kGrowing);
  FitRows rows = Grid(30, [](double a, double b) { return a * a + b; });
  rows.features[0].back() = 1e200;  // of a row that is not fitted
  absl::StatusOr<NodeFitter> fitter = NodeFitter::Create(graph, rows);
  ASSERT_TRUE(fitter.ok());
  EXPECT_EQ(fitter->Fit(Network({{0, 1, kQuadratic}})).status().code(),
            absl::StatusCode::kOutOfRange);
}

// 0.5 * 100 * log(0.25) + 0.5 * 6 * log(100).
TEST(DescriptionLengthTest, ByHand) {
  EXPECT_NEAR(DescriptionLength(100, 0.25, 6), -69.31471805599453 + 13.815510557964274, 1e-12);
  // A parameter more is worth it where the error falls by a factor of N^(1/N) or more.
  const double fair = 0.25 / std::pow(100, 1.0 / 100);
  EXPECT_NEAR(DescriptionLength(100, fair, 7), DescriptionLength(100, 0.25, 6), 1e-12);
  EXPECT_TRUE(std::isfinite(DescriptionLength(100, 0, 6)));
}

class FitEvaluatorTest : public testing::Test {
 protected:
  // y = a + 2 b + b^2 plus what no polynomial tells.
  void SetUp() override {
    std::string text = "a,b,y\n";
    Rng rng(5);
    for (int i = 0; i < 120; ++i) {
      const double a = rng.Gaussian();
      const double b = rng.Gaussian();
      absl::StrAppend(&text, a, ",", b, ",", a + 2 * b + b * b + 0.5 * rng.Gaussian(), "\n");
    }
    path_ = absl::StrCat(TestFolder(), "/rows.csv");
    WriteFile(path_, text);
  }

  absl::StatusOr<Task> Load(const std::string& settings) {
    return Task::Load(
        "table",
        ReadSettings(FindDataset("table")->options,
                     absl::StrCat("path = \"", path_, "\" test_part = 20% ", settings)),
        1);
  }

  absl::StatusOr<std::unique_ptr<Evaluator>> Make(const Task& task) {
    static const auto* const none = new Options();
    return FindEvaluator("fit")->make({graph_, &task, *none, 0, 1, 0}, *none);
  }

  const ir::Graph graph_ = Lower(kGrowing);
  std::string path_;
};

TEST_F(FitEvaluatorTest, MeasuresOnTheRowsThatWereNotFitted) {
  const absl::StatusOr<Task> task = Load("target = \"y\" regression = on validation = 25%");
  ASSERT_TRUE(task.ok()) << task.status();
  const auto evaluator = Make(*task);
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  ASSERT_EQ((*evaluator)->measures(),
            (std::vector<std::string>{"r2", "error", "description_length"}));
  const Architecture quadratic = Network({{0, 1, kQuadratic}});
  std::vector<double> values(3);
  ASSERT_TRUE((*evaluator)->Evaluate({quadratic}, absl::MakeSpan(values)).ok());

  // The same from the rows of the task, of which the first 72 are fitted.
  FitRows rows;
  rows.features.resize(2);
  for (const Task::Part part : {Task::Part::kSearch, Task::Part::kValidation}) {
    Loader loader = *task->Evaluation(part, 1);
    for (int64_t i = 0; i < task->size(part); ++i) {
      const FloatBatch row = loader.Next();
      rows.features[0].push_back(row.pixels[0]);
      rows.features[1].push_back(row.pixels[1]);
      rows.target.push_back(row.targets[0]);
    }
  }
  rows.fitted = 72;
  ASSERT_EQ(rows.target.size(), 96u);
  const auto fit = NodeFitter::Create(graph_, rows)->Fit(quadratic);
  double fitted = 0;
  double validated = 0;
  double mean = 0;
  for (size_t i = 0; i < 96; ++i) {
    (i < 72 ? fitted : validated) += std::pow(fit->told[i] - rows.target[i], 2);
    if (i >= 72) mean += rows.target[i] / 24;
  }
  double total = 0;
  for (size_t i = 72; i < 96; ++i) total += std::pow(rows.target[i] - mean, 2);
  EXPECT_NEAR(values[0], 1 - validated / total, 1e-12);
  EXPECT_NEAR(values[1], std::sqrt(validated / 24), 1e-12);
  EXPECT_NEAR(values[2], 0.5 * 72 * std::log(fitted / 72) + 0.5 * 6 * std::log(72), 1e-10);
  EXPECT_GT(values[0], 0.8);
}

TEST_F(FitEvaluatorTest, RefusesClassesAndTasksWithoutValidation) {
  absl::StatusOr<Task> task = Load("target = \"y\" regression = on validation = 0");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(Make(*task).status().message(), "no validation rows: give data { validation = 50% }");
  task = Load("target = \"a, y\" regression = on");
  ASSERT_TRUE(task.ok()) << task.status();
  EXPECT_EQ(Make(*task).status().message(),
            "evaluate fit: it fits the one target of a regression: data table { target = "
            "\"column\"  regression = on }");
}

}  // namespace
}  // namespace nasc
