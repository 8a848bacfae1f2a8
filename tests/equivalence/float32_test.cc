// Every step of compiled programs in float32 against the same step in float64, from the same
// numbers: gradients of whole networks in float32 differ between equal formulations by ties, steps
// do not.
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/executable.h"
#include "runtime/network.h"
#include "runtime/steps/step_kernel.h"
#include "tests/equivalence/examples.h"

namespace nasc {
namespace {

constexpr int64_t kBatch = 3;
constexpr double kTolerance = 1e-5;  // of the largest number

constexpr int64_t kTies = 10000;  // among so many numbers one may be a tie

using Tensors = std::vector<at::Tensor>;

bool IsGradientOfTies(const ProgramStep& step) {
  return step.op == "separable_gradient" || step.op == "max_pool_gradient";
}

bool IsSum(const Program& program, const ProgramStep& step, size_t output) {
  using Kind = ProgramValue::Kind;
  if (step.inputs.empty() || step.inputs[0] < 0) return false;
  const ProgramValue& of = program.values[step.inputs[0]];
  return program.values[step.outputs[output]].kind == Kind::kStatistics &&
         of.kind == Kind::kActivation && of.shape.size() > 1;
}

// What sums over batch and pixels add up of a channel, where their terms take each other away.
double GreatestSum(const at::Tensor& x) {
  return x.abs()
      .transpose(0, 1)
      .flatten(1)
      .sum(1, /*keepdim=*/false, at::kDouble)
      .max()
      .item<double>();
}

double GreatestProduct(const Tensors& inputs) {
  return inputs[0].mul(inputs[1]).abs().max().item<double>();
}

// One training step of a program, step by step in float64; each also in float32.
class StepByStep {
 public:
  explicit StepByStep(const Program& program)
      : doubles_(at::kDouble, 5), network_(*Network::Create(program, doubles_)) {}

  void Run() {
    const at::NoGradGuard no_grad;
    const Program& program =
        network_.Compiled(/*training=*/true, {/*weights=*/true, /*decisions=*/true}).program();
    Rng rng(3);
    std::vector<int64_t> shape = program.input_shape;
    shape[0] = kBatch;
    const at::Tensor images = Gaussian(shape, rng)
                                  .contiguous(shape.size() == 4 ? at::MemoryFormat::ChannelsLast
                                                                : at::MemoryFormat::Contiguous);
    targets_ = at::empty({kBatch}, at::kLong);
    for (int64_t i = 0; i < kBatch; ++i) targets_.data_ptr<int64_t>()[i] = i % 2;
    Tensors values(program.values.size());
    for (const ProgramStep& step : program.steps) {
      if (IsInput(step)) {
        values[step.outputs[0]] = images;
      } else if (IsGiven(step)) {
        values[step.outputs[0]] = Gaussian({program.decisions[step.decision].options}, rng);
      } else {
        Compare(program, step, values);
      }
    }
  }

 private:
  void Compare(const Program& program, const ProgramStep& step, Tensors& values) {
    Tensors inputs;
    Tensors single_inputs;
    for (const int value : step.inputs) {
      inputs.push_back(value < 0 ? at::Tensor() : values[value]);
      const bool is_activation =
          value >= 0 && program.values[value].kind == ProgramValue::Kind::kActivation;
      // What a step adds to its first input must not be seen by the other.
      single_inputs.push_back(is_activation ? inputs.back().to(at::kFloat) : inputs.back());
    }
    Tensors params;
    Tensors single_params;
    for (const int param : step.params) {
      params.push_back(PartOf(*doubles_.Get(program.params[param]), program.params[param]));
      single_params.push_back(params.back().detach().to(at::kFloat));
    }
    const Tensors singles = Compute(program, step, single_inputs, single_params, at::kFloat);
    const Tensors exact = Compute(program, step, inputs, params, at::kDouble);
    for (size_t i = 0; i < step.outputs.size(); ++i) {
      if (step.outputs[i] < 0) continue;
      values[step.outputs[i]] = exact[i];
      double greatest = exact[i].abs().max().item<double>();
      if (IsSum(program, step, i)) greatest = std::max(greatest, GreatestSum(inputs[0]));
      // Options that make no difference take each other away as well.
      if (step.op == "softmax_gradient") greatest = std::max(greatest, GreatestProduct(inputs));
      const at::Tensor apart = singles[i].to(at::kDouble).sub(exact[i]).abs();
      const auto far = apart.gt(kTolerance * greatest).sum().item<int64_t>();
      // Where float32 rounds to the other side of a ReLU's zero, a gradient passes or does not.
      EXPECT_LE(far, IsGradientOfTies(step) ? apart.numel() / kTies : 0)
          << step.op << " of " << step.name << ", output " << i << ": "
          << apart.max().item<double>() << " of at most " << greatest;
    }
  }

  Tensors Compute(const Program& program, const ProgramStep& step, const Tensors& inputs,
                  const Tensors& params, at::ScalarType dtype) const {
    Rng drops(4);
    ForwardMode mode;
    mode.training = true;
    mode.drop_path_progress = 0.5;
    mode.rng = &drops;
    if (const StepKernel kernel = FindStepKernel(step.op); kernel != nullptr) {
      return kernel({program, step, inputs, params, mode, targets_, kBatch, dtype});
    }
    const std::vector<int64_t>& shape = program.values[step.outputs[0]].shape;
    return {InStepOrder(FindKernel(step.op)({step, inputs, params, mode, &shape}))};
  }

  ParameterStore doubles_;
  Network network_;
  at::Tensor targets_;
};

class Float32Test : public testing::TestWithParam<Example> {};

TEST_P(Float32Test, StepsAreNearThoseInFloat64) {
  for (const Program& program : ProgramsOf(GetParam())) StepByStep(program).Run();
}

INSTANTIATE_TEST_SUITE_P(Examples, Float32Test, testing::ValuesIn(Examples()), NameOf);

}  // namespace
}  // namespace nasc
