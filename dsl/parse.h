#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/ast.h"
#include "dsl/diagnostics.h"
#include "dsl/setting.h"

namespace nasc {

// Parses a `.space` file. Mistakes are reported; what could be read is in the result all the same.
// No exception leaves, and text of any kind is safe: its size and its nesting are bounded.
ast::File ParseSpace(std::shared_ptr<const SourceFile> source, Diagnostics& diagnostics);

// Parses the text of an architecture.
ast::ArchitectureFile ParseArchitecture(std::shared_ptr<const SourceFile> source,
                                        Diagnostics& diagnostics);

// Parses `train.batch = 32`; nothing where mistakes were reported.
std::optional<Setting> ParseSetting(std::shared_ptr<const SourceFile> source,
                                    Diagnostics& diagnostics);

// The words of the grammar, in its order. Some may be names where they begin no construct.
const std::vector<std::string>& Keywords();

}  // namespace nasc
