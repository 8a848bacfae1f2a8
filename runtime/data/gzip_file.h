// A file being read, decompressed where it is gzip.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nasc {

// Every error is one line that begins with the path:
//  - NotFound, or Unavailable for any other failure of the system: the file cannot be opened or
//  read;
//  - DataLoss: a corrupt or shortened gzip stream.
// As with gunzip, bytes after the end of a gzip stream that begin no further stream are ignored.
class GzipFile {
 public:
  static absl::StatusOr<GzipFile> Open(absl::string_view path);

  // Reads `size` bytes, or fewer where the content ends, and returns how many.
  absl::StatusOr<int64_t> Read(void* out, int64_t size);

  const std::string& path() const { return path_; }

 private:
  struct Closer {
    void operator()(gzFile file) const { gzclose_r(file); }
  };

  explicit GzipFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::unique_ptr<gzFile_s, Closer> file_;
  int64_t read_ = 0;  // Bytes of content so far.
};

}  // namespace nasc
