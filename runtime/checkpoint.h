#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/saved_state.h"

// Files of tensors in the safetensors format, which holds numbers and no code and which other
// programs read (`safetensors.torch.load_file(path)` in Python):
//
//   8 bytes   the length of the header, little-endian
//   header    JSON: by name {"dtype": "F32", "shape": [16, 3, 3, 3], "data_offsets": [0, 1728]};
//             "__metadata__" holds the notes, and of each tensor the XXH3-128 hash of its bytes
//             under "xxh3:NAME"
//   data      the tensors one after the other, in the order of their dimensions
namespace nasc {

// What is said of the tensors of a file, by key: which run made them, of which architecture.
using TensorNotes = std::map<std::string, std::string>;

// The file as it will be. Error: a tensor whose numbers such files do not hold.
absl::StatusOr<std::string> TensorBytes(const NamedTensors& tensors, const TensorNotes& notes);

// Writes tensors by name, all at once or not at all.
absl::Status SaveTensors(const std::string& path, const NamedTensors& tensors,
                         const TensorNotes& notes = {});

struct TensorFile {
  NamedTensors tensors;
  TensorNotes notes;
};

// Maps the file into memory: what is changed in the tensors is not changed in the file. A file of
// unknown origin is safe to open. Errors: those of opening it; DataLoss, which says why, where it
// is cut off, holds something else, or a tensor's bytes have another hash than they were written
// with. Files without hashes, of other programs, are read as they are.
absl::StatusOr<TensorFile> LoadTensors(const std::string& path);

// The same of bytes that are in memory already, such as those of a program. They outlive the
// tensors, which must not be changed. Errors call them `name`.
absl::StatusOr<TensorFile> ReadTensors(absl::string_view bytes, const std::string& name);

}  // namespace nasc
