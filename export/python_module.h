#pragma once

#include <string>

#include "absl/status/status.h"
#include "export/exported_network.h"

namespace nasc {

// Writes a module of plain torch, `path`, that needs nothing of nasc, and beside it the weights:
// "network.safetensors" for "network.py". Error: a path that does not end in ".py", or one that
// cannot be written.
absl::Status WritePythonModule(const ExportedNetwork& network, const std::string& path);

}  // namespace nasc
