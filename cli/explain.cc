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

absl::Status ExplainOne(const std::string& code) {
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

absl::Status Explain(const std::vector<std::string>& codes) {
  if (codes.empty()) {
    for (const Explanation& explanation : Explanations()) {
      std::printf("  %-20s %s\n", explanation.code.c_str(), explanation.title.c_str());
    }
  }
  for (const std::string& code : codes) {
    if (&code != &codes.front()) std::puts("");
    if (absl::Status status = ExplainOne(code); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

Action AddExplain(CLI::App& app) {
  auto codes = std::make_shared<std::vector<std::string>>();
  app.add_option("CODE", *codes, "what errors have in brackets; without any, all are listed");
  return [codes] { return Explain(*codes); };
}

}  // namespace nasc
