#include "runtime/run/progress.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class ProgressTest : public testing::Test {
 protected:
  ProgressTest() : out_(tmpfile()) {}
  ~ProgressTest() override { fclose(out_); }

  Progress::Clock clock() {
    return [this] { return now_; };
  }

  // What was written since the last call.
  std::string Written() {
    fseek(out_, read_, SEEK_SET);
    std::string text;
    for (int c = 0; (c = fgetc(out_)) != EOF;) text += static_cast<char>(c);
    read_ = ftell(out_);
    return text;
  }

  FILE* out_;
  long read_ = 0;
  absl::Duration now_ = absl::Seconds(1000);
};

TEST_F(ProgressTest, PlainLines) {
  Progress progress(out_, /*terminal=*/false, /*quiet=*/false, clock());
  progress.Begin("search", 200);
  EXPECT_EQ(Written(), "search: 200 steps\n");
  now_ += absl::Seconds(9);
  progress.Update(10, "loss 1.5");
  EXPECT_EQ(Written(), "");
  now_ += absl::Seconds(1);
  progress.Update(20, "loss 1.25");
  EXPECT_EQ(Written(), "search: 20/200 (10%), loss 1.25, 0:10, 0:18 left\n");
  now_ += absl::Seconds(5);
  progress.Update(30, "loss\r\n1");
  progress.Print("a line");
  EXPECT_EQ(Written(), "a line\n");
  now_ += absl::Seconds(3600);
  progress.End("");
  EXPECT_EQ(Written(), "search: 30/200 (15%), loss  1, 1:00:15\n");
  progress.End("twice");
  progress.Update(40, "late");
  EXPECT_EQ(Written(), "");
}

TEST_F(ProgressTest, UnknownNumberOfSteps) {
  Progress progress(out_, /*terminal=*/false, /*quiet=*/false, clock());
  progress.Begin("load", 0);
  now_ += absl::Seconds(10);
  progress.Update(5, "");
  progress.End("done");
  EXPECT_EQ(Written(), "load: begins\nload: 5, 0:10\nload: 5, done, 0:10\n");
}

TEST_F(ProgressTest, QuietPrintsOnlyLines) {
  for (const bool terminal : {false, true}) {
    Progress progress(out_, terminal, /*quiet=*/true, clock());
    progress.Begin("search", 200);
    now_ += absl::Seconds(20);
    progress.Update(10, "loss 1.5");
    progress.Print("a line");
    progress.End("done");
    EXPECT_EQ(Written(), "a line\n");
  }
}

TEST_F(ProgressTest, TerminalRedrawsOneLine) {
  Progress progress(out_, /*terminal=*/true, /*quiet=*/false, clock());
  progress.Begin("search", 200);
  EXPECT_EQ(Written(),
            "\rsearch [>                             ]   0%    0/200  0:00, --:-- left\x1b[K");
  progress.Update(1, "loss 2.000");
  EXPECT_EQ(Written(), "");  // Too soon.
  now_ += absl::Milliseconds(100);
  progress.Update(10, "loss 1.500");
  EXPECT_EQ(Written(),
            "\rsearch [=>                       ]   5%   10/200  loss 1.500  0:00, 0:02 left"
            "\x1b[K");
  now_ += absl::Milliseconds(99);
  progress.Update(20, "loss 1.400");
  EXPECT_EQ(Written(), "");
  now_ += absl::Seconds(10);
  progress.Update(100, "loss 1.250");
  EXPECT_EQ(Written(),
            "\rsearch [============>            ]  50%  100/200  loss 1.250  0:10, 0:10 left"
            "\x1b[K");
  progress.Update(200, "loss 1.125");
  progress.End("loss 1.000");
  EXPECT_EQ(Written(),
            "\rsearch [==============================] 100%  200/200  loss 1.000  0:10\x1b[K\n");
}

TEST_F(ProgressTest, PrintKeepsTheBarBelow) {
  Progress progress(out_, /*terminal=*/true, /*quiet=*/false, clock());
  progress.Print("before");
  EXPECT_EQ(Written(), "before\n");
  progress.Begin("search", 10);
  const std::string bar = Written();
  progress.Print("a line");
  EXPECT_EQ(Written(), "\r\x1b[Ka line\n" + bar);
}

