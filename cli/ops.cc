#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/explanations.h"
#include "cli/op_reference.h"
#include "dsl/diagnostics.h"

namespace nasc {
namespace {

struct Flags {
  std::string name;
  bool markdown = false;
};

void List() {
  std::string origin;
  for (const OpEntry& entry : AllOps()) {
    if (entry.origin != origin) {
      std::printf("%s%s\n", origin.empty() ? "" : "\n", entry.origin.c_str());
      origin = entry.origin;
    }
    std::printf("  %-24s %s\n", entry.name.c_str(),
                (entry.summary.empty() ? entry.signature : entry.summary).c_str());
  }
}

absl::Status PrintOne(const Flags& flags) {
  std::vector<std::string> names;
  bool found = false;
  for (const OpEntry& entry : AllOps()) {
    names.push_back(entry.name);
    if (entry.name != flags.name) continue;
    std::printf("%s%s", found ? "\n" : "",
                (flags.markdown ? entry.text : PlainText(entry.text)).c_str());
    found = true;
  }
  if (found) return absl::OkStatus();
  const std::string near = DidYouMean(flags.name, names);
  return absl::NotFoundError(absl::StrCat("there is no operation '", flags.name,
                                          "': ", near.empty() ? "`nasc ops` lists all" : near));
}

absl::Status Ops(const Flags& flags) {
  if (!flags.name.empty()) return PrintOne(flags);
  if (flags.markdown) {
    std::fputs(OpsPage().c_str(), stdout);
  } else {
    List();
  }
  return absl::OkStatus();
}

}  // namespace

Action AddOps(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("NAME", flags->name, "one of them; without it, all are listed");
  app.add_flag("--markdown", flags->markdown,
               "print Markdown; without a name, the whole of docs/ops.md");
  return [flags] { return Ops(*flags); };
}

}  // namespace nasc
