#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/explanations.h"
#include "dsl/diagnostics.h"

namespace nasc {
namespace {

absl::Status Explain(const std::string& code) {
  if (code.empty()) {
    for (const Explanation& explanation : Explanations()) {
      std::printf("  %-20s %s\n", explanation.code.c_str(), explanation.title.c_str());
    }
    return absl::OkStatus();
  }
  if (const Explanation* explanation = FindExplanation(code)) {
    std::fputs(PlainText(explanation->text).c_str(), stdout);
    return absl::OkStatus();
  }
  std::vector<std::string> codes;
  for (const Explanation& explanation : Explanations()) codes.push_back(explanation.code);
  const std::string near = DidYouMean(code, codes);
  return absl::NotFoundError(absl::StrCat("no error has the code '", code,
                                          "': ", near.empty() ? "`nasc explain` lists all" : near));
}

}  // namespace

Action AddExplain(CLI::App& app) {
  auto code = std::make_shared<std::string>();
  app.add_option("CODE", *code, "what an error has in brackets; without it, all are listed");
  return [code] { return Explain(*code); };
}

}  // namespace nasc
