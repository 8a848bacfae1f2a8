// Shows how far a long computation is.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nasc {

// On a terminal, one line that is redrawn in place at most ten times a second and fits its width
// (where it is narrow, the bar goes first, then the end of the status):
//
//   search [=======>            ]  38%  76/200  loss 1.204  accuracy 0.612  0:12, 0:20 left
//
// Elsewhere plain lines: one at the begin, at most one in ten seconds, one at the end. If quiet,
// nothing but what Print prints. Control characters in labels and texts appear as spaces. Failures
// to write are ignored. For one thread.
class Progress {
 public:
  // The time since some fixed moment.
  using Clock = std::function<absl::Duration()>;

  // Whether such a bar can be drawn there: a terminal that is not TERM=dumb.
  static bool IsTerminal(FILE* out);

  // `out` must outlive this. The default clock is a steady one.
  Progress(FILE* out, bool terminal, bool quiet = false, Clock clock = nullptr);
  ~Progress();  // Ends the line where no End did.
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Begins a computation of so many steps; 0: nobody knows how many. One that runs ends first.
  void Begin(absl::string_view label, int64_t total_steps);

  // So many steps are done by now, with a short status such as "loss 1.204  accuracy 0.612". The
  // rate, and from it the time left, is that since the first update, whose steps may come from an
  // earlier run. Cheap to call often.
  void Update(int64_t done, absl::string_view text);

  // Ends the computation, with the last number of steps and this status, or the last one if it is
  // empty. Nothing where none runs.
  void End(absl::string_view text);

  // Prints a line, above the bar if there is one.
  void Print(absl::string_view line);

 private:
  enum class Line { kRunning, kLast };

  // "search: 76/200 (38%), loss 1.204, 0:12, 0:20 left"
  std::string PlainLine(Line line) const;
  std::string TerminalLine(Line line, int width) const;

  std::string Times(Line line) const;
  int Percent() const;
  int Width() const;
  void Draw(Line line);
  void Write(absl::string_view text);

  FILE* out_;
  bool terminal_;
  bool quiet_;
  Clock clock_;

  bool running_ = false;
  std::string label_;
  int64_t total_ = 0;
  int64_t done_ = 0;
  std::string text_;
  size_t longest_text_ = 0;  // So that the bar's length does not change all the time.
  absl::Duration begin_;
  absl::Duration drawn_;  // When a line was last written.
  bool updated_ = false;
  int64_t first_done_ = 0;  // At the first update.
  absl::Duration first_update_;
  absl::Duration last_update_;
};

}  // namespace nasc
