// Rows of numbers in memory, ready for a network.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/data/table.h"

namespace nasc {

struct RowSet {
  int64_t features = 0;
  int64_t classes = 0;          // 0: a regression
  int64_t outputs = 0;          // targets of a regression; 0: classes
  std::vector<float> values;    // [count][features]
  std::vector<int32_t> labels;  // [count], each in 0 .. classes - 1; empty for a regression
  std::vector<float> targets;   // [count][outputs]
  int64_t count = 0;

  int64_t size() const { return count; }
};

// A table whose features, and targets of a regression, have mean 0 and variance 1 over the rows of
// the training part that are given.
struct RowData {
  RowSet train;
  RowSet test;
  // Of the targets of a regression as they were: an error of 1 is this much in their units.
  std::vector<double> target_deviations;
};

// Standardises a table by the rows `indices` of its training part, at least one. Error: a column
// that is the same in all of them, from which nothing can be told.
absl::StatusOr<RowData> Standardize(const Table& table, const std::vector<int64_t>& indices);

}  // namespace nasc