TEST_F(ProgressTest, ContinuedComputationKnowsItsRate) {
  Progress progress(out_, /*terminal=*/true, /*quiet=*/false, clock());
  progress.Begin("search", 2000);
  now_ += absl::Seconds(1);
  progress.Update(1000, "");
  EXPECT_THAT(Written(), HasSubstr(" 50%  1000/2000  0:01, --:-- left"));
  now_ += absl::Seconds(1);
  progress.Update(1100, "");
  EXPECT_THAT(Written(), HasSubstr(" 55%  1100/2000  0:02, 0:09 left"));
}

TEST_F(ProgressTest, EndsTheLineWhereNothingElseDoes) {
  {
    Progress progress(out_, /*terminal=*/true, /*quiet=*/false, clock());
    progress.Begin("one", 10);
    progress.Begin("two", 10);
    EXPECT_THAT(Written(), HasSubstr("0/10  0:00\x1b[K\n\rtwo "));
  }
  EXPECT_EQ(Written(), "\n");
}

TEST_F(ProgressTest, TooManySteps) {
  Progress progress(out_, /*terminal=*/true, /*quiet=*/false, clock());
  progress.Begin("search", 10);
  progress.Update(12, "");
  progress.End("");
  EXPECT_THAT(Written(), EndsWith("=] 100%  12/10  0:00\x1b[K\n"));
}

// A terminal of that width, and what is written to it.
class Terminal {
 public:
  explicit Terminal(int width) : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
    EXPECT_EQ(grantpt(master_), 0);
    EXPECT_EQ(unlockpt(master_), 0);
    out_ = fopen(ptsname(master_), "w");
    winsize size = {};
    size.ws_row = 24;
    size.ws_col = static_cast<unsigned short>(width);
    EXPECT_EQ(ioctl(master_, TIOCSWINSZ, &size), 0);
  }
  ~Terminal() {
    fclose(out_);
    close(master_);
  }

  FILE* out() const { return out_; }

  std::string Written() {
    char buffer[4096];
    const ssize_t count = read(master_, buffer, sizeof(buffer));
    return std::string(buffer, static_cast<size_t>(std::max<ssize_t>(count, 0)));
  }

 private:
  int master_;
  FILE* out_;
};

TEST_F(ProgressTest, FitsEveryWidth) {
  for (int width = 1; width <= 200; ++width) {
    Terminal terminal(width);
    Progress progress(terminal.out(), /*terminal=*/true, /*quiet=*/false, clock());
    progress.Begin("search", 200);
    terminal.Written();
    now_ += absl::Seconds(1);
    progress.Update(76, "loss 1.204  accuracy 0.612");
    std::string line = terminal.Written();
    ASSERT_THAT(line, StartsWith("\r"));
    ASSERT_THAT(line, EndsWith("\x1b[K"));
    line = line.substr(1, line.size() - 4);
    EXPECT_LE(line.size(), static_cast<size_t>(std::max(width - 3, 0)));
    if (width == 80) {
      EXPECT_EQ(line,
                "search [===>    ]  38%   76/200  loss 1.204  accuracy 0.612  0:01, --:-- left");
    }
    if (width == 70) {
      EXPECT_EQ(line, "search  38%   76/200  loss 1.204  accuracy 0.612  0:01, --:-- left");
    }
    if (width == 60) {
      EXPECT_EQ(line, "search  38%   76/200  loss 1.204..  0:01, --:-- left");
    }
    if (width == 52) {
      EXPECT_EQ(line, "search  38%   76/200  loss..  0:01, --:-- left");
    }
    if (width == 42) {
      EXPECT_EQ(line, "search  38%   76/200  0:01, --:-- left");
    }
    if (width >= 42) {
      EXPECT_THAT(line, EndsWith("left"));
    }
  }
}

TEST_F(ProgressTest, CutsNoCharacterApart) {
  Terminal terminal(8);
  Progress progress(terminal.out(), /*terminal=*/true, /*quiet=*/false, clock());
  progress.Begin("ab\xc3\xa9\xc3\xa9", 200);
  EXPECT_EQ(terminal.Written(), "\rab\xc3\xa9\x1b[K");
}

TEST_F(ProgressTest, IsTerminal) {
  Terminal terminal(80);
  setenv("TERM", "xterm", 1);
  EXPECT_TRUE(Progress::IsTerminal(terminal.out()));
  EXPECT_FALSE(Progress::IsTerminal(out_));
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(Progress::IsTerminal(terminal.out()));
}

}  // namespace
}  // namespace nasc
