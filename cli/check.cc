#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "cli/check_file.h"
#include "cli/command.h"
#include "cli/diagnostics_json.h"
#include "cli/explanations.h"
#include "dsl/diagnostics.h"

namespace nasc {
namespace {

struct Flags {
  std::vector<std::string> files;
  bool json = false;
  bool warnings_as_errors = false;
};

struct Checked {
  std::string file;
  Diagnostics diagnostics;
  bool ok = true;
};

void PrintJson(const std::vector<Checked>& all) {
  JsonList files;
  for (const Checked& checked : all) {
    files.emplace_back(JsonFields{
        {"file", checked.file}, {"ok", checked.ok}, {"diagnostics", ToJson(checked.diagnostics)}});
  }
  std::fputs(JsonDocument({{"files", std::move(files)}}).c_str(), stdout);
}

void PrintText(const std::vector<Checked>& all) {
  for (const Checked& checked : all) {
    std::fputs(checked.diagnostics.Render().c_str(), stderr);
    if (checked.ok) std::printf("%s: ok\n", checked.file.c_str());
  }
}

absl::Status Check(const Flags& flags) {
  std::vector<Checked> all;
  std::string code;  // of the first mistake
  bool ok = true;
  for (const std::string& file : flags.files) {
    Checked checked{file, CheckFile(file)};
    const std::vector<Diagnostic> found = checked.diagnostics.Sorted();
    for (const Diagnostic& diagnostic : found) {
      if (diagnostic.kind->severity == Severity::kWarning && !flags.warnings_as_errors) continue;
      checked.ok = false;
      if (code.empty()) code = std::string(diagnostic.kind->code);
    }
    ok &= checked.ok;
    all.push_back(std::move(checked));
  }
  if (flags.json) {
    PrintJson(all);
  } else {
    PrintText(all);
    std::fputs(ExplainHint(code).c_str(), stderr);
  }
  return ok ? absl::OkStatus() : AlreadySaid();
}

}  // namespace

Action AddCheck(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->files, ".space files")->required();
  app.add_flag("--json", flags->json, "print everything that was found as one JSON document");
  app.add_flag("--warnings-as-errors", flags->warnings_as_errors, "fail where there is a warning");
  return [flags] { return Check(*flags); };
}

}  // namespace nasc
