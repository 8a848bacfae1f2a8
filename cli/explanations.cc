#include "cli/explanations.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/error_pages.h"

namespace nasc {
namespace {

// A page begins with `# CODE: TITLE`.
Explanation ReadPage(absl::string_view path, absl::string_view text) {
  const std::string code(absl::StripSuffix(path, ".md"));
  absl::string_view title = text.substr(0, text.find('\n'));
  absl::ConsumePrefix(&title, absl::StrCat("# ", code, ": "));
  return {code, std::string(title), std::string(text)};
}

}  // namespace

const std::vector<Explanation>& Explanations() {
  static const auto* const all = [] {
    auto* pages = new std::vector<Explanation>;
    for (const auto& [path, text] : kErrorPages) pages->push_back(ReadPage(path, text));
    std::sort(pages->begin(), pages->end(),
              [](const Explanation& a, const Explanation& b) { return a.code < b.code; });
    return pages;
  }();
  return *all;
}

const Explanation* FindExplanation(absl::string_view code) {
  for (const Explanation& explanation : Explanations()) {
    if (explanation.code == code) return &explanation;
  }
  return nullptr;
}

std::string ExplainHint(absl::string_view code) {
  if (FindExplanation(code) == nullptr) return "";
  return absl::StrCat("`nasc explain ", code, "` says more\n");
}

std::string PlainText(absl::string_view markdown) {
  std::string text;
  bool fenced = false;
  for (absl::string_view line : absl::StrSplit(absl::StripSuffix(markdown, "\n"), '\n')) {
    if (absl::StartsWith(line, "```")) {
      fenced = !fenced;
      continue;
    }
    if (!fenced && absl::StartsWith(line, "#")) {
      line.remove_prefix(std::min(line.find_first_not_of("# "), line.size()));
    }
    absl::StrAppend(&text, fenced && !line.empty() ? "    " : "", line, "\n");
  }
  return text;
}

}  // namespace nasc
