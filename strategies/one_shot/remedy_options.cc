#include "strategies/one_shot/remedy_options.h"

namespace nasc {

std::vector<OptionSpec> RemedyOptionSpecs(int64_t partial_channels) {
  return {
      {kPartialChannels, OptionSpec::Kind::kWhole, static_cast<double>(partial_channels), 1, 65536,
       "", "one channel in so many goes through the operations; 1: all do"},
      {"stop_skips", OptionSpec::Kind::kWhole, -1, -1, 65536, "",
       "ends the search before a cell takes more identities than so many; -1: never"},
      {"stop_eigenvalue", OptionSpec::Kind::kReal, 0, 0, 1, "",
       "ends it where the curvature of the validation loss in the decisions was below so much of "
       "what it is now; 0.75 in the paper; 0: never"},
      {"stop_window", OptionSpec::Kind::kWhole, 5, 1, 1000, "",
       "checks over which the curvature is averaged and compared"},
      {"check_every", OptionSpec::Kind::kWhole, 0, 0, 1e9, "",
       "steps between two checks; 0: an epoch"},
  };
}

}  // namespace nasc
