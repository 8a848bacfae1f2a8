#include "strategies/identity_note.h"

#include "absl/strings/str_cat.h"
#include "compiler/identity.h"

namespace nasc {

absl::Status CheckIdentity(const TensorNotes& notes, const std::string& path,
                           const ir::Graph& supernet) {
  const auto note = [&](const std::string& key) {
    const auto it = notes.find(key);
    return it == notes.end() ? "" : it->second;
  };
  const std::string theirs = note(kIdentityNote);
  const std::string ours = IdentityOf(supernet).ToString();
  if (theirs.empty() || theirs == ours) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path, " is of space ", note("space"), " ", note("version"), " (identity ", theirs,
      "), not of ", supernet.space, " ", supernet.version, " (identity ", ours, ")"));
}

}  // namespace nasc
