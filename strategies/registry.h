#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dsl/options.h"
#include "strategies/trial/trial_strategy.h"

namespace nasc {

class OneShotStrategy;
struct OneShotContext;

// A strategy as a search declaration names it. Exactly one of the two makers is set. A strategy is
// a library that registers itself; whatever is linked into a driver can be named.
//
//   const StrategyRegistration registration(TrialStrategyInfo("random", "...", {}, MakeRandom));
struct StrategyInfo {
  // Error: a space that the strategy cannot search.
  using MakeTrial = std::function<absl::StatusOr<std::unique_ptr<TrialStrategy>>(
      const TrialContext& context, const Options& options)>;
  using MakeOneShot = std::function<absl::StatusOr<std::unique_ptr<OneShotStrategy>>(
      const OneShotContext& context, const Options& options)>;

  std::string name;
  std::string doc;  // a line, with the paper
  std::vector<OptionSpec> options;
  MakeTrial make_trial;
  MakeOneShot make_one_shot;
  bool several_objectives = false;
  // Of a one-shot strategy: it scores architectures, so any objective will do.
  bool scores = false;
};

StrategyInfo TrialStrategyInfo(std::string name, std::string doc, std::vector<OptionSpec> options,
                               StrategyInfo::MakeTrial make, bool several_objectives = false);
// Its options and those against collapse that all have (remedy_options.h).
StrategyInfo OneShotStrategyInfo(std::string name, std::string doc, std::vector<OptionSpec> options,
                                 StrategyInfo::MakeOneShot make, int64_t partial_channels = 1);
// That of a strategy that scores.
StrategyInfo ScoringStrategyInfo(std::string name, std::string doc, std::vector<OptionSpec> options,
                                 StrategyInfo::MakeOneShot make);

class StrategyRegistration {
 public:
  explicit StrategyRegistration(StrategyInfo info);
};

// nullptr if there is none.
const StrategyInfo* FindStrategy(const std::string& name);

// In the order of their names.
std::vector<const StrategyInfo*> KnownStrategies();

}  // namespace nasc
