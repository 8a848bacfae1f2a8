#pragma once

#include "absl/status/statusor.h"
#include "dsl/options.h"
#include "runtime/network.h"
#include "strategies/one_shot/one_shot_strategy.h"

namespace nasc {

// The network that computes all options of every decision and mixes them by the softmax of its
// logits (see RelaxToMixture), on the weights of the context's store. Error: a space that cannot be
// mixed.
absl::StatusOr<Network> MakeMixture(const OneShotContext& context, bool edge_normalization = false);

// What a strategy that searches with a mixture lets a search declaration say of it.
OptionSpec EdgeNormalizationSpec(bool on);
inline constexpr char kEdgeNormalization[] = "edge_normalization";

}  // namespace nasc
