#include "runtime/run/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "runtime/run/file_descriptor.h"

namespace nasc {

absl::StatusOr<MappedFile> MappedFile::Open(const std::string& path) {
  const auto error = [&path](int code) {
    return absl::ErrnoToStatus(code, absl::StrCat("cannot read ", path));
  };
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info = {};
  if (!file.ok() || fstat(file.get(), &info) != 0) return error(errno);
  if (S_ISDIR(info.st_mode)) return error(EISDIR);
  const auto size = static_cast<size_t>(info.st_size);
  if (size == 0) return MappedFile(path, nullptr, 0);
  void* data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) return error(errno);
  return MappedFile(path, static_cast<char*>(data), size);
}

MappedFile::MappedFile(std::string path, char* data, size_t size)
    : path_(std::move(path)), data_(data), size_(size) {}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, size_);
}

}  // namespace nasc
