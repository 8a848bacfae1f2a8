#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/checkpoint.h"

namespace nasc {

// The folder, in that of a run, of the trained networks of a search of it: "trial", "random trial".
std::string WeightStoreFolder(absl::string_view label);

// Of the tensors of a stored network, the part that is the momentum of its training, by weight.
inline constexpr char kStoredMomentum[] = "momentum";

// Trained networks that others may inherit from, in a folder:
//
//   index.sqlite                     a row a network: what it is, how good, where it came from
//   objects/HASH.safetensors         its tensors, named by the XXH3-128 hash of the file
//
// Files are written before their rows, all at once or not at all, so a process that is killed
// leaves a store that is whole. Equal files are kept once.
class WeightStore {
 public:
  struct Entry {
    int64_t trial = 0;         // that trained it; a row each
    std::string architecture;  // as text
    double fidelity = 1;       // that it was trained at: see Evaluation
    double quality = 0;        // more is better
    int64_t steps = 0;         // of its own training
    int64_t parent = 0;        // the trial that it inherited from; 0: none
    std::string object;        // given by Put
    int64_t bytes = 0;         // of the file, given by Put
  };

  // Makes the folder where there is none. Error: DataLoss where the index is damaged or of another
  // version.
  static absl::StatusOr<WeightStore> Open(const std::string& folder);
  WeightStore(WeightStore&&);
  WeightStore& operator=(WeightStore&&);
  ~WeightStore();

  // Adds a network, in place of one of the same trial.
  absl::Status Put(Entry entry, const NamedTensors& tensors, const TensorNotes& notes);

  // In the order of trials.
  absl::StatusOr<std::vector<Entry>> Entries() const;

  // Errors: see LoadTensors.
  absl::StatusOr<TensorFile> Load(const Entry& entry) const;

  // Takes away the rows of trials after that one: a search that goes on trains them again.
  absl::Status ForgetAfter(int64_t trial);

  // Takes the worst networks away, of those as good the earliest, until the files take at most so
  // many bytes; the best one stays.
  absl::Status Shrink(int64_t bytes);

 private:
  struct Connection;
  explicit WeightStore(std::unique_ptr<Connection> connection);
  std::string PathOf(const std::string& object) const;
  absl::Status RemoveUnused(const std::string& object);

  std::unique_ptr<Connection> connection_;
};

}  // namespace nasc
