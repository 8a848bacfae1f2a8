#include <cstdio>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/command.h"
#include "dsl/diagnostics.h"
#include "dsl/format.h"
#include "runtime/run/atomic_file.h"

namespace nasc {
namespace {

namespace fs = std::filesystem;

constexpr char kStandardInput[] = "-";

struct FmtFlags {
  std::vector<std::string> files;
  bool check = false;
  bool to_stdout = false;
};

absl::StatusOr<std::string> ReadText(const std::string& path) {
  if (path != kStandardInput) return ReadFileToString(path);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

absl::StatusOr<std::string> Formatted(const std::string& path, const std::string& text) {
  Diagnostics diagnostics;
  std::optional<std::string> formatted =
      FormatSpace(std::make_shared<const SourceFile>(path, text), diagnostics);
  if (!formatted.has_value()) return diagnostics.ToStatus();
  return *std::move(formatted);
}

// Where the layout begins to differ, as a diff says it.
std::string FirstDifference(const std::string& path, const std::string& text,
                            const std::string& formatted) {
  const std::vector<std::string> before = absl::StrSplit(text, '\n');
  const std::vector<std::string> after = absl::StrSplit(formatted, '\n');
  size_t line = 0;
  while (line < before.size() && line < after.size() && before[line] == after[line]) ++line;
  std::string difference = absl::StrCat(path, ":", line + 1, ": not formatted\n");
  if (line < before.size()) absl::StrAppend(&difference, "- ", before[line], "\n");
  if (line < after.size()) absl::StrAppend(&difference, "+ ", after[line], "\n");
  return difference;
}

// Writes through links, and leaves the file its permissions.
absl::Status Rewrite(const std::string& path, const std::string& text) {
  std::error_code error;
  const fs::path target = fs::canonical(path, error);
  if (error) return absl::InternalError(absl::StrCat("cannot write ", path, ": ", error.message()));
  const fs::perms permissions = fs::status(target, error).permissions();
  if (absl::Status status = WriteFileAtomically(target.string(), text); !status.ok()) return status;
  if (!error) fs::permissions(target, permissions, error);
  return absl::OkStatus();
}

absl::Status FormatFile(const std::string& path, const FmtFlags& flags) {
  const absl::StatusOr<std::string> text = ReadText(path);
  if (!text.ok()) return text.status();
  const std::string name = path == kStandardInput ? "<stdin>" : path;
  const absl::StatusOr<std::string> formatted = Formatted(name, *text);
  if (!formatted.ok()) return formatted.status();
  if (flags.check) {
    if (*formatted == *text) return absl::OkStatus();
    return absl::FailedPreconditionError(FirstDifference(name, *text, *formatted));
  }
  if (flags.to_stdout || path == kStandardInput) {
    std::fwrite(formatted->data(), 1, formatted->size(), stdout);
    return absl::OkStatus();
  }
  if (*formatted == *text) return absl::OkStatus();
  if (absl::Status status = Rewrite(path, *formatted); !status.ok()) return status;
  std::printf("%s\n", path.c_str());
  return absl::OkStatus();
}

}  // namespace

Action AddFmt(CLI::App& app) {
  auto flags = std::make_shared<FmtFlags>();
  app.add_option("FILE", flags->files, ".space files, which are rewritten; - for standard input")
      ->required();
  CLI::Option* check =
      app.add_flag("--check", flags->check, "rewrite nothing, say which files are not formatted");
  app.add_flag("--stdout", flags->to_stdout,
               "rewrite nothing, print the formatted text of one file")
      ->excludes(check);
  return [flags]() -> absl::Status {
    if (flags->to_stdout && flags->files.size() > 1) {
      return absl::InvalidArgumentError("--stdout takes one file");
    }
    // Every file is looked at, whatever is wrong with another.
    std::string errors;
    for (const std::string& file : flags->files) {
      const absl::Status status = FormatFile(file, *flags);
      if (status.ok()) continue;
      const absl::string_view message = status.message();
      absl::StrAppend(&errors, message, absl::EndsWith(message, "\n") ? "" : "\n");
    }
    return errors.empty() ? absl::OkStatus() : absl::InvalidArgumentError(errors);
  };
}

}  // namespace nasc
