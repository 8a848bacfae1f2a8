// The boundary around ANTLR: no exception leaves it, and text of any kind is safe.
#pragma once

#include <cstddef>
#include <memory>

#include "absl/functional/function_ref.h"
#include "antlr4-runtime.h"
#include "dsl/SpaceLexer.h"
#include "dsl/SpaceParser.h"
#include "dsl/diagnostics.h"

namespace nasc {

extern const DiagnosticKind kSyntax;
extern const DiagnosticKind kTooLarge;

// A hand-written space has a few kilobytes; the bound keeps hostile text from exhausting the memory
// (the tree takes about a hundred times the text).
constexpr size_t kMaxBytes = 4 << 20;

// Hands a parser of the text to `parse` and, where the whole text could be read, its tokens to
// `use`. Text that is too large, too deep or not UTF-8 is reported and not parsed. The tree and the
// tokens end with the call.
void ParseWithinBounds(const std::shared_ptr<const SourceFile>& source, Diagnostics& diagnostics,
                       absl::FunctionRef<void(SpaceParser&)> parse,
                       absl::FunctionRef<void(antlr4::CommonTokenStream&)> use);

// Runs a rule of the grammar over the text and hands its tree and the tokens to `build`.
template <typename Tree, typename Build>
void Parse(const std::shared_ptr<const SourceFile>& source, Diagnostics& diagnostics,
           Tree* (SpaceParser::*rule)(), Build build) {
  Tree* tree = nullptr;
  ParseWithinBounds(
      source, diagnostics, [&](SpaceParser& parser) { tree = (parser.*rule)(); },
      [&](antlr4::CommonTokenStream& tokens) { build(*tree, tokens); });
}

}  // namespace nasc
