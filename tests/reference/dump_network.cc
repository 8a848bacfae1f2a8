// Runs a network of a space once, on random weights and images, and writes what went into it and
// what came out, for another implementation to be compared with:
//
//   dump_network FILE.space SCALE SEED BATCH OUTPUT [ARCHITECTURE]
//
// Without an architecture the network is the supernet, relaxed to a mixture. OUTPUT is a file that
// dict(torch.load(path)) reads in Python. Everything is in float64.

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/space_file.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "runtime/checkpoint.h"
#include "runtime/network.h"
#include "runtime/parameter_store.h"
#include "runtime/random/random.h"
#include "runtime/threads.h"
#include "runtime/torch_status.h"
#include "strategies/architecture_file.h"
#include "strategies/final_training.h"

namespace nasc {
namespace {

struct Request {
  std::string file;
  std::string scale;
  uint64_t seed = 0;
  int64_t batch = 0;
  std::string output;
  std::string architecture;  // "" for the mixture
};

constexpr ForwardMode kTraining = {/*training=*/true, /*drop_path_progress=*/0};

at::Tensor Gaussian(const std::vector<int64_t>& shape, double mean, double stddev, Rng& rng) {
  at::Tensor tensor = at::empty(shape, at::kDouble);
  auto* values = tensor.data_ptr<double>();
  for (int64_t i = 0; i < tensor.numel(); ++i) values[i] = mean + stddev * rng.Gaussian();
  return tensor;
}

// Whether a tensor of that name holds values that are positive in a trained network.
bool IsPositive(const std::string& name) {
  return absl::EndsWith(name, ".weight") || absl::EndsWith(name, ".running_var");
}

// Moves the scales and offsets away from 1 and 0, where mistakes would not show. Filters are random
// from the start.
void RandomizeVectors(const ParameterStore& store, Rng& rng) {
  const at::NoGradGuard no_grad;
  for (auto [name, tensor] : store.tensors()) {
    if (tensor.dim() != 1) continue;
    const at::Tensor values = Gaussian(tensor.sizes().vec(), 0, 0.2, rng);
    tensor.copy_(IsPositive(name) ? values.exp() : values);
  }
}

// Makes the running statistics about those of the images, as after a training. With others, signals
// vanish or explode on their way through a deep network, and evaluation gives the same for every
// image or nothing but rounding errors.
void RandomizeStatistics(const Network& network, const at::Tensor& images,
                         const Network::Logits& logits, const ParameterStore& store, Rng& rng) {
  const at::NoGradGuard no_grad;
  const auto for_buffers = [&](auto change) {
    for (const ProgramParam& param : network.program().params) {
      if (param.role == ir::Param::Role::kBuffer)
        change(param.name, store.tensors().at(param.name));
    }
  };
  for_buffers([](const std::string&, at::Tensor tensor) { tensor.zero_(); });
  network.Forward(images, logits, kTraining);
  for_buffers([&](const std::string& name, at::Tensor tensor) {
    tensor.mul_(10);  // a step takes a tenth of the batch's statistics
    const at::Tensor noise = Gaussian(tensor.sizes().vec(), 0, 0.2, rng);
    IsPositive(name) ? tensor.mul_(noise.exp()) : tensor.add_(noise);
  });
}

void Keep(const std::string& name, const at::Tensor& tensor, NamedTensors& dump) {
  dump[name] = tensor.detach().clone();
}

absl::Status Dump(const Request& request) {
  absl::StatusOr<Sources> sources = LoadChecked(request.file);
  if (!sources.ok()) return sources.status();
  absl::StatusOr<Space> space = SpaceIn(*sources);
  if (!space.ok()) return space.status();
  absl::StatusOr<ir::Graph> supernet = LowerAt(*space, {request.scale, std::nullopt});
  if (!supernet.ok()) return supernet.status();
  std::optional<Architecture> architecture;
  if (!request.architecture.empty()) {
    absl::StatusOr<Architecture> loaded = LoadArchitecture(request.architecture, *supernet);
    if (!loaded.ok()) return loaded.status();
    architecture = *std::move(loaded);
  }
  absl::StatusOr<ir::Graph> graph =
      architecture.has_value() ? Fix(*supernet, *architecture) : RelaxToMixture(*supernet);
  if (!graph.ok()) return graph.status();
  absl::StatusOr<Program> program = BuildProgram(*graph);
  if (!program.ok()) return program.status();
  ParameterStore store(at::kDouble, request.seed);
  absl::StatusOr<Network> network = Network::Create(*std::move(program), store);
  if (!network.ok()) return network.status();

  Rng rng(request.seed);
  NamedTensors dump;
  RandomizeVectors(store, rng);
  Network::Logits logits;
  for (const ProgramDecision& decision : network->program().decisions) {
    logits[decision.path] = Gaussian({decision.options}, 0, 1, rng).set_requires_grad(true);
    Keep(absl::StrCat("logits/", decision.path), logits[decision.path], dump);
  }
  std::vector<int64_t> shape = network->program().input_shape;
  shape[0] = request.batch;
  const at::Tensor images = Gaussian(shape, 0, 1, rng);
  Keep("images", images, dump);
  RandomizeStatistics(*network, images, logits, store, rng);
  for (const auto& [name, tensor] : store.tensors()) {
    Keep(absl::StrCat("weight/", name), tensor, dump);
  }

  const Program& built = network->program();
  const int64_t classes = built.values[built.results[0].value].shape[1];
  const at::Tensor labels = at::empty({request.batch}, at::kLong);
  for (int64_t i = 0; i < request.batch; ++i) {
    labels.data_ptr<int64_t>()[i] = static_cast<int64_t>(rng.Below(classes));
  }
  const Network::Outcome outcome =
      network->Step(images, labels, logits, kTraining, {/*weights=*/true, /*decisions=*/true});
  Keep("labels", labels, dump);
  Keep("output", outcome.output.logits, dump);
  if (outcome.output.auxiliary.defined()) Keep("auxiliary", outcome.output.auxiliary, dump);
  Keep("loss", at::empty({}, at::kDouble).fill_(outcome.loss), dump);
  for (const ProgramParam& param : network->program().params) {
    const at::Tensor& tensor = store.tensors().at(param.name);
    if (param.role == ir::Param::Role::kBuffer) {
      Keep(absl::StrCat("buffer_after/", param.name), tensor, dump);
    } else if (tensor.grad().defined()) {
      Keep(absl::StrCat("gradient/", param.name), tensor.grad(), dump);
    }
  }
  for (const auto& [path, tensor] : logits) {
    if (tensor.grad().defined()) Keep(absl::StrCat("logits_gradient/", path), tensor.grad(), dump);
  }

  const at::NoGradGuard no_grad;
  if (architecture.has_value()) {
    program = InferenceProgram(*supernet, *architecture);
    if (!program.ok()) return program.status();
    network = Network::Create(*std::move(program), store);
    if (!network.ok()) return network.status();
  }
  Keep("eval_output", network->Forward(images, logits, ForwardMode{}).logits, dump);
  return SaveTensors(request.output, dump);
}

absl::Status Main(const std::vector<std::string>& args) {
  Request request;
  if (args.size() < 5 || args.size() > 6 || !absl::SimpleAtoi(args[2], &request.seed) ||
      !absl::SimpleAtoi(args[3], &request.batch) || request.batch < 1) {
    return absl::InvalidArgumentError(
        "usage: dump_network FILE.space SCALE SEED BATCH OUTPUT [ARCHITECTURE]");
  }
  request.file = args[0];
  request.scale = args[1];
  request.output = args[4];
  if (args.size() == 6) request.architecture = args[5];
  SetThreads(1);
  return CatchTorch("computing", [&] { return Dump(request); });
}

}  // namespace
}  // namespace nasc

int main(int argc, char** argv) {
  const absl::Status status = nasc::Main({argv + 1, argv + argc});
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}
