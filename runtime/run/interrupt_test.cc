#include "runtime/run/interrupt.h"

#include <signal.h>

#include <cstdlib>

#include "gtest/gtest.h"

namespace nasc {
namespace {

constexpr char kMessage[] =
    "^nasc: stopping after this step; press Ctrl-C again to stop at once\n$";

TEST(InterruptDeathTest, FirstSignalSetsTheFlag) {
  for (const int signal : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(
        {
          InstallInterruptHandler();
          if (Interrupted()) std::exit(1);
          raise(signal);
          std::exit(Interrupted() ? 0 : 2);
        },
        testing::ExitedWithCode(0), kMessage);
  }
}

TEST(InterruptDeathTest, SecondSignalEndsTheProcess) {
  const auto interrupt_by = [](int first, int second) {
    InstallInterruptHandler();
    raise(first);
    raise(second);
    std::exit(0);
  };
  EXPECT_EXIT(interrupt_by(SIGINT, SIGINT), testing::ExitedWithCode(130), kMessage);
  EXPECT_EXIT(interrupt_by(SIGINT, SIGTERM), testing::ExitedWithCode(143), kMessage);
}

TEST(InterruptDeathTest, IgnoredSignalStaysIgnored) {
  EXPECT_EXIT(
      {
        signal(SIGINT, SIG_IGN);
        InstallInterruptHandler();
        raise(SIGINT);
        std::exit(Interrupted() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "^$");
}

TEST(InterruptDeathTest, Clear) {
  EXPECT_EXIT(
      {
        InstallInterruptHandler();
        raise(SIGINT);
        ClearInterrupt();
        if (Interrupted()) std::exit(1);
        raise(SIGINT);
        std::exit(Interrupted() ? 0 : 2);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace nasc
