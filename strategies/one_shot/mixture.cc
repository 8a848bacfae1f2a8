#include "strategies/one_shot/mixture.h"

#include <utility>

#include "compiler/program/program.h"
#include "compiler/relax.h"

namespace nasc {

absl::StatusOr<Network> MakeMixture(const OneShotContext& context, bool edge_normalization) {
  const absl::StatusOr<ir::Graph> mixture =
      RelaxToMixture(context.supernet, {/*partial_channels=*/1, edge_normalization});
  if (!mixture.ok()) return mixture.status();
  absl::StatusOr<Program> program = BuildProgram(*mixture);
  if (!program.ok()) return program.status();
  return Network::Create(*std::move(program), context.store, context.network_options());
}

OptionSpec EdgeNormalizationSpec(bool on) {
  return {kEdgeNormalization,
          OptionSpec::Kind::kTruth,
          on ? 1.0 : 0.0,
          0,
          1,
          "",
          "whether the edges of a node have weights of their own"};
}

}  // namespace nasc
