#include "tests/functions/random_network.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "runtime/network.h"
#include "runtime/parameter_store.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

// Filters are small, so that variances are not far above the epsilon of batch norms, which
// otherwise take away the scale of what they get and hide differences.
constexpr double kFilters = 0.02;
constexpr double kScalesAndOffsets = 0.2;

void FillGaussian(const at::Tensor& tensor, double stddev, uint64_t seed) {
  Rng rng(seed);
  const at::Tensor values = at::empty(tensor.sizes(), at::kDouble);
  auto* numbers = values.data_ptr<double>();
  for (int64_t i = 0; i < values.numel(); ++i) numbers[i] = stddev * rng.Gaussian();
  tensor.copy_(values);
}

}  // namespace

absl::StatusOr<std::vector<double>> RandomLogits(const ir::Graph& supernet,
                                                 const Architecture& architecture,
                                                 const std::vector<std::string>& weighted,
                                                 const std::vector<int>& streams) {
  const at::NoGradGuard no_grad;
  absl::StatusOr<ir::Graph> graph = Fix(supernet, architecture);
  if (!graph.ok()) return graph.status();
  absl::StatusOr<Program> program = BuildProgram(*graph);
  if (!program.ok()) return program.status();
  ParameterStore store(at::kDouble, 1);
  absl::StatusOr<Network> network = Network::Create(*std::move(program), store);
  if (!network.ok()) return network.status();
  for (const auto& [name, tensor] : store.tensors()) {
    for (size_t i = 0; i < weighted.size(); ++i) {
      if (!absl::StartsWith(name, weighted[i] + ".")) continue;
      const std::string rest = name.substr(weighted[i].size());
      if (rest != ".weight" && rest != ".bias") continue;
      const bool is_filter = tensor.dim() > 1;
      FillGaussian(tensor, is_filter ? kFilters : kScalesAndOffsets,
                   HashSeed(7, absl::StrCat(streams[i], rest)));
      // Scales and offsets are about 1, so that rectifiers do not cut off what is constant.
      if (!is_filter) tensor.add_(1);
    }
  }
  std::vector<int64_t> shape = network->program().input_shape;
  shape[0] = 4;
  const at::Tensor images = at::empty(shape, at::kDouble);
  FillGaussian(images, 1, 3);
  const at::Tensor logits =
      network->Forward(images, {}, {/*training=*/true, /*drop_path_progress=*/0})
          .logits.contiguous();
  const auto* first = logits.data_ptr<double>();
  return std::vector<double>(first, first + logits.numel());
}

double Distance(const std::vector<double>& a, const std::vector<double>& b) {
  double greatest = 0;
  for (size_t i = 0; i < a.size(); ++i) greatest = std::max(greatest, std::abs(a[i] - b[i]));
  return greatest;
}

}  // namespace nasc
