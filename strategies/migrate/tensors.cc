#include "strategies/migrate/tensors.h"

#include <utility>

namespace nasc {

NamedTensors WithNewNames(NamedTensors tensors, const Renames& renames) {
  NamedTensors renamed;
  for (auto& [name, tensor] : tensors) renamed[renames.Name(name)] = std::move(tensor);
  return renamed;
}

}  // namespace nasc
