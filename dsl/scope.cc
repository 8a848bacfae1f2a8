#include "dsl/scope.h"

#include <algorithm>

namespace nasc {

const Scope::Name* Scope::Find(absl::string_view name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer_) {
    const auto it = scope->names_.find(name);
    if (it != scope->names_.end()) return &it->second;
  }
  return nullptr;
}

std::vector<std::string> Scope::Collect(bool (*fits)(Kind)) const {
  std::vector<std::string> found;
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer_) {
    for (const auto& [text, name] : scope->names_) {
      if (fits(name.kind)) found.emplace_back(text);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> Scope::Numbers() const {
  return Collect([](Kind kind) { return kind != Kind::kValue; });
}

std::vector<std::string> Scope::Values() const {
  return Collect([](Kind kind) { return kind == Kind::kValue || kind == Kind::kParameter; });
}

std::vector<std::string> Scope::Settings() const {
  return Collect([](Kind kind) { return kind == Kind::kSetting; });
}

}  // namespace nasc
