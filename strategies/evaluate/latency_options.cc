#include "strategies/evaluate/latency_options.h"

namespace nasc {

const std::vector<OptionSpec>& LatencyOptionSpecs() {
  using Kind = OptionSpec::Kind;
  static const auto* const specs = new std::vector<OptionSpec>{
      {"table", Kind::kText, 0, 0, 0, "",
       "a CSV or TSV file of the latencies of operations, see `nasc latency`; else this machine is "
       "measured"},
      {"batch", Kind::kWhole, 1, 1, 65536, "", "inputs that are computed at a time"},
      {"warmup", Kind::kWhole, 3, 0, 1e6, "", "passes before those that count"},
      {"runs", Kind::kWhole, 11, 1, 1e6, "", "passes, of which the median counts"},
  };
  return *specs;
}

}  // namespace nasc
