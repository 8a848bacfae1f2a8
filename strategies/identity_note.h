#pragma once

#include <string>

#include "absl/status/status.h"
#include "compiler/ir/graph.h"
#include "runtime/checkpoint.h"

namespace nasc {

// The note of files of tensors that says which space they are of: see IdentityOf.
inline constexpr char kIdentityNote[] = "identity";

// Whether the tensors of the file at `path` are of the space. FailedPrecondition, with both
// identities, where they are of another one; files that do not say are taken.
absl::Status CheckIdentity(const TensorNotes& notes, const std::string& path,
                           const ir::Graph& supernet);

}  // namespace nasc
