#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/program/differentiator.h"
#include "compiler/program/steps.h"

namespace nasc {
namespace {

using Kind = ProgramValue::Kind;

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
  const LoadedGradient g = d.LoadByChannel(step, step.outputs[0]);
  d.AddSum(x, d.EmitOne(step, "max_pool_gradient",
                        {x, g.dy, g.dy_coefficients, g.y, g.y_coefficients, d.TakeSum(x)},
                        d.Like(x), step.attributes));
}

void AvgPool(Differentiator& d, const ProgramStep& step) {
  const int x = step.inputs[0];
  const LoadedGradient g = d.LoadByChannel(step, step.outputs[0]);
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
  std::vector<ProgramValue> outputs;
  std::vector<bool> wanted;
  std::vector<ProgramAttribute> sizes;
  for (size_t i = 0; i < step.inputs.size(); ++i) {
    outputs.push_back(d.Like(step.inputs[i]));
    wanted.push_back(d.Needs(step.inputs[i]));
    sizes.emplace_back(absl::StrCat("size", i), d.Shape(step.inputs[i])[1]);
  }
  ProgramStep of = step;
  of.attributes = std::move(sizes);
  const std::vector<int> made = d.Emit(of, "concat_gradient", {dy}, outputs, wanted);
  for (size_t i = 0; i < made.size(); ++i) {
    if (made[i] >= 0) d.AddSum(step.inputs[i], made[i]);
  }
}

void Slice(Differentiator& d, const ProgramStep& step) {
  const int x = step.inputs[0];
  const int dy = d.Total(step, step.outputs[0]);
  d.AddSum(x, d.EmitOne(step, "slice_gradient", {dy, d.TakeSum(x)}, d.Like(x), step.attributes));
}

// Back to the groups: the other number of groups undoes it.
void ChannelShuffle(Differentiator& d, const ProgramStep& step) {
  const int x = step.inputs[0];
  d.AddSum(x, d.EmitOne(step, "channel_shuffle", {d.Total(step, step.outputs[0])}, d.Like(x),
                        {{"groups", d.Shape(x)[1] / Whole(step, "groups")}}));
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
  bool by_image = false;
  for (size_t i = 0; i < step.inputs.size(); i += 2) {
    d.Add(step.inputs[i], {dy, d.Needs(step.inputs[i]) ? d.Factors(step, step.inputs[i + 1]) : -1});
    if (!d.Needs(step.inputs[i + 1])) continue;
    summed.push_back(step.inputs[i]);
    coefficients.push_back(step.inputs[i + 1]);
    by_image |= d.IsByImage(step.inputs[i + 1]);
  }
  if (coefficients.empty()) return;
  std::vector<int64_t> shape = {static_cast<int64_t>(summed.size()), d.Shape(dy)[1]};
  if (by_image) shape.insert(shape.begin(), -1);
  const int sums = d.EmitOne(step, "channel_sums", summed, {std::move(shape), Kind::kStatistics});
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
template <GradientRule kRule>
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

}  // namespace

GradientRule FindGradientRule(const std::string& op) {
  static const auto* const rules = new std::map<std::string, GradientRule>{
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
      {"slice", Slice},
      {"channel_shuffle", ChannelShuffle},
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

}  // namespace nasc
