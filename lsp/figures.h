#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "compiler/ir/graph.h"
#include "dsl/source.h"

// What the supernet says of a place in the text, as Markdown; "" where it says nothing.
namespace nasc::lsp {

// The types of the values that the innermost piece of text around the place makes. One piece may
// make many values, in every cell that it is in: each type is given once, with one of their names.
std::string ShapesAt(const ir::Graph& graph, const Location& place);

// The same of what a candidate of the set of that name gives to the decisions that may take it.
std::string ShapesOfCandidate(const ir::Graph& graph, absl::string_view set,
                              absl::string_view candidate);

// The numbers of decisions and of architectures: of a cell, or of the space for "".
std::string Counts(const ir::Graph& graph, absl::string_view cell);

}  // namespace nasc::lsp
