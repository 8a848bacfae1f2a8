#include "strategies/architecture_file.h"

#include <memory>
#include <optional>
#include <utility>

#include "dsl/diagnostics.h"
#include "dsl/source.h"
#include "runtime/run/atomic_file.h"

namespace nasc {

absl::StatusOr<Architecture> LoadArchitecture(const std::string& path, const ir::Graph& graph) {
  absl::StatusOr<std::string> text = ReadFileToString(path);
  if (!text.ok()) return text.status();
  Diagnostics diagnostics;
  std::optional<Architecture> architecture = ParseArchitecture(
      std::make_shared<const SourceFile>(path, *std::move(text)), graph, diagnostics);
  if (!architecture.has_value()) return diagnostics.ToStatus();
  return *std::move(architecture);
}

}  // namespace nasc
