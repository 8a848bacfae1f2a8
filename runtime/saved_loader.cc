#include "runtime/saved_loader.h"

namespace nasc {

at::Tensor SaveLoader(const Loader& loader) {
  const LoaderState state = loader.state();
  return SaveNumbers({static_cast<int64_t>(state.seed), state.epoch, state.batch});
}

absl::Status RestoreLoader(const NamedTensors& saved, const std::string& name, Loader& loader) {
  const auto numbers = RestoreNumbers(saved, name, 3);
  if (!numbers.ok()) return numbers.status();
  return loader.set_state({static_cast<uint64_t>((*numbers)[0]), (*numbers)[1], (*numbers)[2]});
}

}  // namespace nasc
