#pragma once

#include <string>

#include "absl/status/status.h"
#include "export/exported_network.h"

namespace nasc {

// Writes a file that torch.jit.load of Python and torch::jit::load of C++ read.
absl::Status WriteTorchScript(const ExportedNetwork& network, const std::string& path);

}  // namespace nasc
