#include "runtime/run/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/run/file_descriptor.h"

namespace nasc {
namespace {

// The folder of a path, with its '/'; "" for the working directory.
std::string FolderOf(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// Creates a file of a name that nothing else has, in `folder`.
std::pair<std::string, FileDescriptor> CreateTemporary(const std::string& folder) {
  static std::atomic<int> counter{0};
  for (;;) {
    // The process of that number may be an earlier one that was killed, hence the loop.
    std::string path = absl::StrCat(folder, ".nasc-tmp-", getpid(), "-", counter++);
    FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file.ok() || errno != EEXIST) return {std::move(path), std::move(file)};
  }
}

// Writes the file to the disk, where the file system knows how.
bool Sync(int fd) { return fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP; }

// Of a device or a pipe, which a file must not take the place of.
absl::Status WriteInPlace(const std::string& path, absl::string_view contents) {
  FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.ok() && WriteAll(file.get(), contents) && file.Close()) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
}

bool IsSpecial(const std::string& path) {
  struct stat found;
  return stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode);
}

}  // namespace

absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents) {
  if (IsSpecial(path)) return WriteInPlace(path, contents);
  const std::string folder = FolderOf(path);
  auto [temporary, file] = CreateTemporary(folder);
  const bool created = file.ok();
  if (!created || !WriteAll(file.get(), contents) || !Sync(file.get()) || !file.Close() ||
      rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    if (created) unlink(temporary.c_str());
    return absl::ErrnoToStatus(error, absl::StrCat("cannot write ", path));
  }
  // So that the new name outlives a crash, too. The file is replaced already, so this cannot fail.
  const FileDescriptor parent(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.ok()) Sync(parent.get());
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFileToString(const std::string& path) {
  const auto error = [&path] {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  };
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return error();
  std::string contents;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = read(file.get(), buffer, sizeof(buffer));
    if (count == 0) return contents;
    if (count > 0) {
      contents.append(buffer, static_cast<size_t>(count));
    } else if (errno != EINTR) {
      return error();
    }
  }
}

}  // namespace nasc
