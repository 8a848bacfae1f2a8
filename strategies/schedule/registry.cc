#include <map>
#include <utility>

#include "glog/logging.h"
#include "strategies/schedule/scheduler.h"

namespace nasc {
namespace {

std::map<std::string, SchedulerInfo>& Registry() {
  static auto* const registry = new std::map<std::string, SchedulerInfo>;
  return *registry;
}

}  // namespace

SchedulerRegistration::SchedulerRegistration(SchedulerInfo info) {
  const std::string name = info.name;
  CHECK(Registry().emplace(name, std::move(info)).second) << "two schedulers are named " << name;
}

const SchedulerInfo* FindScheduler(const std::string& name) {
  const auto it = Registry().find(name);
  return it == Registry().end() ? nullptr : &it->second;
}

std::vector<const SchedulerInfo*> KnownSchedulers() {
  std::vector<const SchedulerInfo*> known;
  for (const auto& [name, info] : Registry()) known.push_back(&info);
  return known;
}

}  // namespace nasc
