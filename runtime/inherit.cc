#include "runtime/inherit.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "runtime/random/random.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

using Rule = InheritedWeight::Rule;
using Indices = std::vector<int64_t>;

at::Tensor AsIndex(const Indices& indices) { return at::tensor(indices, at::kLong); }

// The channels of a group that stay, in their order.
absl::StatusOr<Indices> Select(const Selection& selection, const NamedTensors& donor) {
  at::Tensor norms = at::zeros({selection.channels}, at::kDouble);
  for (const Selection::Maker& maker : selection.makers) {
    const auto it = donor.find(maker.donor);
    if (it == donor.end() || it->second.size(0) < maker.from + selection.channels) {
      return absl::FailedPreconditionError(
          absl::StrCat("the donor's ", maker.donor, " is not there or has another shape"));
    }
    norms.add_(it->second.narrow(0, maker.from, selection.channels)
                   .to(at::kDouble)
                   .abs()
                   .flatten(1)
                   .sum(1));
  }
  const auto* norm = norms.data_ptr<double>();
  Indices channels(selection.channels);
  std::iota(channels.begin(), channels.end(), 0);
  std::stable_sort(channels.begin(), channels.end(),
                   [norm](int64_t a, int64_t b) { return norm[a] > norm[b]; });
  channels.resize(selection.keep);
  std::sort(channels.begin(), channels.end());
  return channels;
}

// The donor's channel of every channel of a run.
Indices Sources(const InheritedRun& run, const std::vector<Indices>& selected) {
  if (run.selection >= 0) return selected[run.selection];
  Indices sources(run.size / run.repeat);
  const int64_t donors = run.donor_size / run.repeat;
  for (size_t i = 0; i < sources.size(); ++i) sources[i] = static_cast<int64_t>(i) % donors;
  return sources;
}

// Which indices of an axis come from which of the donor's.
struct Gather {
  Indices to;
  Indices from;
};

Gather GatherOf(const InheritedAxis& axis, const std::vector<Indices>& selected) {
  Gather gather;
  for (const InheritedRun& run : axis.runs) {
    const Indices sources = Sources(run, selected);
    for (size_t i = 0; i < sources.size(); ++i) {
      for (int64_t r = 0; r < run.repeat; ++r) {
        gather.to.push_back(run.to + static_cast<int64_t>(i) * run.repeat + r);
        gather.from.push_back(run.from + sources[i] * run.repeat + r);
      }
    }
  }
  return gather;
}

// By row, the share that every index read has of the weight of the one that it is a copy of: [rows,
// indices], the shares of the copies of one adding up to 1.
at::Tensor Shares(const Indices& from, int64_t rows, Rng& rng) {
  std::map<int64_t, Indices> copies;
  for (size_t i = 0; i < from.size(); ++i) copies[from[i]].push_back(static_cast<int64_t>(i));
  at::Tensor shares = at::zeros({rows, static_cast<int64_t>(from.size())}, at::kDouble);
  auto* share = shares.data_ptr<double>();
  for (int64_t row = 0; row < rows; ++row, share += from.size()) {
    for (const auto& [source, places] : copies) {
      if (places.size() == 1) {
        share[places.front()] = 1;
        continue;
      }
      double sum = 0;
      for (const int64_t place : places) sum += share[place] = 0.5 + rng.Uniform();
      for (const int64_t place : places) share[place] /= sum;
    }
  }
  return shares;
}

at::Tensor Window(const at::Tensor& tensor, int64_t dim, int64_t size) {
  const int64_t had = tensor.size(dim);
  if (size <= had) return tensor.narrow(dim, (had - size) / 2, size);
  std::vector<int64_t> shape = tensor.sizes().vec();
  shape[dim] = size;
  at::Tensor wider = at::zeros(shape, tensor.options());
  wider.narrow(dim, (size - had) / 2, had).copy_(tensor);
  return wider;
}

