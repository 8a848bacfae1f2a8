#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "cli/command.h"
#include "cli/diff_json.h"
#include "cli/git_file.h"
#include "cli/space_version.h"
#include "compiler/versions/diff_text.h"
#include "compiler/versions/space_diff.h"
#include "runtime/run/atomic_file.h"

namespace nasc {
namespace {

constexpr char kVersions[] =
    "a .space file, one of a git revision such as HEAD~1:my.space, or a compiled space";

struct Flags {
  std::string before;
  std::string after;
  bool json = false;
  bool markdown = false;
  std::vector<std::string> git;
};

absl::StatusOr<SpaceDiff> Diff(const Flags& flags) {
  absl::StatusOr<CompiledSpace> before = LoadVersion(flags.before);
  if (!before.ok()) return before.status();
  absl::StatusOr<CompiledSpace> after = LoadVersion(flags.after);
  if (!after.ok()) return after.status();
  return DiffSpaces(*before, *after);
}

void Print(const SpaceDiff& diff, const Flags& flags) {
  const std::string text = flags.json       ? JsonDocument(DiffJson(diff))
                           : flags.markdown ? DiffMarkdown(diff)
                                            : DiffText(diff);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

// What git gives its diff commands; see GIT_EXTERNAL_DIFF in git(1).
enum GitArgument { kPath, kOldFile, kOldHash, kOldMode, kNewFile, kNewHash, kNewMode };

// What git shows of one file. What is no space of both, such as a library, git shows as lines.
absl::Status DiffForGit(const Flags& flags) {
  if (flags.git.size() <= kNewFile) {
    return absl::InvalidArgumentError("git gives a diff command seven arguments");
  }
  const std::string& path = flags.git[kPath];
  std::vector<absl::StatusOr<CompiledSpace>> versions;
  for (const GitArgument file : {kOldFile, kNewFile}) {
    absl::StatusOr<std::string> text = ReadFileToString(flags.git[file]);
    versions.push_back(text.ok() ? VersionOf(path, *std::move(text)) : text.status());
  }
  std::printf("diff --nasc a/%s b/%s\n", path.c_str(), path.c_str());
  std::fflush(stdout);
  if (versions[0].ok() && versions[1].ok()) {
    Print(DiffSpaces(*versions[0], *versions[1]), flags);
    return absl::OkStatus();
  }
  const absl::StatusOr<std::string> lines =
      LineDiff(flags.git[kOldFile], flags.git[kNewFile], path);
  if (!lines.ok()) return lines.status();
  std::fputs(lines->c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

Action AddDiff(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  CLI::Option* before = app.add_option("OLD", flags->before, kVersions);
  CLI::Option* after = app.add_option("NEW", flags->after, kVersions);
  app.add_flag("--json", flags->json, "print JSON");
  app.add_flag("--markdown", flags->markdown, "print Markdown, for a comment of a review")
      ->excludes("--json");
  app.add_option("--git", flags->git, "what git gives a diff command; see docs/versions.md")
      ->expected(7, 9)
      ->excludes(before)
      ->excludes(after);
  app.footer("Example: nasc diff HEAD:examples/darts/darts.space examples/darts/darts.space");
  return [flags]() -> absl::Status {
    if (!flags->git.empty()) return DiffForGit(*flags);
    if (flags->after.empty()) return absl::InvalidArgumentError("name two versions: OLD NEW");
    const absl::StatusOr<SpaceDiff> diff = Diff(*flags);
    if (!diff.ok()) return diff.status();
    Print(*diff, *flags);
    return absl::OkStatus();
  };
}

Action AddCompat(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("OLD", flags->before, kVersions)->required();
  app.add_option("NEW", flags->after, kVersions)->required();
  app.add_flag("--json", flags->json, "print JSON");
  app.footer(
      "Exits with 0 where the version of NEW makes the step that the changes take, else with 1:\n"
      "patch: the same architectures and supernet, written otherwise; minor: every old "
      "architecture\n"
      "is still there and computes the same; major: some are not. `nasc diff` says what changed.\n"
      "Example: nasc compat released/darts-1.0.0.space darts.space");
  return [flags]() -> absl::Status {
    const absl::StatusOr<SpaceDiff> diff = Diff(*flags);
    if (!diff.ok()) return diff.status();
    if (flags->json) {
      std::fputs(JsonDocument(DiffJson(*diff)).c_str(), stdout);
      return diff->enough() ? absl::OkStatus() : AlreadySaid();
    }
    if (diff->enough()) {
      std::printf("%s\n", VerdictText(*diff).c_str());
      return absl::OkStatus();
    }
    std::fputs(DiffText(*diff).c_str(), stderr);
    return AlreadySaid();
  };
}

}  // namespace nasc
