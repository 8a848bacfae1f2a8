#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"
#include "dsl/options.h"
#include "strategies/trial_strategy.h"

namespace nasc {

class OneShotStrategy;
struct OneShotContext;

// A strategy as a search declaration names it. Exactly one of the two makers is set. A strategy is
// a library that registers itself; whatever is linked into a driver can be named.
//
//   const StrategyRegistration registration({"random", "...", {}, MakeRandom, nullptr});
struct StrategyInfo {
  std::string name;
  std::string doc;  // a line, with the paper
  std::vector<OptionSpec> options;
  std::function<std::unique_ptr<TrialStrategy>(const ir::Graph& supernet, const Options& options,
                                               uint64_t seed)>
      make_trial;
  std::function<absl::StatusOr<std::unique_ptr<OneShotStrategy>>(const OneShotContext& context,
                                                                 const Options& options)>
      make_one_shot;
};

class StrategyRegistration {
 public:
  explicit StrategyRegistration(StrategyInfo info);
};

// nullptr if there is none.
const StrategyInfo* FindStrategy(const std::string& name);

// In the order of their names.
std::vector<const StrategyInfo*> KnownStrategies();

}  // namespace nasc
