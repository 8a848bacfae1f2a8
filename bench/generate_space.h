#pragma once

#include <string>

namespace nasc {

// The text of a space of about that many lines, the same for the same number: families of
// operations, sets of them and a cell each, and a network of all cells. Everything is used, so the
// compiler looks at all of it.
std::string GenerateSpace(int lines);

}  // namespace nasc
