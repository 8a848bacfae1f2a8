#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"

namespace nasc {

// Which file, and what of it.
struct BenchmarkTableSpec {
  std::string path;           // TSV or CSV, gzip-compressed or plain; the first line names columns
  std::string architectures;  // the column that names architectures; "": the first one
  std::string notation = "text";     // "text": on one line, as `nasc` prints them; "nasbench201"
  std::vector<std::string> columns;  // that are read, of numbers
  bool first_counts = false;         // of several rows of an architecture; else these are a mistake
};

// Published measurements of the architectures of a space, a row each.
class BenchmarkTable {
 public:
  // The errors of CsvReader, and one line that begins with path and line where there are no such
  // columns, a text names no architecture of the space, or one a second time, or a value is no
  // finite number.
  static absl::StatusOr<BenchmarkTable> Read(const BenchmarkTableSpec& spec,
                                             const ir::Graph& space);

  // The values of the columns, in their order; nullptr where the table has no such row.
  const double* Find(const Architecture& architecture) const {
    const auto it = rows_.find(architecture);
    return it == rows_.end() ? nullptr : values_.data() + it->second * columns_;
  }

  // In the order of their rows, which these point into.
  std::vector<const Architecture*> Architectures() const;

  int64_t rows() const { return static_cast<int64_t>(rows_.size()); }

 private:
  size_t columns_ = 0;
  absl::flat_hash_map<Architecture, size_t> rows_;
  std::vector<double> values_;  // [row][column]
};

}  // namespace nasc
