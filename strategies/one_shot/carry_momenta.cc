#include "strategies/one_shot/carry_momenta.h"

namespace nasc {

void CarryMomenta(const WeightTrainer& from, const Renames& renames, const ParameterStore& store,
                  WeightTrainer& to) {
  NamedTensors momenta;
  for (const auto& [name, momentum] : from.Momenta()) {
    const std::string new_name = renames.Name(name);
    const auto weight = store.tensors().find(new_name);
    if (weight == store.tensors().end() || weight->second.sizes() != momentum.sizes()) continue;
    momenta[new_name] = momentum.clone();
  }
  to.SetMomenta(momenta);
}

}  // namespace nasc
