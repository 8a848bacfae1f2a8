#include "compiler/program/differentiate.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/program/steps.h"
#include "glog/logging.h"

namespace nasc {
namespace {

using Kind = ProgramValue::Kind;

// A tensor by coefficients; -1: as it is.
struct Term {
  int value = -1;
  int coefficients = -1;
};

// The gradient of a value so far: a sum of terms, and a tensor that may be written to.
struct Gradient {
  std::vector<Term> terms;
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

  void Add(int value, const Term& term) {
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
  int Total(const ProgramStep& of, int value) {
    Gradient& gradient = gradients_[value];
    std::vector<Term> terms = std::exchange(gradient.terms, {});
    if (gradient.sum >= 0) terms.push_back({gradient.sum});
    CHECK(!terms.empty());
    int total = terms[0].value;
    if (terms.size() > 1 || terms[0].coefficients >= 0) {
      std::vector<int> inputs;
      const bool by_channel =
          program_.values[value].kind == Kind::kActivation && Shape(value).size() > 1;
      for (const Term& term : terms) {
        inputs.push_back(term.value);
        if (by_channel) inputs.push_back(term.coefficients);
      }
      total = EmitOne(of, by_channel ? "combine" : "add", inputs, program_.values[value]);
    }
    gradient.terms = {{total}};
    gradient.sum = -1;
    return total;
  }

  LoadedGradient Load(const ProgramStep& of, int y) {
    std::vector<Term> terms = gradients_[y].terms;
    if (gradients_[y].sum >= 0) terms.push_back({gradients_[y].sum});
    const auto itself = absl::c_find_if(terms, [y](const Term& t) { return t.value == y; });
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

  ProgramValue Like(int value) const { return program_.values[value]; }
  ProgramValue LikeParam(int param) const { return {program_.params[param].shape}; }
  ProgramValue Coefficients(int64_t channels) const { return {{2, channels}, Kind::kStatistics}; }

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

using Rule = void (*)(Differentiator&, const ProgramStep&);

void NoGradient(Differentiator&, const ProgramStep&) {}

// By x, by the weight and by the bias in one step.
template <const char* kOp>
void Weighted(Differentiator& d, const ProgramStep& step) {
  const int x = step.inputs[0];
  std::vector<ProgramValue> outputs = {d.Like(x)};
  std::vector<bool> wanted = {d.Needs(x)};
  for (const int param : step.params) {
    outputs.push_back(d.LikeParam(param));
    wanted.push_back(d.NeedsParam(param));
  }
  const int dy = d.Total(step, step.outputs[0]);
  const std::vector<int> made = d.Emit(step, kOp, {x, dy}, outputs, wanted, step.params);
  if (made[0] >= 0) d.AddSum(x, made[0]);
  for (size_t i = 0; i < step.params.size(); ++i) d.AddToParam(step.params[i], made[i + 1]);
}
constexpr char kConvGradient[] = "conv_gradient";
constexpr char kDepthwiseGradient[] = "depthwise_gradient";
constexpr char kLinearGradient[] = "linear_gradient";

void Relu(Differentiator& d, const ProgramStep& step) {
  const int y = step.outputs[0];
  d.AddSum(step.inputs[0], d.EmitOne(step, "relu_gradient", {y, d.Total(step, y)}, d.Like(y)));
}

void MaxPool(Differentiator& d, const ProgramStep& step) {
  const int x = step.inputs[0];
  const LoadedGradient g = d.Load(step, step.outputs[0]);
  d.AddSum(x, d.EmitOne(step, "max_pool_gradient",
                        {x, g.dy, g.dy_coefficients, g.y, g.y_coefficients, d.TakeSum(x)},
                        d.Like(x), step.attributes));
}

void AvgPool(Differentiator& d, const ProgramStep& step) {
  const int x = step.inputs[0];
  const LoadedGradient g = d.Load(step, step.outputs[0]);
  d.AddSum(x, d.EmitOne(step, "avg_pool_gradient",
                        {g.dy, g.dy_coefficients, g.y, g.y_coefficients, d.TakeSum(x)}, d.Like(x),
                        step.attributes));
}

void GlobalAvgPool(Differentiator& d, const ProgramStep& step) {
  const int x = step.inputs[0];
  d.AddSum(
      x, d.EmitOne(step, "global_avg_pool_gradient", {d.Total(step, step.outputs[0])}, d.Like(x)));
}

void Flatten(Differentiator& d, const ProgramStep& step) {
  const int x = step.inputs[0];
  d.AddSum(x, d.EmitOne(step, "unflatten", {d.Total(step, step.outputs[0])}, d.Like(x)));
}

void Concat(Differentiator& d, const ProgramStep& step) {
  const int dy = d.Total(step, step.outputs[0]);
  int64_t begin = 0;
  for (const int x : step.inputs) {
    const int64_t size = d.Shape(x)[1];
    if (d.Needs(x)) {
      d.AddSum(x, d.EmitOne(step, "slice", {dy}, d.Like(x), {{"begin", begin}, {"size", size}}));
    }
    begin += size;
  }
}

void ApplyMask(Differentiator& d, const ProgramStep& step) {
  const int x = step.inputs[0];
  d.AddSum(x, d.EmitOne(step, "apply_mask", {d.Total(step, step.outputs[0]), step.inputs[1]},
                        d.Like(x)));
}

// What coefficients have as their gradient: the sum of dy times x, and the sum of dy.
void AddPicked(Differentiator& d, const ProgramStep& step, int coefficients, int sums,
               int64_t index) {
  d.AddSum(coefficients,
           d.EmitOne(step, "pick_sums", {sums}, d.Like(coefficients), {{"index", index}}));
}

void Combine(Differentiator& d, const ProgramStep& step) {
  const int dy = d.Total(step, step.outputs[0]);
  std::vector<int> summed = {dy};
  std::vector<int> coefficients;
  for (size_t i = 0; i < step.inputs.size(); i += 2) {
    d.Add(step.inputs[i], {dy, d.Needs(step.inputs[i]) ? d.Factors(step, step.inputs[i + 1]) : -1});
    if (!d.Needs(step.inputs[i + 1])) continue;
    summed.push_back(step.inputs[i]);
    coefficients.push_back(step.inputs[i + 1]);
  }
  if (coefficients.empty()) return;
  const int sums =
      d.EmitOne(step, "channel_sums", summed,
                {{static_cast<int64_t>(summed.size()), d.Shape(dy)[1]}, Kind::kStatistics});
  for (size_t i = 0; i < coefficients.size(); ++i) {
    AddPicked(d, step, coefficients[i], sums, static_cast<int64_t>(i));
  }
}

void Moments(Differentiator& d, const ProgramStep& step) {
  // The gradient of moments comes as the coefficients of x (see normalize_gradient).
  d.Add(step.inputs[0], {step.inputs[0], d.Total(step, step.outputs[0])});
}

void Normalize(Differentiator& d, const ProgramStep& step) {
  const int moments = step.inputs[0];
  const bool affine = Whole(step, "affine") != 0;
  std::vector<ProgramValue> outputs = {d.Like(moments)};
  std::vector<bool> wanted = {d.Needs(moments)};
  for (size_t i = 0; affine && i < 2; ++i) {
    outputs.push_back(d.LikeParam(step.params[i]));
    wanted.push_back(d.NeedsParam(step.params[i]));
  }
  const int gradient = d.Total(step, step.outputs[0]);
  const std::vector<int> made =
      d.Emit(step, "normalize_gradient", {moments, gradient}, outputs, wanted, step.params);
  if (made[0] >= 0) d.AddSum(moments, made[0]);
  for (size_t i = 1; i < made.size(); ++i) d.AddToParam(step.params[i - 1], made[i]);
}

void Compose(Differentiator& d, const ProgramStep& step) {
  const int inner = step.inputs[0];
  const int outer = step.inputs[1];
  const int gradient = d.Total(step, step.outputs[0]);
  const std::vector<int> made =
      d.Emit(step, "compose_gradient", {inner, outer, gradient}, {d.Like(inner), d.Like(outer)},
             {d.Needs(inner), d.Needs(outer)});
  if (made[0] >= 0) d.AddSum(inner, made[0]);
  if (made[1] >= 0) d.AddSum(outer, made[1]);
}

void Spread(Differentiator& d, const ProgramStep& step) {
  const int weights = step.inputs[0];
  std::vector<int> inputs;
  for (const int output : step.outputs) {
    inputs.push_back(d.HasGradient(output) ? d.Total(step, output) : -1);
  }
  d.AddSum(weights, d.EmitOne(step, "spread_gradient", inputs, d.Like(weights)));
}

void Softmax(Differentiator& d, const ProgramStep& step) {
  const int y = step.outputs[0];
  d.AddSum(step.inputs[0], d.EmitOne(step, "softmax_gradient", {y, d.Total(step, y)}, d.Like(y)));
}

void Separable(Differentiator& d, const ProgramStep& step) {
  const int x = step.inputs[0];
  const int coefficients = step.inputs[1];
  const int z = step.outputs[0];
  // The second output has its gradient as coefficients of the first.
  if (step.outputs.size() > 1 && d.HasGradient(step.outputs[1])) {
    d.Add(z, {z, d.Total(step, step.outputs[1])});
  }
  const LoadedGradient g = d.Load(step, z);
  const bool sums = d.Needs(coefficients);
  const int into = coefficients < 0 && d.Needs(x) ? d.TakeSum(x) : -1;
  std::vector<ProgramValue> outputs = {d.Like(x), {{2, d.Shape(x)[1]}, Kind::kStatistics}};
  std::vector<bool> wanted = {d.Needs(x) || sums, sums};
  for (const int param : step.params) {
    outputs.push_back(d.LikeParam(param));
    wanted.push_back(d.NeedsParam(param));
  }
  const std::vector<int> made =
      d.Emit(step, "separable_gradient",
             {x, coefficients, g.dy, g.dy_coefficients, g.y, g.y_coefficients, into}, outputs,
             wanted, step.params);
  for (size_t i = 0; i < step.params.size(); ++i) d.AddToParam(step.params[i], made[i + 2]);
  if (sums) AddPicked(d, step, coefficients, made[1], 0);
  if (!d.Needs(x)) return;
  if (coefficients < 0) {
    d.AddSum(x, made[0]);
  } else {
    d.Add(x, {made[0], d.Factors(step, coefficients)});
  }
}

// Pools may have their moments as a second output too.
template <Rule kRule>
void WithMoments(Differentiator& d, const ProgramStep& step) {
  if (step.outputs.size() > 1 && d.HasGradient(step.outputs[1])) {
    d.Add(step.outputs[0], {step.outputs[0], d.Total(step, step.outputs[1])});
  }
  kRule(d, step);
}

void Autograd(Differentiator& d, const ProgramStep& step) {
  std::vector<ProgramValue> outputs;
  std::vector<bool> wanted;
  for (const int input : step.inputs) {
    outputs.push_back(d.Like(input));
    wanted.push_back(d.Needs(input));
  }
  for (const int param : step.params) {
    outputs.push_back(d.LikeParam(param));
    wanted.push_back(d.NeedsParam(param));
  }
  std::vector<int> inputs = step.inputs;
  inputs.push_back(d.Total(step, step.outputs[0]));
  const std::vector<int> made =
      d.Emit(step, absl::StrCat(kAutogradPrefix, step.op), inputs, outputs, wanted, step.params);
  for (size_t i = 0; i < made.size(); ++i) {
    if (made[i] < 0) continue;
    if (i < step.inputs.size()) {
      d.AddSum(step.inputs[i], made[i]);
    } else {
      d.AddToParam(step.params[i - step.inputs.size()], made[i]);
    }
  }
}

Rule FindRule(const std::string& op) {
  static const auto* const rules = new std::map<std::string, Rule>{
      {"input", NoGradient},
      {"features", NoGradient},
      {"logits", NoGradient},
      {"none", NoGradient},
      {"conv", Weighted<kConvGradient>},
      {"depthwise", Weighted<kDepthwiseGradient>},
      {"linear", Weighted<kLinearGradient>},
      {"relu", Relu},
      {"max_pool", WithMoments<MaxPool>},
      {"avg_pool", WithMoments<AvgPool>},
      {"global_avg_pool", GlobalAvgPool},
      {"flatten", Flatten},
      {"concat", Concat},
      {"softmax", Softmax},
      {"combine", Combine},
      {"moments", Moments},
      {"normalize", Normalize},
      {"compose", Compose},
      {"spread", Spread},
      {"separable", Separable},
      {"apply_mask", ApplyMask},
  };
  const auto it = rules->find(op);
  return it == rules->end() ? Autograd : it->second;
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
      FindRule(step->op)(*this, *step);
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

}  // namespace

void Differentiate(Program& program, const StepGoal& goal) {
  Differentiator(program, goal).Run();
  RemoveDeadSteps(program);
  SetLifetimes(program);
}

}  // namespace nasc
