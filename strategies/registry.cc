#include "strategies/registry.h"

#include <map>
#include <utility>

#include "glog/logging.h"
#include "strategies/one_shot/remedy_options.h"

namespace nasc {
namespace {

std::map<std::string, StrategyInfo>& Registry() {
  static auto* const registry = new std::map<std::string, StrategyInfo>;
  return *registry;
}

}  // namespace

StrategyInfo TrialStrategyInfo(std::string name, std::string doc, std::vector<OptionSpec> options,
                               StrategyInfo::MakeTrial make, bool several_objectives) {
  return {std::move(name), std::move(doc), std::move(options),
          std::move(make), nullptr,        several_objectives};
}

StrategyInfo OneShotStrategyInfo(std::string name, std::string doc, std::vector<OptionSpec> options,
                                 StrategyInfo::MakeOneShot make, int64_t partial_channels) {
  for (OptionSpec& spec : RemedyOptionSpecs(partial_channels)) options.push_back(std::move(spec));
  return {std::move(name), std::move(doc), std::move(options), nullptr, std::move(make)};
}

StrategyInfo ScoringStrategyInfo(std::string name, std::string doc, std::vector<OptionSpec> options,
                                 StrategyInfo::MakeOneShot make) {
  StrategyInfo info =
      OneShotStrategyInfo(std::move(name), std::move(doc), std::move(options), std::move(make));
  info.scores = true;
  return info;
}

StrategyRegistration::StrategyRegistration(StrategyInfo info) {
  CHECK((info.make_trial != nullptr) != (info.make_one_shot != nullptr)) << info.name;
  const std::string name = info.name;
  CHECK(Registry().emplace(name, std::move(info)).second) << "two strategies are named " << name;
}

const StrategyInfo* FindStrategy(const std::string& name) {
  const auto it = Registry().find(name);
  return it == Registry().end() ? nullptr : &it->second;
}

std::vector<const StrategyInfo*> KnownStrategies() {
  std::vector<const StrategyInfo*> known;
  for (const auto& [name, info] : Registry()) known.push_back(&info);
  return known;
}

}  // namespace nasc
