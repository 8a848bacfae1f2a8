#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "runtime/compute.h"
#include "runtime/network.h"
#include "runtime/random/random.h"
#include "runtime/torch_status.h"
#include "strategies/evaluate/latency.h"

namespace nasc {
namespace {

at::Tensor Noise(std::vector<int64_t> shape, int64_t batch, Rng& rng) {
  shape[0] = batch;
  at::Tensor noise = at::empty(shape, at::kFloat);
  auto* const values = noise.data_ptr<float>();
  // Its values do not change the time; uniform ones are quick to draw.
  for (int64_t i = 0; i < noise.numel(); ++i) values[i] = static_cast<float>(rng.Uniform() - 0.5);
  if (shape.size() == 4) noise = noise.contiguous(at::MemoryFormat::ChannelsLast);
  return noise.to(CurrentCompute().device);
}

double MedianSeconds(const LatencyOptions& options, const std::function<void()>& pass) {
  for (int64_t i = 0; i < options.warmup; ++i) pass();
  std::vector<double> seconds;
  for (int64_t i = 0; i < options.runs; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    pass();
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  const auto middle = seconds.begin() + static_cast<int64_t>(seconds.size()) / 2;
  std::nth_element(seconds.begin(), middle, seconds.end());
  return *middle;
}

// The step as a program of its own.
Program Alone(const Program& program, const ProgramStep& step) {
  Program alone;
  alone.space = program.space;
  alone.scale = program.scale;
  alone.input_shape = program.values[step.inputs[0]].shape;
  alone.values = {{alone.input_shape}, program.values[step.outputs[0]]};
  ProgramStep input;
  input.name = input.op = alone.input_shape.size() == 4 ? "input" : "features";
  input.outputs = {0};
  ProgramStep only = step;
  only.inputs = {0};
  only.outputs = {1};
  only.params.clear();
  for (const int param : step.params) {
    only.params.push_back(static_cast<int>(alone.params.size()));
    alone.params.push_back(program.params[param]);
  }
  alone.steps = {std::move(input), std::move(only)};
  alone.results = {{"logits", 1, 1}};
  SetLifetimes(alone);
  return alone;
}

}  // namespace

absl::StatusOr<double> MeasureLatency(const Program& program, const LatencyOptions& options,
                                      uint64_t seed) {
  ParameterStore store(at::kFloat, seed);
  absl::StatusOr<Network> network = Network::Create(program, store);
  if (!network.ok()) return network.status();
  return CatchTorch("measuring the latency", [&]() -> absl::StatusOr<double> {
    Rng rng(HashSeed(seed, "latency"));
    const at::Tensor input = Noise(program.input_shape, options.batch, rng);
    return MedianSeconds(options, [&] { network->Forward(input, {}, ForwardMode{}); });
  });
}

absl::StatusOr<double> MeasureOperation(const Program& program, const ProgramStep& step,
                                        const LatencyOptions& options, uint64_t seed) {
  if (step.inputs.size() == 1) return MeasureLatency(Alone(program, step), options, seed);
  const Kernel kernel = FindKernel(step.op);
  ParameterStore store(at::kFloat, seed);
  std::vector<at::Tensor> params;
  for (const int param : step.params) {
    absl::StatusOr<at::Tensor> tensor = store.Get(program.params[param]);
    if (!tensor.ok()) return tensor.status();
    params.push_back(*std::move(tensor));
  }
  return CatchTorch("measuring the latency", [&]() -> absl::StatusOr<double> {
    const at::NoGradGuard no_grad;
    Rng rng(HashSeed(seed, "latency"));
    std::vector<at::Tensor> inputs;
    for (const int input : step.inputs) {
      inputs.push_back(Noise(program.values[input].shape, options.batch, rng));
    }
    const ForwardMode inference;
    const KernelArgs args{step, inputs, params, inference, &program.values[step.outputs[0]].shape};
    return MedianSeconds(options, [&] { kernel(args); });
  });
}

}  // namespace nasc
