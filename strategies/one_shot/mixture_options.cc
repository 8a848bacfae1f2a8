#include "strategies/one_shot/mixture_options.h"

namespace nasc {

std::vector<OptionSpec> MixtureOptionSpecs(const MixtureOptions& defaults) {
  return {
      {"partial_channels", OptionSpec::Kind::kWhole, static_cast<double>(defaults.partial_channels),
       1, 65536, "", "one channel in so many goes through the operations; 1: all do"},
      {"edge_normalization", OptionSpec::Kind::kTruth, defaults.edge_normalization ? 1.0 : 0.0, 0,
       1, "", "whether the edges of a node have weights of their own"},
  };
}

MixtureOptions ReadMixtureOptions(const Options& options) {
  return {options.Whole("partial_channels"), options.Truth("edge_normalization")};
}

}  // namespace nasc
