#include "runtime/run/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <initializer_list>

namespace nasc {
namespace {

constexpr char kMessage[] = "nasc: stopping after this step; press Ctrl-C again to stop at once\n";
constexpr char kClearLine[] = "\r\x1b[K";  // Of a progress bar and the terminal's "^C".

std::atomic<bool> interrupted{false};
std::atomic<bool> on_terminal{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler uses them");

// Only what is async-signal-safe.
void OnSignal(int signal) {
  if (interrupted.exchange(true)) _exit(128 + signal);
  const int saved_errno = errno;
  // Whether they can be written makes no difference here.
  ssize_t ignored = 0;
  if (on_terminal) ignored = write(STDERR_FILENO, kClearLine, sizeof(kClearLine) - 1);
  ignored = write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1);
  static_cast<void>(ignored);
  errno = saved_errno;
}

}  // namespace

void InstallInterruptHandler() {
  on_terminal = isatty(STDERR_FILENO) == 1;
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGINT);
  sigaddset(&action.sa_mask, SIGTERM);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction old = {};
    sigaction(signal, nullptr, &old);
    if (old.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
}

bool Interrupted() { return interrupted; }

void ClearInterrupt() { interrupted = false; }

}  // namespace nasc
