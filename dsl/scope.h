#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "dsl/ast.h"

namespace nasc {

// The names that a place of a file may use, and those of the places around it. Names are not
// copied: they live in the tree of the file, or as long as the program.
class Scope {
 public:
  enum class Kind {
    kNumber,     // such as `stride`
    kSetting,    // of the scales
    kParameter,  // of an operation: a number or a value, as the caller gives it
    kValue,      // of a `let` or a slot
    kChoice,     // of a `choose`
  };

  struct Name {
    Kind kind = Kind::kNumber;
    const ast::Identifier* definition = nullptr;  // in the file, where it has one
    const ast::Choose* choose = nullptr;          // kChoice
  };

  explicit Scope(const Scope* outer = nullptr) : outer_(outer) {}

  void AddNumber(absl::string_view name) { names_[name] = {}; }
  void AddSetting(absl::string_view name) { names_[name].kind = Kind::kSetting; }
  void AddParameter(const ast::Identifier& name) {
    names_[name.text] = {Kind::kParameter, &name, nullptr};
  }
  void AddValue(const ast::Identifier& name) { names_[name.text] = {Kind::kValue, &name, nullptr}; }
  void AddChoice(const ast::Choose& choose) {
    names_[choose.name.text] = {Kind::kChoice, &choose.name, &choose};
  }

  // nullptr if nothing is called so here or around.
  const Name* Find(absl::string_view name) const;

  // What can be used as a number, as a value, or changed by `with`, for a mistyped name to be
  // corrected.
  std::vector<std::string> Numbers() const;
  std::vector<std::string> Values() const;
  std::vector<std::string> Settings() const;

 private:
  std::vector<std::string> Collect(bool (*fits)(Kind)) const;

  const Scope* outer_;
  absl::flat_hash_map<absl::string_view, Name> names_;
};

}  // namespace nasc
