#pragma once

#include <memory>
#include <optional>
#include <string>

#include "compiler/ir/graph.h"
#include "compiler/lower.h"
#include "compiler/primitives.h"
#include "dsl/check.h"
#include "dsl/diagnostics.h"
#include "dsl/sources.h"

namespace nasc {

// Loads, checks and lowers; nothing where something was reported.
inline std::optional<ir::Graph> LowerSources(const Sources& sources, const std::string& scale,
                                             Diagnostics& diagnostics) {
  if (!diagnostics.has_errors()) CheckSources(sources, LanguageVocabulary(), diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  const std::optional<Space> space = SpaceOf(sources.root());
  if (!space.has_value() || !FindScale(*space, scale).ok()) return std::nullopt;
  return LowerSpace(*space, {scale, std::nullopt}, diagnostics);
}

inline std::optional<ir::Graph> LowerText(const std::string& text, const std::string& scale,
                                          Diagnostics& diagnostics) {
  return LowerSources(LoadSourcesFromText("test.space", text, diagnostics), scale, diagnostics);
}

inline std::optional<ir::Graph> LowerFile(const std::string& path, const std::string& scale,
                                          Diagnostics& diagnostics) {
  return LowerSources(LoadSources(path, diagnostics), scale, diagnostics);
}

}  // namespace nasc
