#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/hash128.h"
#include "compiler/ir/graph.h"
#include "compiler/versions/renames.h"
#include "dsl/space.h"

namespace nasc {

// All that a version of a space means: what is compared with other versions. It does not change
// with layout, comments and searches.
struct CompiledSpace {
  std::string name;
  std::string version;            // "1.0.0"
  Hash128 sources;                // of the syntax trees of the space and what it imports
  std::vector<Rename> renames;    // since the version before
  std::vector<ir::Graph> scales;  // with the default input, in the order of the text; never empty
};

// Lowers a checked space at each of its scales. Error: the rendered diagnostics.
absl::StatusOr<CompiledSpace> CompileSpace(const Space& space);

// The supernet at a scale; nullptr if there is none.
const ir::Graph* FindScale(const CompiledSpace& space, absl::string_view scale);

// The file of a compiled space:
//
//   nasc space 2                      what it is, and the version of the format
//   name darts                        then a line a fact
//   version 1.0.0
//   sources 4f2c...                   a hash
//   identity 9ab0...                  of the space: see IdentityOf
//   renamed normal.n1 -> normal.first
//   header xxh3 1c9e...               of the bytes of all lines before; not in format 1
//   graphs 8123456 xxh3 77d1...       the bytes and the hash of what follows, compressed by zlib:
//                                     the text of each graph (compiler/ir/printer.h), no locations
//
// Earlier formats are read by all later programs; see tests/compat.
std::string SerializeSpace(const CompiledSpace& space);

inline constexpr int kSpaceFormat = 2;

// Whether the bytes begin as such a file.
bool IsCompiledSpace(absl::string_view bytes);

// Reads the file. A file of unknown origin is safe to read. Errors: DataLoss, which says why, where
// it is cut off, damaged or something else; FailedPrecondition where its format is newer.
absl::StatusOr<CompiledSpace> ParseCompiledSpace(absl::string_view bytes);

}  // namespace nasc
