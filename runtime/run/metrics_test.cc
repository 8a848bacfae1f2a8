#include "runtime/run/metrics.h"

#include <signal.h>
#include <sys/resource.h>

#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/test_folder.h"

namespace nasc {
namespace {

std::string Contents(const std::string& path) { return ReadFileToString(path).value_or("?"); }

TEST(MetricsLogTest, EachLineCanBeReadAtOnce) {
  const TestFolder folder;
  const std::string path = folder.File("metrics.jsonl");
  absl::StatusOr<MetricsLog> log = MetricsLog::Open(path);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(Contents(path), "");
  ASSERT_TRUE(log->Append({{"step", 1}, {"loss", 0.5}}).ok());
  EXPECT_EQ(Contents(path), "{\"step\":1,\"loss\":0.5}\n");
  MetricsLog moved = *std::move(log);
  ASSERT_TRUE(moved.Append({{"step", 2}}).ok());
  EXPECT_EQ(Contents(path), "{\"step\":1,\"loss\":0.5}\n{\"step\":2}\n");
}

TEST(MetricsLogTest, ContinuesAFile) {
  const TestFolder folder;
  const std::string path = folder.File("metrics.jsonl");
  ASSERT_TRUE(WriteFileAtomically(path, "{\"step\":1}\n{\"ste").ok());
  absl::StatusOr<MetricsLog> log = MetricsLog::Open(path);
  ASSERT_TRUE(log.ok()) << log.status();
  EXPECT_EQ(Contents(path), "{\"step\":1}\n");
  ASSERT_TRUE(log->Append({{"step", 2}}).ok());
  EXPECT_EQ(Contents(path), "{\"step\":1}\n{\"step\":2}\n");
}

TEST(MetricsLogTest, CannotOpen) {
  const TestFolder folder;
  EXPECT_EQ(MetricsLog::Open(folder.File("a/b")).status().message(),
            "cannot open " + folder.File("a/b") + ": No such file or directory");
}

// As on a full disk: a part can be written.
TEST(MetricsLogTest, NeverHalfALine) {
  const TestFolder folder;
  const std::string path = folder.File("metrics.jsonl");
  absl::StatusOr<MetricsLog> log = MetricsLog::Open(path);
  ASSERT_TRUE(log.ok()) << log.status();
  ASSERT_TRUE(log->Append({{"step", 1}}).ok());

  signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  rlimit limit = old_limit;
  limit.rlim_cur = 1000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const absl::Status status = log->Append({{"text", std::string(2000, 'x')}});
  const std::string after = Contents(path);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old_limit), 0);

  EXPECT_EQ(status.message(), "cannot write " + path + ": File too large");
  EXPECT_EQ(after, "{\"step\":1}\n");
  ASSERT_TRUE(log->Append({{"step", 2}}).ok());
  EXPECT_EQ(Contents(path), "{\"step\":1}\n{\"step\":2}\n");
}

}  // namespace
}  // namespace nasc
