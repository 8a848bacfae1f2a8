#include "bench/step_runner.h"

#include <ATen/ops/empty.h>
#include <torch/csrc/autograd/function.h>

#include <chrono>
#include <set>

#include "cli/space_file.h"
#include "compiler/draw.h"
#include "compiler/program/stats.h"
#include "compiler/relax.h"
#include "runtime/unrolled_step.h"
#include "strategies/architecture_file.h"

namespace nasc {
namespace {

constexpr double kRate = 0.025;
constexpr double kDecisionRate = 3e-4;

absl::StatusOr<Program> Built(absl::StatusOr<ir::Graph> graph) {
  if (!graph.ok()) return graph.status();
  return BuildProgram(*graph);
}

// The operators of a backward part that autograd recorded.
int64_t CountBackward(const at::Tensor& loss) {
  std::set<const torch::autograd::Node*> seen;
  std::vector<const torch::autograd::Node*> open = {loss.grad_fn().get()};
  while (!open.empty()) {
    const torch::autograd::Node* node = open.back();
    open.pop_back();
    if (node == nullptr || !seen.insert(node).second) continue;
    for (const torch::autograd::Edge& edge : node->next_edges())
      open.push_back(edge.function.get());
  }
  return static_cast<int64_t>(seen.size());
}

at::Tensor Gaussian(const std::vector<int64_t>& shape, Rng& rng) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data_ptr<float>()[i] = static_cast<float>(rng.Gaussian());
  }
  return tensor;
}

}  // namespace

absl::StatusOr<Subject> Subject::Load(const Case& which) {
  const std::string folder = "examples/";
  absl::StatusOr<Sources> sources = LoadChecked(folder + which.space);
  if (!sources.ok()) return sources.status();
  absl::StatusOr<Space> space = SpaceIn(*sources);
  if (!space.ok()) return space.status();
  Subject subject;
  absl::StatusOr<ir::Graph> graph = LowerAt(*space, {which.scale, std::nullopt});
  if (!graph.ok()) return graph.status();
  subject.supernet_ = *std::move(graph);
  const std::string architecture = which.architecture;
  subject.samples_ = architecture == kSample;
  if (!subject.samples_ && architecture != kMixture) {
    absl::StatusOr<Architecture> loaded =
        LoadArchitecture(folder + architecture, subject.supernet_);
    if (!loaded.ok()) return loaded.status();
    subject.architecture_ = *std::move(loaded);
  }
  return subject;
}

absl::StatusOr<Program> Subject::Whole() const {
  return architecture_.has_value() ? Built(Fix(supernet_, *architecture_))
                                   : Built(RelaxToMixture(supernet_));
}

absl::StatusOr<Program> Subject::Sample(uint64_t step) const {
  Rng rng(step);
  return Built(RelaxToSample(
      supernet_, DrawSample(supernet_.decisions, [&rng](uint64_t n) { return rng.Below(n); })));
}

absl::StatusOr<std::unique_ptr<Runner>> Runner::Make(const Subject& subject, int64_t batch,
                                                     bool reference,
                                                     const NetworkOptions& options) {
  auto runner = std::unique_ptr<Runner>(new Runner(subject, reference, options));
  absl::StatusOr<Program> program = subject.Whole();
  if (!program.ok()) return program.status();
  absl::Status status = runner->Take(*program);
  if (!status.ok()) return status;
  if (reference) {
    for (const auto& [name, tensor] : runner->store_.tensors()) {
      tensor.set_data(tensor.contiguous());
    }
  }
  Rng rng(1);
  for (const ProgramDecision& decision : program->decisions) {
    runner->logits_[decision.path] = Gaussian({decision.options}, rng).set_requires_grad(reference);
  }
  std::vector<int64_t> shape = program->input_shape;
  shape[0] = batch;
  runner->images_ = Gaussian(shape, rng);
  runner->labels_ = at::empty({batch}, at::kLong);
  for (int64_t i = 0; i < batch; ++i) {
    runner->labels_.data_ptr<int64_t>()[i] = static_cast<int64_t>(rng.Below(10));
  }
  std::vector<at::Tensor> logits;
  for (const auto& [path, tensor] : runner->logits_) logits.push_back(tensor);
  runner->weights_ = runner->store_.Weights();
  runner->sgd_ = MakeSgd(runner->weights_, {0.9, 3e-4});
  runner->adam_ = MakeAdam(logits, {0.5, 0.999, 1e-3});
  return runner;
}

absl::StatusOr<double> Runner::Run(Step step) {
  double milliseconds = 0;
  kernels_ = 0;
  macs_ = 0;
  for (const bool weights : {false, true}) {
    if (step == (weights ? Step::kDecisions : Step::kWeights)) continue;
    if (subject_.samples() && reference_) {
      if (absl::Status status = TakeSample(); !status.ok()) return status;
    }
    const auto begin = std::chrono::steady_clock::now();
    if (subject_.samples() && !reference_) {
      if (absl::Status status = TakeSample(); !status.ok()) return status;
    }
    if (step == Step::kSecondOrder && !weights) {
      if (absl::Status status = StepSecondOrder(); !status.ok()) return status;
    } else {
      RunOnce(weights);
    }
    milliseconds +=
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  }
  return milliseconds;
}

absl::Status Runner::Take(const Program& program) {
  absl::StatusOr<Network> network = Network::Create(program, store_, options_);
  if (!network.ok()) return network.status();
  network_ = std::make_unique<Network>(*std::move(network));
  return absl::OkStatus();
}

absl::Status Runner::TakeSample() {
  absl::StatusOr<Program> program = subject_.Sample(++samples_taken_);
  return program.ok() ? Take(*program) : program.status();
}

// The papers' codes compute all gradients in every step; ours only those that it is for.
void Runner::SetGradients(const StepGoal& goal) {
  Rng rng(2);
  ForwardMode mode;
  mode.training = true;
  mode.rng = &rng;
  if (reference_) {
    const at::Tensor loss = network_->Loss(network_->Reference(images_, logits_, mode), labels_);
    loss_ = loss.item<double>();
    kernels_ += static_cast<int64_t>(network_->program().steps.size()) + CountBackward(loss);
    loss.backward();
    return;
  }
  loss_ = network_->Step(images_, labels_, logits_, mode, goal).loss;
  const Program& program = network_->Compiled(/*training=*/true, goal).program();
  kernels_ += static_cast<int64_t>(program.steps.size());
  for (const ProgramStep& step : program.steps) macs_ += MacsOf(program, step) * images_.size(0);
}

void Runner::RunOnce(bool weights) {
  sgd_->ZeroGrad();
  adam_->ZeroGrad();
  SetGradients({weights, !weights});
  if (weights) {
    ClipGradients(weights_, 5);
    sgd_->Step(kRate);
  } else {
    adam_->Step(kDecisionRate);
  }
}

absl::Status Runner::StepSecondOrder() {
  UnrolledStep step;
  step.weights = weights_;
  for (const auto& [path, tensor] : logits_) step.logits.push_back(tensor);
  step.rate = kRate;
  const auto gradients = [this](bool weights, bool decisions) {
    return [this, weights, decisions] {
      SetGradients({weights, decisions});
      return absl::OkStatus();
    };
  };
  step.training_by_weights = gradients(true, false);
  step.training_by_decisions = gradients(false, true);
  step.validation_by_both = gradients(true, true);
  step.preview = [this] { sgd_->Preview(kRate); };
  absl::Status status = SetUnrolledGradients(step);
  if (status.ok()) adam_->Step(kDecisionRate);
  return status;
}

}  // namespace nasc
