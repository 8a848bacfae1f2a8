// Arrays in files as NumPy's `save` writes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nasc {

// The most data that ReadNpy accepts, in bytes.
constexpr int64_t kMaxNpyBytes = int64_t{1} << 32;

// An array as a file holds it.
struct NpyArray {
  std::string type;  // of its elements, "|u1": byte order, kind, bytes
  std::vector<int64_t> dims;
  std::vector<uint8_t> data;  // in order, the last dimension fastest

  int64_t size() const;  // elements
};

// Reads a file of format 1, 2 or 3, plain or gzip, of booleans and numbers. Memory grows with what
// the file holds, not with what its header claims. Every error is one line that begins with the
// path: those of GzipFile; InvalidArgument where it is no such file, holds elements of another
// kind (texts, objects) or in Fortran's order, or more than kMaxNpyBytes; DataLoss where it holds
// less or more data than its header says.
absl::StatusOr<NpyArray> ReadNpy(absl::string_view path);

// The elements of an array of whole numbers. Error: it holds others, or one that 64 bits with a
// sign do not hold.
absl::StatusOr<std::vector<int64_t>> WholeNumbers(const NpyArray& array);

}  // namespace nasc
