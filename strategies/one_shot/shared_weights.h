#pragma once

#include <cstdint>
#include <list>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "runtime/network.h"
#include "runtime/parameter_store.h"
#include "runtime/saved_state.h"
#include "runtime/task.h"
#include "runtime/trainer.h"

namespace nasc {

// Scores architectures of a supernet with the weights that they share, as single-path one-shot
// search (Guo et al., ECCV 2020, section 3.1) and ENAS (Pham et al., ICML 2018, section 2.2) do: an
// architecture runs as the sample of the supernet that takes it (see RelaxToSample), on the first
// channels and the middle of the windows of weights that it has a part of. Batch norms take the
// statistics of the batch, as the running ones are of no architecture, and nothing is dropped. What
// is scored stays as it is, running statistics too.
class SharedWeights {
 public:
  // `weights` are those of the supernet by name, such as ParameterStore::tensors(), of the type
  // `dtype`; in place they may change. At most `kept` networks stay compiled, those that were
  // scored last. The supernet and the weights outlive this.
  SharedWeights(const ir::Graph& supernet, const NamedTensors& weights, at::ScalarType dtype,
                int64_t kept = 32)
      : supernet_(supernet), weights_(weights), store_(dtype, /*seed=*/0), kept_(kept) {}
  SharedWeights(const SharedWeights&) = delete;
  SharedWeights& operator=(const SharedWeights&) = delete;

  // The score on a part of a task, of batches that are as even as they can be; of one batch.
  // Errors: FailedPrecondition where a weight is not there or has another shape, NotFinite().
  absl::StatusOr<Score> On(const Architecture& architecture, const Task& task, Task::Part part);
  absl::StatusOr<Score> On(const Architecture& architecture, const Batch& batch);

  // Whether all weights of an architecture are there: an error of On before anything is scored.
  absl::Status Check(const Architecture& architecture);

 private:
  struct Compiled {
    Architecture architecture;
    Network network;
    Network::Logits logits;  // a sample asks for them; its value does not depend on them
  };

  absl::StatusOr<const Compiled*> Find(const Architecture& architecture);
  absl::StatusOr<Compiled> Compile(const Architecture& architecture);

  const ir::Graph& supernet_;
  const NamedTensors& weights_;
  // Shares the weights; statistics are its own, which nobody reads.
  ParameterStore store_;
  int64_t kept_;
  std::list<Compiled> recent_;  // the one scored last first
  absl::flat_hash_map<Architecture, std::list<Compiled>::iterator> compiled_;
};

}  // namespace nasc
