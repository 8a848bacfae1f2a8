#include "compiler/check_file.h"

#include <optional>

#include "compiler/lower.h"
#include "compiler/primitives.h"
#include "dsl/check.h"

namespace nasc {

void CheckFile(const Sources& sources, const SearchCheck& check_search, Diagnostics& diagnostics) {
  if (diagnostics.has_errors()) return;
  CheckSources(sources, LanguageVocabulary(), diagnostics);
  if (diagnostics.has_errors()) return;
  if (const std::optional<Space> space = SpaceOf(sources.root()); space.has_value()) {
    CheckEveryScale(*space, diagnostics);
  }
  for (const ast::SearchDecl& search : sources.root().file.searches) {
    check_search(search, sources.root(), diagnostics);
  }
}

}  // namespace nasc
