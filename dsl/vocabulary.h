#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nasc {

// What the checker knows of a primitive: the compiler's table of primitives provides it, so that
// the language does not depend on the compiler.
struct Signature {
  struct Param {
    std::string name;
    bool required = false;
  };
  std::string name;
  bool combiner = false;  // takes chains, each applied to the current value, instead of numbers
  std::vector<Param> params;
};

class Vocabulary {
 public:
  explicit Vocabulary(std::vector<Signature> signatures) : signatures_(std::move(signatures)) {}

  // nullptr if there is none.
  const Signature* Find(absl::string_view name) const;
  const std::vector<Signature>& signatures() const { return signatures_; }

 private:
  std::vector<Signature> signatures_;
};

// A setting of a scale that the compiler gives a meaning, whatever the space.
struct ScaleSetting {
  absl::string_view name;
  absl::string_view doc;
};
const std::vector<ScaleSetting>& ScaleSettings();

}  // namespace nasc
