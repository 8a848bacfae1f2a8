#include "compiler/program/differentiate.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/program/differentiator.h"
#include "glog/logging.h"

namespace nasc {

using Kind = ProgramValue::Kind;

int Differentiator::Total(const ProgramStep& of, int value) {
  std::vector<ScaledTensor> terms = gradients_[value].terms;
  if (gradients_[value].sum >= 0) terms.push_back({gradients_[value].sum});
  CHECK(!terms.empty());
  int total = terms[0].value;
  if (terms.size() > 1 || terms[0].coefficients >= 0) {
    std::vector<int> inputs;
    const bool by_channel =
        program_.values[value].kind == Kind::kActivation && Shape(value).size() > 1;
    for (const ScaledTensor& term : terms) {
      inputs.push_back(term.value);
      if (by_channel) inputs.push_back(term.coefficients);
    }
    total = EmitOne(of, by_channel ? "combine" : "add", inputs, program_.values[value]);
  }
  gradients_[value] = {{{total}}, -1};
  return total;
}

LoadedGradient Differentiator::Load(const ProgramStep& of, int y) {
  std::vector<ScaledTensor> terms = gradients_[y].terms;
  if (gradients_[y].sum >= 0) terms.push_back({gradients_[y].sum});
  const auto itself = absl::c_find_if(terms, [y](const ScaledTensor& t) { return t.value == y; });
  LoadedGradient loaded;
  if (itself != terms.end()) {
    loaded.y = y;
    loaded.y_coefficients = itself->coefficients;
    terms.erase(itself);
  }
  if (terms.size() != 1 || terms[0].value == y) return {Total(of, y)};
  loaded.dy = terms[0].value;
  loaded.dy_coefficients = terms[0].coefficients;
  return loaded;
}

LoadedGradient Differentiator::LoadByChannel(const ProgramStep& of, int y) {
  const LoadedGradient loaded = Load(of, y);
  if (!IsByImage(loaded.dy_coefficients)) return loaded;
  return {Total(of, y)};
}

void Differentiator::FindNeeds() {
  needs_.assign(program_.values.size(), false);
  gradients_.resize(program_.values.size());
  for (const ProgramStep& step : program_.steps) {
    if (step.op == "keep_mask") continue;  // what is dropped does not depend on the numbers
    const bool needs =
        (step.op == "logits" && goal_.decisions) ||
        absl::c_any_of(step.params, [this](int param) { return NeedsParam(param); }) ||
        absl::c_any_of(step.inputs, [this](int value) { return Needs(value); });
    for (const int output : step.outputs) {
      if (output >= 0) needs_[output] = needs;
    }
  }
}

void Differentiator::StartFromLoss() {
  ProgramStep loss;
  loss.name = "loss";
  std::vector<int> inputs;
  std::vector<ProgramValue> outputs = {{{}, Kind::kScalar}};
  std::vector<bool> wanted = {true};
  for (const ProgramResult& result : program_.results) {
    inputs.push_back(result.value);
    outputs.push_back(Like(result.value));
    wanted.push_back(Needs(result.value));
    loss.attributes.emplace_back(absl::StrCat("weight", inputs.size() - 1), result.loss_weight);
  }
  const std::vector<int> made = Emit(loss, "loss", inputs, outputs, wanted);
  program_.loss = made[0];
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (made[i + 1] >= 0) AddSum(inputs[i], made[i + 1]);
  }
}

void Differentiator::Run() {
  FindNeeds();
  const std::vector<ProgramStep> forward = program_.steps;
  StartFromLoss();
  for (auto step = forward.rbegin(); step != forward.rend(); ++step) {
    const bool reached = absl::c_any_of(
        step->outputs, [this](int output) { return Needs(output) && HasGradient(output); });
    if (!reached) continue;
    if (step->op == "logits") {
      program_.decision_gradients.push_back({step->decision, Total(*step, step->outputs[0])});
    } else {
      FindGradientRule(step->op)(*this, *step);
    }
  }
  for (auto& [param, gradients] : param_gradients_) {
    int total = gradients[0];
    if (gradients.size() > 1) {
      ProgramStep step;
      step.name = program_.params[param].name;
      total = EmitOne(step, "add", gradients, LikeParam(param));
    }
    program_.weight_gradients.push_back({param, total});
  }
}

void Differentiate(Program& program, const StepGoal& goal) {
  Differentiator(program, goal).Run();
  RemoveDeadSteps(program);
  SetLifetimes(program);
}

}  // namespace nasc
