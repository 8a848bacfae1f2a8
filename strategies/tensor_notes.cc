#include "strategies/tensor_notes.h"

#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "compiler/identity.h"

namespace nasc {
namespace {

constexpr char kIdentity[] = "identity";
constexpr char kArchitecture[] = "architecture";

std::string NoteIn(const TensorNotes& notes, const char* key) {
  const auto it = notes.find(key);
  return it == notes.end() ? "" : it->second;
}

}  // namespace

TensorNotes NotesOf(const ir::Graph& supernet) {
  return {{"space", supernet.space},
          {"version", supernet.version},
          {kIdentity, IdentityOf(supernet).ToString()},
          {"scale", supernet.scale}};
}

TensorNotes NotesOf(const Architecture& architecture, const ir::Graph& supernet) {
  TensorNotes notes = NotesOf(supernet);
  notes[kArchitecture] = Print(architecture, supernet);
  return notes;
}

absl::Status CheckIdentity(const TensorNotes& notes, const std::string& path,
                           const ir::Graph& supernet) {
  const std::string theirs = NoteIn(notes, kIdentity);
  const std::string ours = IdentityOf(supernet).ToString();
  if (theirs.empty() || theirs == ours) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path, " is of space ", NoteIn(notes, "space"), " ", NoteIn(notes, "version"), " (identity ",
      theirs, "), not of ", supernet.space, " ", supernet.version, " (identity ", ours, ")"));
}

absl::Status CheckArchitecture(const TensorNotes& notes, const std::string& path,
                               const Architecture& architecture, const ir::Graph& supernet) {
  const std::string ours = Print(architecture, supernet);
  const std::string theirs = NoteIn(notes, kArchitecture);
  if (ChoicesIn(ours) == ChoicesIn(theirs)) return absl::OkStatus();
  const std::vector<absl::string_view> lines = absl::StrSplit(theirs, '\n');
  for (const absl::string_view line : absl::StrSplit(ChoicesIn(ours), '\n')) {
    if (absl::c_linear_search(lines, line)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat(path, " holds weights of another architecture: theirs has not `",
                     absl::StripAsciiWhitespace(line), "`"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat(path, " holds weights of another architecture: theirs decides more"));
}

}  // namespace nasc
