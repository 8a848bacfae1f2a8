#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nasc {

// The page of one kind of diagnostic, docs/errors/<code>.md; the pages are part of the program.
struct Explanation {
  std::string code;
  std::string title;  // in one line
  std::string text;   // the page, in Markdown
};

// By code.
const std::vector<Explanation>& Explanations();

// nullptr if there is none.
const Explanation* FindExplanation(absl::string_view code);

// The last line of an error's text: how to read its page. "" for a code without a page.
std::string ExplainHint(absl::string_view code);

// Markdown as text for a terminal: fenced blocks become indented ones, headings plain lines.
std::string PlainText(absl::string_view markdown);

}  // namespace nasc
