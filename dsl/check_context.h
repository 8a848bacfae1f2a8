#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "dsl/ast.h"
#include "dsl/diagnostics.h"
#include "dsl/sources.h"
#include "dsl/vocabulary.h"

namespace nasc {

// Kinds that several parts of the checker report.
extern const DiagnosticKind kDuplicate;
extern const DiagnosticKind kUnknownName;
extern const DiagnosticKind kUnknownCell;
extern const DiagnosticKind kMissingArgument;
extern const DiagnosticKind kMissingPart;
extern const DiagnosticKind kTooManyArguments;
extern const DiagnosticKind kMisplaced;
extern const DiagnosticKind kNotANumber;
extern const DiagnosticKind kNotAnOption;
extern const DiagnosticKind kRecursion;

using NameSet = absl::flat_hash_set<std::string>;

// What the parts of the checker of one file share.
struct CheckContext {
  const Module& module;
  const Vocabulary& vocabulary;
  Diagnostics& diagnostics;

  // Names of settings that numbers used so far; a part whose use counts apart sets its own.
  NameSet* used_settings = nullptr;
  // Definitions of the file that something used, by their names.
  absl::flat_hash_set<const ast::Identifier*> used;

  // Corrects a mistyped name to one of `known()`. Not for hundreds of them: nobody reads so many,
  // and each looks at every name of the file.
  template <typename Known>
  void Suggest(Diagnostic& diagnostic, absl::string_view name, Known known) const {
    constexpr int kMostCorrected = 200;
    if (diagnostics.errors() <= kMostCorrected) diagnostic.fix = DidYouMean(name, known());
  }
};

// Reports every name that is in the list before.
void CheckUnique(const std::vector<const ast::Identifier*>& names, absl::string_view what,
                 Diagnostics& diagnostics);

}  // namespace nasc
