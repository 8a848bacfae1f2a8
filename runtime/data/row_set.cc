#include "runtime/data/row_set.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace nasc {
namespace {

struct Moments {
  std::vector<double> means;
  std::vector<double> deviations;
};

// Of the columns of [count][names], over the rows `indices`.
absl::StatusOr<Moments> ComputeMoments(const std::vector<double>& values,
                                       const std::vector<std::string>& names,
                                       const std::vector<int64_t>& indices,
                                       const std::string& path) {
  const size_t width = names.size();
  const auto count = static_cast<double>(indices.size());
  Moments moments;
  for (size_t column = 0; column < width; ++column) {
    // Divided before they are added: the sum of finite numbers need not be finite.
    double mean = 0;
    for (const int64_t i : indices) mean += values[i * width + column] / count;
    double variance = 0;
    for (const int64_t i : indices) {
      variance += std::pow(values[i * width + column] - mean, 2) / count;
    }
    const double deviation = std::sqrt(variance);
    const bool constant = deviation <= 1e-12 * std::abs(mean);
    if (constant || !std::isfinite(deviation)) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": column '", absl::Utf8SafeCEscape(names[column]), "' is ",
          constant ? absl::StrCat(values[indices[0] * width + column], " in every training row")
                   : "too large to be standardised"));
    }
    moments.means.push_back(mean);
    moments.deviations.push_back(deviation);
  }
  return moments;
}

std::vector<float> Apply(const Moments& moments, const std::vector<double>& values) {
  constexpr double kMost = std::numeric_limits<float>::max();
  std::vector<float> standardized(values.size());
  const size_t width = moments.means.size();
  for (size_t i = 0; i < values.size(); ++i) {
    // Rows that were not given may be far from those that were.
    const double value = (values[i] - moments.means[i % width]) / moments.deviations[i % width];
    standardized[i] = static_cast<float>(std::min(std::max(value, -kMost), kMost));
  }
  return standardized;
}

}  // namespace

absl::StatusOr<RowData> Standardize(const Table& table, const std::vector<int64_t>& indices) {
  const absl::StatusOr<Moments> features =
      ComputeMoments(table.train.features, table.feature_names, indices, table.path);
  if (!features.ok()) return features.status();
  Moments targets;
  const bool regression = table.class_names.empty();
  if (regression) {
    absl::StatusOr<Moments> moments =
        ComputeMoments(table.train.targets, table.target_names, indices, table.path);
    if (!moments.ok()) return moments.status();
    targets = *std::move(moments);
  }
  RowData data;
  for (const auto& [from, to] :
       {std::make_pair(&table.train, &data.train), std::make_pair(&table.test, &data.test)}) {
    to->features = static_cast<int64_t>(table.feature_names.size());
    to->classes = static_cast<int64_t>(table.class_names.size());
    to->outputs = static_cast<int64_t>(targets.means.size());
    to->values = Apply(*features, from->features);
    to->labels = from->labels;
    to->targets = Apply(targets, from->targets);
    to->count = from->count;
  }
  data.target_deviations = std::move(targets.deviations);
  return data;
}

}  // namespace nasc
