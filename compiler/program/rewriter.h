#pragma once

#include <string>
#include <utility>
#include <vector>

#include "compiler/program/program.h"

namespace nasc {

// Writes the steps of a program anew, in order. Values that are replaced are so in all later steps.
class Rewriter {
 public:
  explicit Rewriter(Program& program) : program_(program), old_(std::exchange(program.steps, {})) {
    for (size_t i = 0; i < program.values.size(); ++i) same_.push_back(static_cast<int>(i));
  }

  // Calls `rewrite(step)` for every step, with its inputs replaced; that must call Keep for it, add
  // others, or both. Returns whether anything changed.
  template <typename F>
  bool Run(const F& rewrite) {
    for (ProgramStep& step : old_) {
      for (int& input : step.inputs) {
        if (input >= 0) input = same_[input];
      }
      rewrite(step);
    }
    for (ProgramResult& result : program_.results) result.value = same_[result.value];
    if (changed_) {
      RemoveDeadSteps(program_);
      SetLifetimes(program_);
    }
    return changed_;
  }

  void Keep(ProgramStep step) { program_.steps.push_back(std::move(step)); }

  // A step instead of what was there.
  void Add(ProgramStep step) {
    changed_ = true;
    program_.steps.push_back(std::move(step));
  }

  // A step of one new value, named like `of`; gives the value.
  int Make(const ProgramStep& of, std::string op, std::vector<int> inputs, ProgramValue value,
           std::vector<ProgramAttribute> attributes = {}, std::vector<int> params = {}) {
    ProgramStep step;
    step.name = of.name;
    step.op = std::move(op);
    step.inputs = std::move(inputs);
    step.outputs = {NewValue(std::move(value))};
    step.attributes = std::move(attributes);
    step.params = std::move(params);
    Add(std::move(step));
    return program_.steps.back().outputs[0];
  }

  int NewValue(ProgramValue value) {
    program_.values.push_back(std::move(value));
    same_.push_back(static_cast<int>(program_.values.size()) - 1);
    return same_.back();
  }

  // From here on `value` is `by`.
  void Replace(int value, int by) {
    changed_ = true;
    same_[value] = by;
  }

 private:
  Program& program_;
  std::vector<ProgramStep> old_;
  std::vector<int> same_;
  bool changed_ = false;
};

}  // namespace nasc
