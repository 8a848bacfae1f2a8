#pragma once

#include <string>

#include "dsl/diagnostics.h"

namespace nasc {

// Everything that can be found wrong with a file and what it imports, in one go: names, calls, the
// shapes of every scale, searches.
Diagnostics CheckFile(const std::string& path);

}  // namespace nasc
