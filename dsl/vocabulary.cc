#include "dsl/vocabulary.h"

namespace nasc {

const Signature* Vocabulary::Find(absl::string_view name) const {
  for (const Signature& signature : signatures_) {
    if (signature.name == name) return &signature;
  }
  return nullptr;
}

const std::vector<ScaleSetting>& ScaleSettings() {
  static const auto* const settings = new std::vector<ScaleSetting>{
      {"affine", "whether a `bn` that does not say has a scale and an offset (default: true)"},
      {"auxiliary", "the weight of the auxiliary head's loss, or `off` (default: off)"},
      {"drop_path", "the greatest probability with which an edge is dropped (default: 0)"},
  };
  return *settings;
}

}  // namespace nasc
