#include <map>
#include <utility>

#include "glog/logging.h"
#include "strategies/evaluate/evaluator.h"

namespace nasc {
namespace {

std::map<std::string, EvaluatorInfo>& Registry() {
  static auto* const registry = new std::map<std::string, EvaluatorInfo>;
  return *registry;
}

}  // namespace

EvaluatorRegistration::EvaluatorRegistration(EvaluatorInfo info) {
  const std::string name = info.name;
  CHECK(Registry().emplace(name, std::move(info)).second) << "two evaluators are named " << name;
}

const EvaluatorInfo* FindEvaluator(const std::string& name) {
  const auto it = Registry().find(name);
  return it == Registry().end() ? nullptr : &it->second;
}

std::vector<const EvaluatorInfo*> KnownEvaluators() {
  std::vector<const EvaluatorInfo*> known;
  for (const auto& [name, info] : Registry()) known.push_back(&info);
  return known;
}

}  // namespace nasc
