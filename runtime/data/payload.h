// What follows the header of an array's file.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/data/gzip_file.h"

namespace nasc {

// Reads the rest of the file, which must be `size` bytes, as its header says with the dimensions
// `dims` ("60000x28x28"). Memory grows with what the file holds, not with what its header claims.
// Errors: those of GzipFile; DataLoss where it holds less or more.
absl::StatusOr<std::vector<uint8_t>> ReadPayload(GzipFile& file, int64_t size,
                                                 absl::string_view dims);

}  // namespace nasc
