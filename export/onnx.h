#pragma once

#include <string>

#include "absl/status/status.h"
#include "export/exported_network.h"

namespace nasc {

// Writes a file that runtimes of ONNX read; the size of the batch is left open.
absl::Status WriteOnnx(const ExportedNetwork& network, const std::string& path);

}  // namespace nasc