// `fresh` is the weight as it is without a donor.
at::Tensor Adapt(const InheritedWeight& weight, at::Tensor tensor, const at::Tensor& fresh,
                 const std::vector<Indices>& selected, Rng& rng) {
  Indices rows;  // those that the donor has
  for (size_t i = 0; i < weight.axes.size(); ++i) {
    const InheritedAxis& axis = weight.axes[i];
    const auto dim = static_cast<int64_t>(i);
    if (axis.kind == InheritedAxis::Kind::kWindow) {
      tensor = Window(tensor, dim, weight.shape[i]);
    } else if (axis.kind == InheritedAxis::Kind::kChannels) {
      const Gather gather = GatherOf(axis, selected);
      tensor = tensor.index_select(dim, AsIndex(gather.from));
      if (!axis.reads) {
        rows = gather.to;
        continue;
      }
      std::vector<int64_t> share_shape(tensor.dim(), 1);
      share_shape[0] = tensor.size(0);
      share_shape[i] = tensor.size(dim);
      tensor = tensor.mul(Shares(gather.from, tensor.size(0), rng).reshape(share_shape));
      std::vector<int64_t> shape = tensor.sizes().vec();
      shape[i] = weight.shape[i];
      tensor = at::zeros(shape, tensor.options()).index_copy(dim, AsIndex(gather.to), tensor);
    }
  }
  if (rows.empty()) return tensor;
  return fresh.to(at::kDouble).index_copy(0, AsIndex(rows), tensor);
}

// A layer or norm that gives what it takes. 1 / sqrt(variance + 1e-5) of a norm is then 1.
at::Tensor Identity(const InheritedWeight& weight) {
  constexpr double kNormEpsilon = 1e-5;
  const std::vector<int64_t>& shape = weight.shape;
  at::Tensor tensor = at::zeros(shape, at::kDouble);
  if (shape.size() == 2) return at::eye(shape[0], at::kDouble);
  if (shape.size() == 4) {
    const at::Tensor middle = tensor.select(3, shape[3] / 2).select(2, shape[2] / 2);
    if (shape[1] == 1) {
      middle.fill_(1);
    } else {
      middle.copy_(at::eye(shape[0], at::kDouble));
    }
  } else if (absl::EndsWith(weight.name, ".weight")) {
    tensor.fill_(1);
  } else if (absl::EndsWith(weight.name, ".running_var")) {
    tensor.fill_(1 - kNormEpsilon);
  }
  return tensor;
}

}  // namespace

absl::Status InheritWeights(const InheritPlan& plan, const NamedTensors& donor,
                            const Program& program, uint64_t seed, ParameterStore& store) {
  std::map<std::string, const InheritedWeight*> weights;
  for (const InheritedWeight& weight : plan.weights) weights[weight.name] = &weight;
  return CatchTorch("inheriting weights", [&]() -> absl::Status {
    const at::NoGradGuard no_grad;
    std::vector<Indices> selected;
    for (const Selection& selection : plan.selections) {
      absl::StatusOr<Indices> channels = Select(selection, donor);
      if (!channels.ok()) return channels.status();
      selected.push_back(*std::move(channels));
    }
    for (const ProgramParam& param : program.params) {
      const InheritedWeight& weight = *weights.at(param.name);
      if (weight.rule == Rule::kFresh) continue;
      at::Tensor tensor;
      if (weight.rule == Rule::kDonor) {
        const auto it = donor.find(weight.donor);
        if (it == donor.end() || it->second.dim() != static_cast<int64_t>(weight.shape.size())) {
          return absl::FailedPreconditionError(
              absl::StrCat("the donor's ", weight.donor, " is not there or has another shape"));
        }
        absl::StatusOr<at::Tensor> fresh = store.Get(param);
        if (!fresh.ok()) return fresh.status();
        Rng rng(HashSeed(seed, absl::StrCat("shares of ", param.name)));
        tensor = Adapt(weight, it->second.to(at::kDouble), *fresh, selected, rng);
      } else if (weight.rule == Rule::kIdentity) {
        tensor = Identity(weight);
      } else {
        tensor = at::zeros(weight.shape, at::kDouble);
      }
      store.Put(param.name, param.role, tensor);
    }
    return absl::OkStatus();
  });
}

}  // namespace nasc
