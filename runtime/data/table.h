// Rows of numbers with what is to be told from them, as a CSV or TSV file holds them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace nasc {

// Which file, and what of it.
struct TableSpec {
  std::string path;        // of the rows; its first line names the columns
  std::string test_path;   // of rows of the same columns to test with; "": a part of `path`
  double test_part = 0.2;  // that part, where there is no test_path
  std::string target;      // the column to tell; several of a regression, "a, b"
  bool regression = false;
};

// Rows with their targets.
struct TablePart {
  std::vector<double> features;  // [count][features]
  std::vector<int32_t> labels;   // [count], each a place in class_names; empty for a regression
  std::vector<double> targets;   // [count][target_names]; empty for classes
  int64_t count = 0;
};

struct Table {
  std::string path;
  std::vector<std::string> feature_names;  // in the order of the file
  std::vector<std::string> target_names;
  std::vector<std::string> class_names;  // whole numbers by size, or texts; empty for a regression
  TablePart train;
  TablePart test;  // where it is a part of the file: always the same rows of it, in their order
};

// Reads a table. The errors of CsvReader, and one line that begins with the path (and line) where
//  - there are no rows, or the header names a column twice or not at all;
//  - there is no such target, or nothing but targets;
//  - a row has another number of values than the header, or a value is no finite number;
//  - classes are neither whole numbers nor texts, there is one of them or too many, or the test
//  file
//    has one that the other file lacks;
//  - the test file has other columns;
//  - the file is larger than what can be read.
absl::StatusOr<Table> ReadTable(const TableSpec& spec);

}  // namespace nasc
