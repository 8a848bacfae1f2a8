#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compiler/program/differentiate.h"
#include "compiler/program/program.h"

namespace nasc {

// A tensor by coefficients; -1: as it is.
struct ScaledTensor {
  int value = -1;
  int coefficients = -1;
};

// The gradient of a value so far: a sum of terms, and a tensor that may be written to.
struct Gradient {
  std::vector<ScaledTensor> terms;
  int sum = -1;
};

// A gradient of `y` as the kernels load it: dy by its coefficients, and y itself by some.
struct LoadedGradient {
  int dy = -1;
  int dy_coefficients = -1;
  int y = -1;
  int y_coefficients = -1;
};

class Differentiator {
 public:
  Differentiator(Program& program, const StepGoal& goal) : program_(program), goal_(goal) {}

  void Run();

  // What the rules are written with.
  bool Needs(int value) const { return value >= 0 && needs_[value]; }
  bool NeedsParam(int param) const {
    return goal_.weights && program_.params[param].role == ir::Param::Role::kWeight;
  }
  const std::vector<int64_t>& Shape(int value) const { return program_.values[value].shape; }
  bool HasGradient(int value) const {
    return value >= 0 && (!gradients_[value].terms.empty() || gradients_[value].sum >= 0);
  }

  std::vector<int> Emit(const ProgramStep& of, std::string op, std::vector<int> inputs,
                        const std::vector<ProgramValue>& outputs, const std::vector<bool>& wanted,
                        std::vector<int> params = {}) {
    ProgramStep step;
    step.name = of.name;
    step.op = std::move(op);
    step.inputs = std::move(inputs);
    for (size_t i = 0; i < outputs.size(); ++i) {
      step.outputs.push_back(wanted[i] ? NewValue(outputs[i]) : -1);
    }
    step.params = std::move(params);
    step.attributes = of.attributes;
    program_.steps.push_back(step);
    return step.outputs;
  }
  int EmitOne(const ProgramStep& of, std::string op, std::vector<int> inputs,
              const ProgramValue& output, std::vector<ProgramAttribute> attributes = {}) {
    const int value = Emit(of, std::move(op), std::move(inputs), {output}, {true})[0];
    program_.steps.back().attributes = std::move(attributes);
    return value;
  }

  void Add(int value, const ScaledTensor& term) {
    if (Needs(value)) gradients_[value].terms.push_back(term);
  }
  // Adds a tensor that nothing else reads.
  void AddSum(int value, int tensor) {
    if (gradients_[value].sum < 0) {
      gradients_[value].sum = tensor;
    } else {
      Add(value, {tensor});
    }
  }
  // The tensor that a step may add to instead of writing one of its own; -1 where there is none.
  // What the step writes must be given back by AddSum.
  int TakeSum(int value) { return std::exchange(gradients_[value].sum, -1); }

  void AddToParam(int param, int gradient) {
    if (gradient >= 0) param_gradients_[param].push_back(gradient);
  }

  // The whole gradient of a value as one tensor.
  int Total(const ProgramStep& of, int value);

  // The same as the kernels of separable convolutions take it: dy may have coefficients of each
  // image.
  LoadedGradient Load(const ProgramStep& of, int y);
  // As those of pools take it: none has.
  LoadedGradient LoadByChannel(const ProgramStep& of, int y);

  bool IsByImage(int coefficients) const {
    return coefficients >= 0 && Shape(coefficients).size() == 3;
  }

  ProgramValue Like(int value) const { return program_.values[value]; }
  ProgramValue LikeParam(int param) const { return {program_.params[param].shape}; }

  // The coefficients without what is added; -1 of -1.
  int Factors(const ProgramStep& of, int coefficients) {
    if (coefficients < 0) return -1;
    const auto [it, fresh] = factors_.emplace(coefficients, -1);
    if (fresh) it->second = EmitOne(of, "factors", {coefficients}, Like(coefficients));
    return it->second;
  }

 private:
  int NewValue(const ProgramValue& value) {
    program_.values.push_back(value);
    needs_.push_back(false);
    gradients_.emplace_back();
    return static_cast<int>(program_.values.size()) - 1;
  }

  void FindNeeds();
  void StartFromLoss();

  Program& program_;
  StepGoal goal_;
  std::vector<bool> needs_;          // of each value: whether its gradient leads to a wanted one
  std::vector<Gradient> gradients_;  // of each value
  std::map<int, std::vector<int>> param_gradients_;
  std::map<int, int> factors_;
};

// How the backward part of an operation is made: what a rule adds for one step of the forward part,
// whose outputs have their gradients. One that has no rule of its own goes through autograd.
using GradientRule = void (*)(Differentiator&, const ProgramStep&);
GradientRule FindGradientRule(const std::string& op);

}  // namespace nasc
