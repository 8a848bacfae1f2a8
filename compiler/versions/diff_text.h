#pragma once

#include <string>

#include "compiler/versions/space_diff.h"

namespace nasc {

// What differs, what is lost and which step that takes, for a terminal.
std::string DiffText(const SpaceDiff& diff);

// The same as Markdown, for a comment of a review.
std::string DiffMarkdown(const SpaceDiff& diff);

// The last sentence of both: "this takes a major step, and the header makes a minor one: ...".
std::string VerdictText(const SpaceDiff& diff);

// The changes in one line, of many the first ones: "- dil_conv_5x5, at ...; + tiny".
std::string DiffSummary(const SpaceDiff& diff);

// What a loss is about, in words: "architectures that take dil_conv_5x5".
std::string LossText(const Loss& loss);

// The text of the example of a loss; "" where there is none.
std::string ExampleText(const SpaceDiff& diff, const Loss& loss);

}  // namespace nasc
