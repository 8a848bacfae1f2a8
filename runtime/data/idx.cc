#include "runtime/data/idx.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "runtime/data/gzip_file.h"
#include "runtime/data/payload.h"

namespace nasc {
namespace {

constexpr int kUnsignedByte = 0x08;
constexpr int kMaxDims = 8;

// The name of an IDX element type, or nullptr where the format knows none.
const char* ElementTypeName(int type) {
  switch (type) {
    case kUnsignedByte:
      return "unsigned byte";
    case 0x09:
      return "signed byte";
    case 0x0b:
      return "16-bit integer";
    case 0x0c:
      return "32-bit integer";
    case 0x0d:
      return "32-bit float";
    case 0x0e:
      return "64-bit float";
    default:
      return nullptr;
  }
}

absl::Status NotIdx(absl::string_view path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": not an IDX file: ", why));
}

}  // namespace

absl::StatusOr<IdxArray> ReadIdx(absl::string_view path) {
  absl::StatusOr<GzipFile> reader = GzipFile::Open(path);
  if (!reader.ok()) return reader.status();

  // Two zero bytes, the element type, the number of dimensions; then each dimension, 32 bits,
  // big-endian.
  uint8_t magic[4];
  absl::StatusOr<int64_t> count = reader->Read(magic, sizeof(magic));
  if (!count.ok()) return count.status();
  if (*count < 4) return NotIdx(path, absl::StrCat("it holds only ", *count, " bytes"));
  const char* type = ElementTypeName(magic[2]);
  if (magic[0] != 0 || magic[1] != 0 || type == nullptr) {
    return NotIdx(path, absl::StrFormat("it begins with the bytes %02x %02x %02x %02x", magic[0],
                                        magic[1], magic[2], magic[3]));
  }
  if (magic[2] != kUnsignedByte) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: its elements are of type 0x%02x (%s); only 0x08 (unsigned byte) can "
                        "be read",
                        path, magic[2], type));
  }
  const int rank = magic[3];
  if (rank < 1 || rank > kMaxDims) {
    return NotIdx(path, absl::StrCat("it claims ", rank, " dimensions"));
  }
  uint8_t words[4 * kMaxDims];
  count = reader->Read(words, 4 * rank);
  if (!count.ok()) return count.status();
  if (*count < 4 * rank) {
    return absl::DataLossError(absl::StrCat(path, ": truncated: it ends within its header"));
  }
  IdxArray array;
  int64_t size = 1;
  bool too_large = false;
  for (int i = 0; i < rank; ++i) {
    const uint8_t* word = words + 4 * i;
    const int64_t dim = int64_t{word[0]} << 24 | word[1] << 16 | word[2] << 8 | word[3];
    array.dims.push_back(dim);
    if (dim > 0 && size > kMaxIdxBytes / dim) {
      too_large = true;
    } else {
      size *= dim;
    }
  }
  const std::string dims = absl::StrJoin(array.dims, "x");
  if (too_large) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": its header claims ", dims,
                                                   " bytes of data; the limit is ", kMaxIdxBytes));
  }

  absl::StatusOr<std::vector<uint8_t>> data = ReadPayload(*reader, size, dims);
  if (!data.ok()) return data.status();
  array.data = *std::move(data);
  return array;
}

}  // namespace nasc
