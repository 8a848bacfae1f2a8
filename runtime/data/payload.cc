#include "runtime/data/payload.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace nasc {

absl::StatusOr<std::vector<uint8_t>> ReadPayload(GzipFile& file, int64_t size,
                                                 absl::string_view dims) {
  constexpr int64_t kFirstChunk = 1 << 20;
  std::vector<uint8_t> data;
  int64_t done = 0;
  while (done < size) {
    const int64_t chunk = std::min(size - done, std::max(kFirstChunk, done));
    data.resize(done + chunk);
    const absl::StatusOr<int64_t> count = file.Read(data.data() + done, chunk);
    if (!count.ok()) return count.status();
    done += *count;
    if (*count < chunk) {
      return absl::DataLossError(absl::StrCat(file.path(), ": truncated: its header says ", size,
                                              " bytes of data (", dims, "), it holds ", done));
    }
  }
  // Reading past the end also makes zlib compare the checksum.
  uint8_t extra;
  const absl::StatusOr<int64_t> count = file.Read(&extra, 1);
  if (!count.ok()) return count.status();
  if (*count > 0) {
    return absl::DataLossError(absl::StrCat(file.path(), ": trailing data: its header says ", size,
                                            " bytes of data (", dims, "), it holds more"));
  }
  return data;
}

}  // namespace nasc
