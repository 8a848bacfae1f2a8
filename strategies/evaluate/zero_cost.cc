#include "strategies/evaluate/zero_cost.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/corrcoef.h>
#include <ATen/ops/linalg_eigvalsh.h>
#include <ATen/ops/linalg_slogdet.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <functional>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "runtime/compute.h"
#include "runtime/executable.h"
#include "runtime/network.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

absl::StatusOr<double> Finite(const char* score, double value) {
  if (std::isfinite(value)) return value;
  return absl::OutOfRangeError(absl::StrCat(score, " is no finite number"));
}

template <typename Body>
absl::StatusOr<double> Finish(const char* name, Body body) {
  return CatchTorch(absl::StrCat("computing ", name), [&]() -> absl::StatusOr<double> {
    const at::AutoGradMode enable(true);
    return Finite(name, body());
  });
}

// As a training runs, but that nothing is dropped on whole paths.
struct AsInTraining {
  explicit AsInTraining(uint64_t seed) : rng(HashSeed(seed, "proxy")) {
    mode.training = true;
    mode.drop_path_progress = 0;
    mode.rng = &rng;
  }
  Rng rng;
  ForwardMode mode;
};

// The kernels of convolutions and the matrices of linear layers, in the order of their names.
std::vector<at::Tensor> Matrices(const ParameterStore& store) {
  std::vector<at::Tensor> matrices;
  for (at::Tensor& weight : store.Weights()) {
    if (weight.dim() >= 2) matrices.push_back(std::move(weight));
  }
  return matrices;
}

// Undefined gradients are those of weights that `of` does not depend on.
std::vector<at::Tensor> Gradients(const at::Tensor& of, const std::vector<at::Tensor>& by) {
  if (!of.requires_grad()) return std::vector<at::Tensor>(by.size());
  return torch::autograd::grad({of}, by, /*grad_outputs=*/{}, /*retain_graph=*/false,
                               /*create_graph=*/false, /*allow_unused=*/true);
}

// The norms pass on what they are given.
Program WithoutNorms(Program program) {
  for (ProgramStep& step : program.steps) {
    if (step.op != "bn" && step.op != "layer_norm") continue;
    step.op = "identity";
    step.params.clear();
    step.attributes.clear();
  }
  return program;
}

}  // namespace

absl::StatusOr<double> Synflow(const ZeroCostInput& input) {
  ParameterStore store(at::kDouble, input.seed);
  absl::StatusOr<Network> network = Network::Create(WithoutNorms(input.program), store);
  if (!network.ok()) return network.status();
  return Finish("synflow", [&] {
    const std::vector<at::Tensor> weights = store.Weights();
    {
      const at::NoGradGuard no_grad;
      for (const at::Tensor& weight : weights) weight.abs_();
    }
    std::vector<int64_t> shape = input.program.input_shape;
    shape[0] = 1;
    const at::Tensor ones =
        at::ones(shape, at::TensorOptions(CurrentCompute().device).dtype(at::kDouble));
    const at::Tensor sum = network->Reference(ones, {}, ForwardMode{}).logits.sum();
    const std::vector<at::Tensor> matrices = Matrices(store);
    const std::vector<at::Tensor> gradients = Gradients(sum, matrices);
    double score = 0;
    for (size_t i = 0; i < matrices.size(); ++i) {
      if (!gradients[i].defined()) continue;
      score += matrices[i].mul(gradients[i]).abs().sum().item<double>();
    }
    return score;
  });
}

absl::StatusOr<double> JacobianCovariance(const ZeroCostInput& input) {
  constexpr double kStable = 1e-5;
  ParameterStore store(at::kFloat, input.seed);
  absl::StatusOr<Network> network = Network::Create(input.program, store);
  if (!network.ok()) return network.status();
  return Finish("jacob_cov", [&] {
    const AsInTraining as(input.seed);
    const at::Tensor x =
        input.batch.inputs.detach().to(CurrentCompute().device).set_requires_grad(true);
    const at::Tensor outputs = network->Reference(x, {}, as.mode).logits;
    const at::Tensor jacobian = Gradients(outputs.sum(), {x})[0];
    if (!jacobian.defined()) return std::nan("");
    const at::NoGradGuard no_grad;
    const at::Tensor correlation = at::corrcoef(jacobian.flatten(1).to(at::kCPU, at::kDouble));
    // A row without spread has no correlation.
    if (!correlation.isfinite().all().item<bool>()) return std::nan("");
    const at::Tensor values = at::linalg_eigvalsh(correlation).add(kStable);
    return -values.log().add(values.reciprocal()).sum().item<double>();
  });
}

absl::StatusOr<double> NasWot(const ZeroCostInput& input) {
  ParameterStore store(at::kFloat, input.seed);
  absl::StatusOr<Executable> executable =
      Executable::Create(input.program, store, Executable::Kernels::kLibTorch);
  if (!executable.ok()) return executable.status();
  return Finish("naswot", [&] {
    const at::NoGradGuard no_grad;
    const AsInTraining as(input.seed);
    const int64_t batch = input.batch.inputs.size(0);
    at::Tensor kernel = at::zeros({batch, batch}, at::kDouble);
    const auto count = [&](const ProgramStep& step, const at::Tensor& value) {
      if (step.op != "relu" && step.op != "relu6") return;
      // Products of a layer's bits are whole numbers that float32 holds; their sums may be greater.
      const at::Tensor on = value.gt(0).flatten(1).to(at::kFloat);
      const at::Tensor off = on.neg().add(1);
      kernel.add_(on.mm(on.t()).add(off.mm(off.t())).to(at::kCPU, at::kDouble));
    };
    executable->Run(input.batch.inputs.to(CurrentCompute().device), {}, {}, as.mode, count);
    return std::get<1>(at::linalg_slogdet(kernel)).item<double>();
  });
}

absl::StatusOr<double> GradientNorm(const ZeroCostInput& input) {
  ParameterStore store(at::kFloat, input.seed);
  absl::StatusOr<Network> network = Network::Create(input.program, store);
  if (!network.ok()) return network.status();
  return Finish("grad_norm", [&] {
    const AsInTraining as(input.seed);
    const c10::Device device = CurrentCompute().device;
    const Network::Output output = network->Reference(input.batch.inputs.to(device), {}, as.mode);
    double score = 0;
    for (const at::Tensor& gradient :
         Gradients(network->Loss(output, input.batch.targets.to(device)), Matrices(store))) {
      if (gradient.defined()) score += gradient.norm().item<double>();
    }
    return score;
  });
}

const std::vector<NamedZeroCostScore>& ZeroCostScores() {
  static const auto* const scores = new std::vector<NamedZeroCostScore>{
      {"synflow", Synflow},
      {"naswot", NasWot},
      {"jacob_cov", JacobianCovariance},
      {"grad_norm", GradientNorm},
  };
  return *scores;
}

}  // namespace nasc
