#include "strategies/evaluate/least_squares.h"

#include <cstddef>

#include "gtest/gtest.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

using Column = std::vector<double>;

Column Random(size_t rows, Rng& rng) {
  Column column(rows);
  for (double& value : column) value = rng.Gaussian();
  return column;
}

Column Combine(const std::vector<Column>& columns, const std::vector<double>& coefficients) {
  Column sum(columns[0].size());
  for (size_t j = 0; j < columns.size(); ++j) {
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += coefficients[j] * columns[j][i];
  }
  return sum;
}

TEST(LeastSquaresTest, FindsTheCoefficientsOfACombinationInAnyUnit) {
  Rng rng(1);
  const std::vector<Column> columns = {Random(50, rng), Random(50, rng), Column(50, 1e-12),
                                       Random(50, rng)};
  const std::vector<double> coefficients = {3, -0.25, 5e12, 1e9};
  const LeastSquaresFit fit = FitLeastSquares(columns, Combine(columns, coefficients));
  EXPECT_EQ(fit.rank, 4);
  // As exact as the greatest part of the sum, which is about 1e9, allows.
  const double allowed = 1e-6;
  EXPECT_NEAR(fit.coefficients[0], 3, allowed);
  EXPECT_NEAR(fit.coefficients[1], -0.25, allowed);
  EXPECT_NEAR(fit.coefficients[2] * 1e-12, 5, allowed);
  EXPECT_NEAR(fit.coefficients[3], 1e9, allowed);
}

// The line through (0, 1), (1, 3), (2, 4): by the normal equations its slope is 1.5, and 7/6 at 0.
TEST(LeastSquaresTest, LeavesTheLeastError) {
  const LeastSquaresFit fit = FitLeastSquares({{0, 1, 2}, {1, 1, 1}}, {1, 3, 4});
  EXPECT_NEAR(fit.coefficients[0], 1.5, 1e-14);
  EXPECT_NEAR(fit.coefficients[1], 7.0 / 6, 1e-14);
}

// The error of the best fit is at a right angle to all that it was made from.
TEST(LeastSquaresTest, TheErrorIsOrthogonalToEveryColumn) {
  Rng rng(2);
  std::vector<Column> columns = {Random(30, rng), Random(30, rng), Random(30, rng)};
  const Column target = Random(30, rng);
  const LeastSquaresFit fit = FitLeastSquares(columns, target);
  const Column told = Combine(columns, fit.coefficients);
  for (const Column& column : columns) {
    double product = 0;
    for (size_t i = 0; i < 30; ++i) product += column[i] * (target[i] - told[i]);
    EXPECT_NEAR(product, 0, 1e-12);
  }
}

TEST(LeastSquaresTest, AColumnThatTellsNothingNewHasNoPart) {
  Rng rng(3);
  const Column x = Random(20, rng);
  const Column target = Random(20, rng);
  const Column one(20, 1.0);
  const LeastSquaresFit twice = FitLeastSquares({x, x, one, Column(20)}, target);
  const LeastSquaresFit once = FitLeastSquares({x, one}, target);
  EXPECT_EQ(twice.rank, 2);
  EXPECT_NEAR(twice.coefficients[0] + twice.coefficients[1], once.coefficients[0], 1e-14);
  EXPECT_EQ(twice.coefficients[0] * twice.coefficients[1], 0);
  EXPECT_NEAR(twice.coefficients[2], once.coefficients[1], 1e-14);
  EXPECT_EQ(twice.coefficients[3], 0);
}

}  // namespace
}  // namespace nasc
