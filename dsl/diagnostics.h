#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "dsl/source.h"

namespace nasc {

enum class Severity { kError, kWarning };

// A kind of diagnostic. Kinds are declared beside their use with NASC_DIAGNOSTIC and register
// themselves, so that a test can ask whether every one of them is exercised.
class DiagnosticKind {
 public:
  DiagnosticKind(absl::string_view code, Severity severity);

  const absl::string_view code;
  const Severity severity;

  static const std::vector<const DiagnosticKind*>& All();
};

// NASC_DIAGNOSTIC(kUnknownName, "unknown-name", kError);
#define NASC_DIAGNOSTIC(name, code, severity) \
  const ::nasc::DiagnosticKind name(code, ::nasc::Severity::severity)

struct Note {
  Location location;
  std::string message;
};

struct Diagnostic {
  const DiagnosticKind* kind = nullptr;
  Location location;
  std::string message;  // lower case, says what was found
  std::vector<Note> notes;
  std::string fix;  // what would likely help, empty if nothing is known
};

// Collects what is wrong with a text; several mistakes are all reported in one go.
class Diagnostics {
 public:
  // Reports and returns the diagnostic, for notes and a fix to be added. A second diagnostic of the
  // same kind with the same message at the same place is dropped.
  Diagnostic& Report(const DiagnosticKind& kind, const Location& location, std::string message);

  bool has_errors() const { return errors_ > 0; }
  int errors() const { return errors_; }

  // Takes over what `other` found where no diagnostic of the same kind was reported before: a text
  // that is looked at several times gives each mistake once.
  void TakeNew(const Diagnostics& other);

  // In the order of files and places.
  std::vector<Diagnostic> Sorted() const;

  // As text: `file:line:col: error: ...`, the line, the caret, notes and the fix. Of very many, the
  // first ones.
  std::string Render() const;

  // OK, or an error whose message is Render() and whose FirstCode() is that of the first error.
  absl::Status ToStatus() const;

 private:
  // Diagnostics stay where they are, since Report hands out references.
  std::vector<std::unique_ptr<Diagnostic>> diagnostics_;
  std::unique_ptr<Diagnostic> dropped_;
  std::set<std::string> seen_;
  int errors_ = 0;
};

// The code of the first error behind a status that diagnostics became; "" for any other status.
std::string FirstCode(const absl::Status& status);

// "did you mean 'sep_conv'?" for the candidate nearest to a mistyped name, or "" where none is
// near.
std::string DidYouMean(absl::string_view name, const std::vector<std::string>& candidates);

}  // namespace nasc
