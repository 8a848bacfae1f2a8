// IDX files, the format in which MNIST and its successors are published.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nasc {

// The array of an IDX file of unsigned bytes; the last dimension varies fastest.
struct IdxArray {
  std::vector<int64_t> dims;
  std::vector<uint8_t> data;  // As many as the product of `dims`.
};

// The most data that ReadIdx accepts, in bytes after decompression.
constexpr int64_t kMaxIdxBytes = int64_t{1} << 32;

// Reads an IDX file of unsigned bytes, gzip-compressed or plain. Memory grows with what the file
// holds, not with what its header claims. Every error is one line that begins with the path:
//  - NotFound, or Unavailable for any other failure of the system: the file cannot be opened or
//  read;
//  - InvalidArgument: not an IDX file, another element type, or more than kMaxIdxBytes;
//  - DataLoss: less or more data than the header says, or a corrupt or shortened gzip stream.
// As with gunzip, bytes after the end of a gzip stream that begin no further stream are ignored.
absl::StatusOr<IdxArray> ReadIdx(absl::string_view path);

}  // namespace nasc
