#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/explanations.h"
#include "dsl/diagnostics.h"
#include "runtime/run/interrupt.h"
#include "runtime/run/log.h"

namespace {

constexpr char kVersion[] = "0.1.0";

struct Command {
  const char* name;
  const char* doc;
  nasc::Action (*add)(CLI::App&);
};

constexpr Command kCommands[] = {
    {"check", "check .space files: names, calls, and the shapes of every scale", nasc::AddCheck},
    {"fmt", "rewrite .space files in the one layout", nasc::AddFmt},
    {"info", "print the size of a space, or what one architecture costs", nasc::AddInfo},
    {"compile", "print what the compiler makes of a space", nasc::AddCompile},
    {"diff", "what differs between two versions of a space, and what that means", nasc::AddDiff},
    {"compat", "whether the version of a space says what changed since another one",
     nasc::AddCompat},
    {"migrate", "carry a run over to a new version of its space", nasc::AddMigrate},
    {"search", "run a search that a file declares", nasc::AddSearch},
    {"runs", "list runs, show one, export its trials", nasc::AddRuns},
    {"benchmark", "compare the searches of a file on a published table, over many seeds",
     nasc::AddBenchmark},
    {"compare", "run the searches of a file one after the other, and print one table",
     nasc::AddCompare},
    {"race", "what each search of a file takes to reach a target accuracy, as one page",
     nasc::AddRace},
    {"fidelities", "measure how well cheaper evaluations rank architectures", nasc::AddFidelities},
    {"train", "train one architecture as a search declares it", nasc::AddTrain},
    {"eval", "evaluate a trained network on the test images", nasc::AddEval},
    {"export", "write a network or an architecture for other programs", nasc::AddExport},
    {"import", "read an architecture in the notation of a paper", nasc::AddImport},
    {"inherit", "what a network inherits from a trained one, before it is trained",
     nasc::AddInherit},
    {"latency", "measure the operations of a space on this machine", nasc::AddLatency},
    {"ops", "list the primitives and the operations of the standard library", nasc::AddOps},
    {"passes", "list the passes that make programs faster", nasc::AddPasses},
    {"explain", "explain a kind of error: `nasc explain unknown-operation`", nasc::AddExplain},
    {"lsp", "serve an editor: the language server, on standard input and output", nasc::AddLsp},
};

// Exit codes: 1 for what went wrong, 2 for a command line that makes no sense, 130 when stopped.
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kStopped = 130;

// CLI11 says which flag it does not know; this adds which one may have been meant.
std::string UsageHint(const CLI::App& app, int argc, char** argv) {
  const CLI::App* command = &app;
  for (const CLI::App* sub : app.get_subcommands()) command = sub;
  std::vector<std::string> flags;
  for (const CLI::Option* option : command->get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  std::vector<std::string> names;
  for (const Command& known : kCommands) names.emplace_back(known.name);
  for (int i = 1; i < argc; ++i) {
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    const bool flag = absl::StartsWith(word, "--");
    if (!flag && (i > 1 || command != &app)) continue;
    bool known = false;
    for (const std::string& name : flag ? flags : names) known |= name == word;
    const std::string near = known ? "" : nasc::DidYouMean(word, flag ? flags : names);
    if (!near.empty()) return absl::StrCat(" (", near, ")");
  }
  return "";
}

void PrintError(const absl::Status& status) {
  const std::string message(status.message());
  if (message.empty()) return;  // AlreadySaid
  // Diagnostics are whole lines that say their file.
  if (absl::EndsWith(message, "\n")) {
    std::fputs((message + nasc::ExplainHint(nasc::FirstCode(status))).c_str(), stderr);
  } else {
    std::fprintf(stderr, "nasc: %s\n", message.c_str());
  }
}

// The exit code of what the command line asks for.
int Run(int argc, char** argv) {
  nasc::InitLogging(argv[0]);
  // Under `bazel run` the user's folder is not the current one.
  if (const char* folder = std::getenv("BUILD_WORKING_DIRECTORY"); folder != nullptr) {
    if (chdir(folder) != 0) std::fprintf(stderr, "nasc: cannot enter %s\n", folder);
  }
  CLI::App app(
      "nasc: describe a space of neural networks as text, search it, train what is found.");
  app.name("nasc");
  app.footer(
      "Begin with `nasc check FILE.space`, then `nasc info FILE.space`, then `nasc search "
      "FILE.space`.\n`nasc COMMAND --help` explains a command; docs/language.md the language.");
  app.set_version_flag("--version", absl::StrCat("nasc ", kVersion));
  app.require_subcommand(1);
  app.add_option_function<std::vector<std::string>>(
         "--path",
         [](const std::vector<std::string>& folders) {
           setenv("NASC_PATH", absl::StrJoin(folders, ":").c_str(), 1);
         },
         "folders in which `import a.b` looks for a/b.space, instead of those of NASC_PATH")
      ->delimiter(':');
  std::vector<std::pair<CLI::App*, nasc::Action>> actions;
  for (const Command& command : kCommands) {
    CLI::App* sub = app.add_subcommand(command.name, command.doc);
    sub->footer("");
    sub->fallthrough();
    nasc::Action action = command.add(*sub);
    actions.emplace_back(sub, std::move(action));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "nasc: %s%s\nTry `nasc --help`.\n", error.what(),
                 UsageHint(app, argc, argv).c_str());
    return kUsage;
  }
  nasc::InstallInterruptHandler();
  for (const auto& [sub, action] : actions) {
    if (!sub->parsed()) continue;
    const absl::Status status = action();
    if (status.ok()) return 0;
    PrintError(status);
    return absl::IsCancelled(status) ? kStopped : kFailed;
  }
  return kUsage;
}

}  // namespace

int main(int argc, char** argv) {
  int code = Run(argc, argv);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fprintf(stderr, "nasc: cannot write the output: %s\n", std::strerror(errno));
    code = kFailed;
  }
  // All that counts is on the disk, and LibTorch takes a fifth of a second to take itself apart.
  _exit(code);
}
