#include "runtime/model.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/verifier.h"
#include "compiler/program/program.h"
#include "runtime/batch.h"
#include "runtime/checkpoint.h"
#include "runtime/network.h"
#include "runtime/parameter_store.h"
#include "runtime/preparation_notes.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

absl::StatusOr<Program> ReadProgram(absl::string_view text) {
  absl::StatusOr<ir::Graph> graph = ir::ParseGraph(text);
  if (!graph.ok()) return graph.status();
  if (absl::Status status = ir::Verify(*graph); !status.ok()) return status;
  absl::StatusOr<Program> program = BuildProgram(*graph);
  if (!program.ok()) return program.status();
  if (program->input_shape.size() != 4 || !program->decisions.empty()) {
    return absl::InvalidArgumentError(
        "the graph is not that of one architecture for images: `nasc export --format ir` writes "
        "those");
  }
  return program;
}

absl::Status PutWeights(const Program& program, const NamedTensors& weights,
                        ParameterStore& store) {
  for (const ProgramParam& param : program.params) {
    const auto it = weights.find(param.name);
    if (it == weights.end() || it->second.sizes() != c10::IntArrayRef(param.shape)) {
      return absl::FailedPreconditionError(
          absl::StrCat("the weights are not those of the network: ", param.name,
                       it == weights.end() ? " is missing" : " has another shape"));
    }
    store.Put(param.name, param.role, it->second);
  }
  return absl::OkStatus();
}

}  // namespace

Model::Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;
Model::~Model() = default;

absl::StatusOr<Model> Model::Load(absl::string_view graph, absl::string_view weights) {
  absl::StatusOr<Program> program = ReadProgram(graph);
  if (!program.ok()) return program.status();
  const absl::StatusOr<TensorFile> file = ReadTensors(weights, "the weights");
  if (!file.ok()) return file.status();
  absl::StatusOr<ImagePreparation> preparation = PreparationIn(file->notes);
  if (!preparation.ok()) return preparation.status();
  Model model;
  model.preparation_ = *std::move(preparation);
  const auto side = [&](size_t dim) {
    return static_cast<int>(program->input_shape[dim] - 2 * model.preparation_.padding);
  };
  model.image_ = {static_cast<int>(program->input_shape[1]), side(2), side(3)};
  model.store_ = std::make_unique<ParameterStore>(at::kFloat, /*seed=*/0);
  absl::Status put = PutWeights(*program, file->tensors, *model.store_);
  if (!put.ok()) return put;
  absl::StatusOr<Network> network = Network::Create(*std::move(program), *model.store_);
  if (!network.ok()) return network.status();
  model.network_ = std::make_unique<Network>(*std::move(network));
  // Also compiles it, so that the first image is not slower than the others.
  const absl::StatusOr<std::vector<float>> black =
      model.Run(std::vector<uint8_t>(model.image_.size()));
  if (!black.ok()) return black.status();
  model.classes_ = static_cast<int64_t>(black->size());
  return model;
}

absl::StatusOr<std::vector<float>> Model::Run(absl::Span<const uint8_t> images) const {
  constexpr int64_t kBatch = 64;
  const auto bytes = static_cast<int64_t>(images.size());
  if (bytes == 0 || bytes % image_.size() != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(bytes, " bytes are no whole number of images of ", image_.channels, "x",
                     image_.height, "x", image_.width, " bytes"));
  }
  ImageSet set;
  set.shape = image_;
  set.classes = 1;
  set.pixels.assign(images.begin(), images.end());
  set.labels.resize(bytes / image_.size());
  std::vector<int64_t> order(set.labels.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  LoaderOptions options;
  options.batch_size = static_cast<int>(std::min(kBatch, set.size()));
  options.channels_last = true;
  options.pad = static_cast<int>(preparation_.padding);
  options.normalization = preparation_.normalization;
  absl::StatusOr<Loader> loader = Loader::Create(&set, std::move(order), options, /*seed=*/0);
  if (!loader.ok()) return loader.status();
  return CatchTorch("computing logits", [&]() -> absl::StatusOr<std::vector<float>> {
    const at::NoGradGuard no_grad;
    std::vector<float> all;
    for (int64_t b = 0; b < loader->batches(); ++b) {
      const Batch batch = NextBatch(*loader, at::kFloat);
      const at::Tensor logits =
          network_->Forward(batch.inputs, {}, ForwardMode{}).logits.cpu().contiguous();
      const float* const begin = logits.data_ptr<float>();
      all.insert(all.end(), begin, begin + logits.numel());
    }
    return all;
  });
}

std::vector<double> Probabilities(absl::Span<const float> logits) {
  const float greatest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> probabilities;
  for (const float logit : logits) probabilities.push_back(std::exp(double{logit} - greatest));
  const double sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0);
  for (double& probability : probabilities) probability /= sum;
  return probabilities;
}

}  // namespace nasc
