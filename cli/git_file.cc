#include "cli/git_file.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

extern char** environ;

namespace nasc {
namespace {

struct Output {
  std::string out;
  std::string error;
  int code = 0;
};

// Reads what a process writes until it ends. Its errors are short and fit into the pipe.
std::string ReadAll(int descriptor) {
  std::string text;
  std::array<char, 1 << 16> buffer;
  while (true) {
    const ssize_t count = read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(count));
  }
  close(descriptor);
  return text;
}

absl::StatusOr<Output> RunProgram(std::vector<std::string> words) {
  std::array<int, 2> out;
  std::array<int, 2> error;
  if (pipe(out.data()) != 0 || pipe(error.data()) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a pipe");
  }
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, error[1], STDERR_FILENO);
  for (const int descriptor : {out[0], out[1], error[0], error[1]}) {
    posix_spawn_file_actions_addclose(&files, descriptor);
  }
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t process = 0;
  const int failed = posix_spawnp(&process, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  close(out[1]);
  close(error[1]);
  Output output{ReadAll(out[0]), ReadAll(error[0]), 0};
  if (failed != 0) {
    return absl::NotFoundError(absl::StrCat("cannot run ", words[0], ": ", std::strerror(failed)));
  }
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  output.code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  return output;
}

}  // namespace

std::optional<GitPath> ParseGitPath(const std::string& text) {
  std::error_code error;
  const size_t colon = text.find(':');
  if (colon == std::string::npos || std::filesystem::exists(text, error)) {
    return std::nullopt;
  }
  return GitPath{text.substr(0, colon), text.substr(colon + 1)};
}

absl::StatusOr<std::string> ReadGitFile(const GitPath& path) {
  absl::StatusOr<Output> output = RunProgram({"git", "cat-file", "blob", path.ToString()});
  if (!output.ok()) return output.status();
  if (output->code == 0) return std::move(output->out);
  absl::string_view line = output->error;
  line = absl::StripAsciiWhitespace(line.substr(0, line.find('\n')));
  absl::ConsumePrefix(&line, "fatal: ");
  return absl::NotFoundError(absl::StrCat("cannot read ", path.ToString(), ": git says: ", line));
}

absl::StatusOr<std::string> LineDiff(const std::string& before, const std::string& after,
                                     const std::string& path) {
  constexpr int kTrouble = 2;  // 1: they differ
  absl::StatusOr<Output> output = RunProgram({"diff", "-u", "--label", absl::StrCat("a/", path),
                                              "--label", absl::StrCat("b/", path), before, after});
  if (!output.ok()) return output.status();
  if (output->code < kTrouble) return std::move(output->out);
  return absl::UnknownError(std::string(absl::StripAsciiWhitespace(output->error)));
}

}  // namespace nasc
