// The one layout of `.space` files.
//
// - Two spaces of indent, no tabs, no blanks at the end of a line, at most one blank line, 100
//   columns. A comment at the end of a line may reach beyond them, and so does what has no place to
//   break. Words, numbers, strings and comments stay as they are, in their order.
// - Between two definitions is one blank line. Imports, `require`s, `renamed`s and scales of one
//   line may stand together.
// - A block, `{ ... }`, that was written on one line stays on it where it fits, its items two
//   spaces apart. Otherwise every item has a line; blank lines between items stay.
// - `a -> b`, `a = b`, `a + b`, `f(x, y = 1)`, `-x`, `1..4`, but `1/3` of two numbers.
// - A chain has one line where it fits. A longer one keeps the lines that were begun before `->`
//   where each of them fits, otherwise as many steps as fit share a line. Later lines of anything
//   that has no brackets are indented by four more.
// - Arguments that do not fit on a line have one each; parameters, values and sources as many a
//   line as fit. The closing bracket follows on a line of its own.
// - A comment behind something stays behind it, two spaces apart; one on a line of its own gets the
//   indent of what follows. Comments above a definition stay at it, as do those of three slashes
//   under a header.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dsl/diagnostics.h"

namespace nasc {

// The text of a file in that layout, which is the same for the result; "" for a file of blanks.
// Nothing, with a report, where the text does not parse, or the result would be too large to be
// read again. Nothing is lost or changed: the tokens and comments of the result are compared with
// those of the file.
std::optional<std::string> FormatSpace(std::shared_ptr<const SourceFile> source,
                                       Diagnostics& diagnostics);

}  // namespace nasc
