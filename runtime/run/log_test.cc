#include "runtime/run/log.h"

#include <signal.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/test_folder.h"

namespace nasc {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;

TEST(RunLogTest, HoldsWhatIsLoggedWhileItLives) {
  const TestFolder folder;
  LOG(INFO) << "before";
  {
    const absl::StatusOr<std::unique_ptr<RunLog>> log = RunLog::Open(folder.path());
    ASSERT_TRUE(log.ok()) << log.status();
    LOG(INFO) << "step " << 1;
    LOG(WARNING) << "slow";
  }
  LOG(INFO) << "after";
  const std::string time = "....-..-.. ..:..:..\\.... ";
  EXPECT_THAT(ReadFileToString(folder.File("log.txt")).value_or("?"),
              MatchesRegex(time + "INFO step 1\n" + time + "WARNING slow\n"));
  {
    const absl::StatusOr<std::unique_ptr<RunLog>> log = RunLog::Open(folder.path());
    ASSERT_TRUE(log.ok()) << log.status();
    LOG(INFO) << "again";
  }
  EXPECT_THAT(ReadFileToString(folder.File("log.txt")).value_or("?"),
              AllOf(HasSubstr("step 1"), HasSubstr("INFO again\n")));
}

TEST(RunLogTest, CannotOpen) {
  EXPECT_EQ(RunLog::Open("/no/such/folder").status().message(),
            "cannot open /no/such/folder/log.txt: No such file or directory");
}

// glog can be set up only once in a process, so the following do it in one of their own.

void LogOfEverySeverity() {
  InitLogging("nasc");
  InitLogging("nasc");
  LOG(INFO) << "one";
  LOG(WARNING) << "two";
  LOG(ERROR) << "three";
  std::exit(0);
}

TEST(InitLoggingDeathTest, OnlyErrorsReachStderr) {
  EXPECT_EXIT(LogOfEverySeverity(), testing::ExitedWithCode(0), MatchesRegex("E[^\n]*three\n"));
}

void FailCheck(const std::string& folder) {
  setenv("TMPDIR", folder.c_str(), 1);
  InitLogging("nasc");
  const auto log = RunLog::Open(folder);
  LOG(ERROR) << "one";
  CHECK(false) << "broken";
}

TEST(InitLoggingDeathTest, FailedCheckIsLoggedWithoutStackTraceAndFiles) {
  const TestFolder folder;
  EXPECT_EXIT(FailCheck(folder.path()), testing::KilledBySignal(SIGABRT),
              MatchesRegex("E[^\n]*one\nF[^\n]*Check failed: false broken\n"));
  EXPECT_THAT(ReadFileToString(folder.File("log.txt")).value_or("?"),
              HasSubstr("FATAL Check failed: false broken\n"));
  EXPECT_EQ(folder.Names().size(), 1u);
}

}  // namespace
}  // namespace nasc
