// A file in memory, read as its pages are touched.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace nasc {

class MappedFile {
 public:
  // What is written to the memory is not written to the file. Error: "cannot read PATH: reason"
  // with the status code of the system's error.
  static absl::StatusOr<MappedFile> Open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  char* data() const { return data_; }
  size_t size() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  MappedFile(std::string path, char* data, size_t size);

  std::string path_;
  char* data_;  // nullptr of an empty file
  size_t size_;
};

}  // namespace nasc
