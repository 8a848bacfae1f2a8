#pragma once

#include <string>

#include "absl/status/status.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "runtime/checkpoint.h"

namespace nasc {

// What files of tensors say of where they belong: "space", "version", "identity" (see IdentityOf)
// and "scale"; those of one network the text of its "architecture" too.
TensorNotes NotesOf(const ir::Graph& supernet);
TensorNotes NotesOf(const Architecture& architecture, const ir::Graph& supernet);

// Whether the tensors of the file at `path` are of the space. FailedPrecondition, with both
// identities, where they are of another one; files that do not say are taken.
absl::Status CheckIdentity(const TensorNotes& notes, const std::string& path,
                           const ir::Graph& supernet);

// Whether they are of the architecture. FailedPrecondition, with what it decides otherwise, where
// they are of another one or do not say.
absl::Status CheckArchitecture(const TensorNotes& notes, const std::string& path,
                               const Architecture& architecture, const ir::Graph& supernet);

}  // namespace nasc
