#include "cli/check_file.h"

#include "compiler/check_file.h"
#include "dsl/sources.h"
#include "strategies/search_config.h"

namespace nasc {

Diagnostics CheckFile(const std::string& path) {
  Diagnostics diagnostics;
  const Sources sources = LoadSources(path, diagnostics);
  CheckFile(sources, ReadSearch, diagnostics);
  return diagnostics;
}

}  // namespace nasc
