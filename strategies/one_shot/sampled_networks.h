#pragma once

#include <list>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "runtime/trainer.h"
#include "strategies/one_shot/one_shot_strategy.h"

namespace nasc {

// The networks of samples of a supernet (see RelaxToSample), which share its weights. Making one
// takes about as long as a step of a small network, so those used last are kept.
class SampledNetworks {
 public:
  // Makes all weights of the supernet in the store, so that one optimizer can hold them.
  static absl::StatusOr<SampledNetworks> Create(const OneShotContext& context);

  // Valid until the next call.
  absl::StatusOr<const Network*> Of(const Architecture& taken);

  // One step of the weights of that network. Those that it has not stay as they are, without
  // weight decay and without momentum, as in the authors' code of SPOS.
  absl::StatusOr<Score> Train(const Architecture& taken, const Network::Logits& logits,
                              const Batch& batch, double progress, WeightTrainer& trainer);

 private:
  static constexpr size_t kKept = 32;

  struct Made {
    Architecture taken;
    Network network;
  };

  explicit SampledNetworks(const OneShotContext& context)
      : supernet_(&context.supernet), store_(&context.store), options_(context.network_options()) {}

  const ir::Graph* supernet_;
  ParameterStore* store_;
  NetworkOptions options_;
  std::list<Made> made_;  // the one used last first
  absl::flat_hash_map<Architecture, std::list<Made>::iterator> places_;
};

}  // namespace nasc
