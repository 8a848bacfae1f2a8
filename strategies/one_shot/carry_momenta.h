#pragma once

#include "compiler/versions/renames.h"
#include "runtime/parameter_store.h"
#include "runtime/trainer.h"

namespace nasc {

// Goes on with the momentum of weights that an earlier version of the space had, where their shapes
// stay; `store` holds the weights of `to`.
void CarryMomenta(const WeightTrainer& from, const Renames& renames, const ParameterStore& store,
                  WeightTrainer& to);

}  // namespace nasc
