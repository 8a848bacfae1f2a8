#include "strategies/evaluate/least_squares.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

namespace nasc {
namespace {

constexpr double kLeastNewPart = 1e-6;  // of a column

using Column = std::vector<double>;

double Norm(const Column& column, size_t from) {
  double sum = 0;
  for (size_t i = from; i < column.size(); ++i) sum += column[i] * column[i];
  return std::sqrt(sum);
}

// Reflects the part of x from place `from` on by I - 2 v v^T / |v|^2.
void Reflect(const Column& v, double squared_norm, size_t from, Column& x) {
  double product = 0;
  for (size_t i = from; i < x.size(); ++i) product += v[i] * x[i];
  const double factor = 2 * product / squared_norm;
  for (size_t i = from; i < x.size(); ++i) x[i] -= factor * v[i];
}

}  // namespace

LeastSquaresFit FitLeastSquares(std::vector<Column> columns, Column target) {
  // Columns of norm 1: what is small is then small in every unit.
  std::vector<double> norms(columns.size());
  for (size_t j = 0; j < columns.size(); ++j) {
    norms[j] = Norm(columns[j], 0);
    if (norms[j] == 0) continue;
    for (double& value : columns[j]) value /= norms[j];
  }
  std::vector<size_t> order(columns.size());
  std::iota(order.begin(), order.end(), size_t{0});
  size_t rank = 0;
  for (; rank < order.size(); ++rank) {
    size_t pivot = rank;
    double greatest = 0;
    for (size_t j = rank; j < order.size(); ++j) {
      const double rest = Norm(columns[order[j]], rank);
      if (rest <= greatest) continue;
      greatest = rest;
      pivot = j;
    }
    // Written so that what is no number does not count either.
    if (!(greatest > kLeastNewPart)) break;
    std::swap(order[rank], order[pivot]);
    Column& column = columns[order[rank]];
    Column v = column;
    const double diagonal = column[rank] > 0 ? -greatest : greatest;
    v[rank] -= diagonal;
    const double squared_norm = std::pow(Norm(v, rank), 2);
    for (size_t j = rank + 1; j < order.size(); ++j) {
      Reflect(v, squared_norm, rank, columns[order[j]]);
    }
    Reflect(v, squared_norm, rank, target);
    column[rank] = diagonal;
  }
  LeastSquaresFit fit;
  fit.rank = static_cast<int>(rank);
  fit.coefficients.resize(columns.size());
  for (size_t row = rank; row-- > 0;) {
    double value = target[row];
    for (size_t j = row + 1; j < rank; ++j) {
      value -= columns[order[j]][row] * fit.coefficients[order[j]];
    }
    fit.coefficients[order[row]] = value / columns[order[row]][row];
  }
  for (size_t j = 0; j < columns.size(); ++j) {
    if (norms[j] > 0) fit.coefficients[j] /= norms[j];
  }
  return fit;
}

}  // namespace nasc
