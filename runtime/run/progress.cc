#include "runtime/run/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace nasc {
namespace {

constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr absl::Duration kNextLine = absl::Seconds(10);
constexpr int kDefaultWidth = 80;
// Columns that stay free: for the "^C" that terminals show for Ctrl-C, and the last one, as a
// character there makes some of them begin a new line.
constexpr int kMargin = 3;
constexpr int kMinBar = 6;  // Between the brackets.
constexpr int kMaxBar = 30;
constexpr absl::string_view kClearToEnd = "\x1b[K";
constexpr absl::string_view kGap = "  ";

absl::Duration SteadyTime() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// "1:02" or "1:02:03".
std::string FormatTime(absl::Duration time) {
  const int64_t seconds = std::max<int64_t>(absl::ToInt64Seconds(time), 0);
  const int64_t minutes = seconds / 60;
  if (minutes < 60) return absl::StrFormat("%d:%02d", minutes, seconds % 60);
  return absl::StrFormat("%d:%02d:%02d", minutes / 60, minutes % 60, seconds % 60);
}

std::string OneLine(absl::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  return line;
}

// The first `width` bytes at most, but no part of a character.
absl::string_view Cut(absl::string_view text, size_t width) {
  if (text.size() <= width) return text;
  while (width > 0 && (static_cast<unsigned char>(text[width]) & 0xc0) == 0x80) --width;
  return text.substr(0, width);
}

// A status in at most `width` bytes, cut between its parts if that helps; a cut can be seen, as
// half a number would mislead.
std::string Shorten(absl::string_view text, size_t width) {
  constexpr absl::string_view kMark = "..";
  if (text.size() <= width) return std::string(text);
  if (width <= kMark.size()) return "";
  absl::string_view start = Cut(text, width - kMark.size());
  size_t gap = start.rfind(kGap);
  if (gap == absl::string_view::npos) gap = start.rfind(' ');
  if (gap != absl::string_view::npos) start = start.substr(0, gap);
  return absl::StrCat(start, kMark);
}

// "[=====>    ]"
std::string Bar(double fraction, int length) {
  const int filled = static_cast<int>(fraction * length);
  if (filled >= length) return absl::StrCat("[", std::string(length, '='), "]");
  return absl::StrCat("[", std::string(filled, '='), ">", std::string(length - filled - 1, ' '),
                      "]");
}

}  // namespace

bool Progress::IsTerminal(FILE* out) {
  const char* term = std::getenv("TERM");
  return isatty(fileno(out)) == 1 && term != nullptr && absl::string_view(term) != "dumb";
}

Progress::Progress(FILE* out, bool terminal, bool quiet, Clock clock)
    : out_(out),
      terminal_(terminal),
      quiet_(quiet),
      clock_(clock != nullptr ? std::move(clock) : SteadyTime) {}

Progress::~Progress() {
  if (running_ && terminal_ && !quiet_) Write("\n");
}

void Progress::Begin(absl::string_view label, int64_t total_steps) {
  End("");
  running_ = true;
  label_ = OneLine(label);
  total_ = std::max<int64_t>(total_steps, 0);
  done_ = 0;
  text_.clear();
  longest_text_ = 0;
  updated_ = false;
  begin_ = clock_();
  drawn_ = begin_;
  if (quiet_) return;
  if (terminal_) {
    Draw(Line::kRunning);
  } else if (total_ > 0) {
    Write(absl::StrCat(label_, ": ", total_, total_ == 1 ? " step\n" : " steps\n"));
  } else {
    Write(absl::StrCat(label_, ": begins\n"));
  }
}

void Progress::Update(int64_t done, absl::string_view text) {
  if (!running_ || quiet_) return;
  done_ = done;
  last_update_ = clock_();
  if (!updated_) {
    updated_ = true;
    first_done_ = done_;
    first_update_ = last_update_;
  }
  text_ = OneLine(text);
  longest_text_ = std::max(longest_text_, text_.size());
  if (last_update_ - drawn_ < (terminal_ ? kRedraw : kNextLine)) return;
  Draw(Line::kRunning);
}

