#include "strategies/one_shot/sampled_networks.h"

#include <utility>

#include "compiler/relax.h"

namespace nasc {

absl::StatusOr<SampledNetworks> SampledNetworks::Create(const OneShotContext& context) {
  for (const ir::Param& param : context.supernet.params) {
    ProgramParam whole{param.name, param.role, param.init, param.fan_in, {}};
    for (const ir::Dim& dim : param.type.dims) whole.shape.push_back(dim.Max());
    const absl::StatusOr<at::Tensor> made = context.store.Get(whole);
    if (!made.ok()) return made.status();
  }
  return SampledNetworks(context);
}

absl::StatusOr<const Network*> SampledNetworks::Of(const Architecture& taken) {
  if (const auto it = places_.find(taken); it != places_.end()) {
    made_.splice(made_.begin(), made_, it->second);
    return &made_.front().network;
  }
  absl::StatusOr<ir::Graph> sample = RelaxToSample(*supernet_, taken);
  if (!sample.ok()) return sample.status();
  absl::StatusOr<Program> program = BuildProgram(*sample);
  if (!program.ok()) return program.status();
  absl::StatusOr<Network> network = Network::Create(*std::move(program), *store_, options_);
  if (!network.ok()) return network.status();
  if (made_.size() == kKept) {
    places_.erase(made_.back().taken);
    made_.pop_back();
  }
  made_.push_front({taken, *std::move(network)});
  places_[taken] = made_.begin();
  return &made_.front().network;
}

absl::StatusOr<Score> SampledNetworks::Train(const Architecture& taken,
                                             const Network::Logits& logits, const Batch& batch,
                                             double progress, WeightTrainer& trainer) {
  const absl::StatusOr<const Network*> network = Of(taken);
  if (!network.ok()) return network.status();
  for (const at::Tensor& weight : trainer.weights()) weight.mutable_grad() = at::Tensor();
  return trainer.Step(**network, logits, batch, progress);
}

}  // namespace nasc
