#pragma once

#include <optional>

#include "dsl/diagnostics.h"
#include "dsl/sources.h"
#include "dsl/space.h"
#include "dsl/vocabulary.h"

namespace nasc {

// Checks what can be known without building a network: that every name means something, that calls
// fit what they call, that nothing is defined twice or in a circle, that every scale sets what the
// space uses. Shapes are checked by lowering.
void CheckSources(const Sources& sources, const Vocabulary& vocabulary, Diagnostics& diagnostics);

// The space that a checked file defines; nothing where it defines none (a library, a search).
std::optional<Space> SpaceOf(const Module& module);

}  // namespace nasc
