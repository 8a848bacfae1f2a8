#include "runtime/run/atomic_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "runtime/run/test_folder.h"

namespace nasc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(AtomicFileTest, WritesAndReplaces) {
  const TestFolder folder;
  const std::string path = folder.File("file");
  const std::string large(300000, 'x');
  for (const std::string& contents : {std::string("one\0two\n", 8), large, std::string()}) {
    ASSERT_TRUE(WriteFileAtomically(path, contents).ok());
    const absl::StatusOr<std::string> read = ReadFileToString(path);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, contents);
  }
  EXPECT_THAT(folder.Names(), ElementsAre("file"));
}

TEST(AtomicFileTest, NewFileHasTheDefaultMode) {
  const TestFolder folder;
  const mode_t old_mask = umask(027);
  ASSERT_TRUE(WriteFileAtomically(folder.File("file"), "x").ok());
  umask(old_mask);
  struct stat info;
  ASSERT_EQ(stat(folder.File("file").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST(AtomicFileTest, NoSuchFolder) {
  const TestFolder folder;
  const absl::Status status = WriteFileAtomically(folder.File("a/b"), "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "cannot write " + folder.File("a/b") + ": No such file or directory");
}

// By a link, so that no device is at stake.
TEST(AtomicFileTest, WritesToDevices) {
  const TestFolder folder;
  const std::string path = folder.File("device");
  ASSERT_EQ(symlink("/dev/full", path.c_str()), 0);
  const absl::Status status = WriteFileAtomically(path, "anything");
  EXPECT_EQ(status.message(), "cannot write " + path + ": No space left on device");
  struct stat found;
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_TRUE(S_ISCHR(found.st_mode));
}

TEST(AtomicFileTest, CannotReplaceAFolder) {
  const TestFolder folder;
  ASSERT_EQ(mkdir(folder.File("taken").c_str(), 0777), 0);
  const absl::Status status = WriteFileAtomically(folder.File("taken"), "x");
  EXPECT_THAT(std::string(status.message()), HasSubstr("taken: Is a directory"));
  EXPECT_THAT(folder.Names(), ElementsAre("taken"));
}

// As on a full disk: a part can be written.
TEST(AtomicFileTest, OldFileStaysWhereTheNewOneDoesNotFit) {
  const TestFolder folder;
  const std::string path = folder.File("file");
  ASSERT_TRUE(WriteFileAtomically(path, "old").ok());

  signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  rlimit limit = old_limit;
  limit.rlim_cur = 1000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const absl::Status status = WriteFileAtomically(path, std::string(2000, 'x'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old_limit), 0);

  EXPECT_EQ(status.message(), "cannot write " + path + ": File too large");
  EXPECT_EQ(ReadFileToString(path).value_or(""), "old");
  EXPECT_THAT(folder.Names(), ElementsAre("file"));
}

TEST(AtomicFileTest, CannotRead) {
  const TestFolder folder;
  const absl::Status missing = ReadFileToString(folder.File("none")).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(missing.message(),
            "cannot read " + folder.File("none") + ": No such file or directory");
  EXPECT_EQ(ReadFileToString(folder.path()).status().message(),
            "cannot read " + folder.path() + ": Is a directory");
  EXPECT_THAT(folder.Names(), IsEmpty());
}

}  // namespace
}  // namespace nasc
