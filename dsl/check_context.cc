#include "dsl/check_context.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace nasc {

NASC_DIAGNOSTIC(kDuplicate, "duplicate", kError);
NASC_DIAGNOSTIC(kUnknownName, "unknown-name", kError);
NASC_DIAGNOSTIC(kUnknownCell, "unknown-cell", kError);
NASC_DIAGNOSTIC(kMissingArgument, "missing-argument", kError);
NASC_DIAGNOSTIC(kMissingPart, "missing-part", kError);
NASC_DIAGNOSTIC(kTooManyArguments, "too-many-arguments", kError);
NASC_DIAGNOSTIC(kMisplaced, "misplaced", kError);
NASC_DIAGNOSTIC(kNotANumber, "not-a-number", kError);
NASC_DIAGNOSTIC(kNotAnOption, "not-an-option", kError);
NASC_DIAGNOSTIC(kRecursion, "recursion", kError);

void CheckUnique(const std::vector<const ast::Identifier*>& names, absl::string_view what,
                 Diagnostics& diagnostics) {
  absl::flat_hash_map<absl::string_view, const ast::Identifier*> seen;
  for (const ast::Identifier* name : names) {
    const auto [it, fresh] = seen.emplace(name->text, name);
    if (fresh) continue;
    diagnostics
        .Report(kDuplicate, name->location, absl::StrCat("a second ", what, " '", name->text, "'"))
        .notes.push_back({it->second->location, "the first is here"});
  }
}

}  // namespace nasc
