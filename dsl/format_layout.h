// The lines of a file.
#pragma once

#include <string>

#include "dsl/format_pieces.h"

namespace nasc::format {

// The text of the pieces in the layout that format.h describes, in time linear in their number.
std::string LayOut(const Pieces& pieces);

}  // namespace nasc::format