void Progress::End(absl::string_view text) {
  if (!running_) return;
  if (!text.empty()) {
    text_ = OneLine(text);
    longest_text_ = std::max(longest_text_, text_.size());
  }
  if (!quiet_) Draw(Line::kLast);
  running_ = false;
}

void Progress::Print(absl::string_view line) {
  if (running_ && terminal_ && !quiet_) {
    Write(absl::StrCat("\r", kClearToEnd, line, "\n"));
    Draw(Line::kRunning);
  } else {
    Write(absl::StrCat(line, "\n"));
  }
}

void Progress::Draw(Line line) {
  drawn_ = clock_();
  if (!terminal_) {
    Write(absl::StrCat(PlainLine(line), "\n"));
    return;
  }
  Write(absl::StrCat("\r", TerminalLine(line, Width() - kMargin), kClearToEnd,
                     line == Line::kLast ? "\n" : ""));
}

std::string Progress::PlainLine(Line line) const {
  std::string result = absl::StrCat(label_, ": ", done_);
  if (total_ > 0) absl::StrAppend(&result, "/", total_, " (", Percent(), "%)");
  if (!text_.empty()) absl::StrAppend(&result, ", ", text_);
  return absl::StrCat(result, ", ", Times(line));
}

std::string Progress::TerminalLine(Line line, int width) const {
  const std::string times = Times(line);
  const std::string total = absl::StrCat(total_);
  const std::string count = total_ > 0
                                ? absl::StrFormat("%3d%%  %*d/%s", Percent(),
                                                  static_cast<int>(total.size()), done_, total)
                                : absl::StrCat(done_);
  // What is left beside these for the status, which comes first, and the bar.
  int left = width - static_cast<int>(label_.size() + 1 + count.size() + 2 + times.size());
  std::string result = label_;
  if (total_ > 0) {
    const int text = longest_text_ == 0 ? 0 : static_cast<int>(longest_text_ + kGap.size());
    const int bar = std::min(left - text - 3, kMaxBar);
    if (bar >= kMinBar) {
      const double fraction = static_cast<double>(done_) / static_cast<double>(total_);
      absl::StrAppend(&result, " ", Bar(std::clamp(fraction, 0.0, 1.0), bar));
      left -= bar + 3;
    }
  }
  absl::StrAppend(&result, " ", count);
  if (left > static_cast<int>(kGap.size())) {
    const std::string text = Shorten(text_, static_cast<size_t>(left) - kGap.size());
    if (!text.empty()) absl::StrAppend(&result, kGap, text);
  }
  absl::StrAppend(&result, kGap, times);
  return std::string(Cut(result, static_cast<size_t>(std::max(width, 0))));
}

std::string Progress::Times(Line line) const {
  const std::string elapsed = FormatTime(drawn_ - begin_);
  if (line == Line::kLast) return elapsed;
  if (total_ == 0) return elapsed;
  if (!updated_ || done_ <= first_done_) return absl::StrCat(elapsed, ", --:-- left");
  const double steps_left = static_cast<double>(std::max<int64_t>(total_ - done_, 0));
  const absl::Duration left =
      (last_update_ - first_update_) * (steps_left / static_cast<double>(done_ - first_done_));
  return absl::StrCat(elapsed, ", ", FormatTime(left), " left");
}

int Progress::Percent() const {
  const double percent = 100.0 * static_cast<double>(done_) / static_cast<double>(total_);
  return static_cast<int>(std::clamp(percent, 0.0, 100.0));
}

int Progress::Width() const {
  struct winsize size = {};
  if (ioctl(fileno(out_), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

void Progress::Write(absl::string_view text) {
  fwrite(text.data(), 1, text.size(), out_);
  fflush(out_);
}

}  // namespace nasc
