#include "strategies/inherit/donor.h"

#include <memory>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/relax.h"
#include "dsl/diagnostics.h"
#include "dsl/source.h"

namespace nasc {

std::string ClassesOf(const std::string& dataset, const Options& data) {
  static const auto* const telling =
      new std::vector<std::string>{"path", "classes", "labels", "target", "regression"};
  std::string classes = dataset;
  for (const auto& [option, value] : data.Print()) {
    if (absl::c_linear_search(*telling, option)) absl::StrAppend(&classes, " ", option, "=", value);
  }
  return classes;
}

namespace {

// The heir's architecture in the donor's space.
absl::StatusOr<Architecture> Translated(const Donor& donor, const Heir& heir) {
  Diagnostics diagnostics;
  const std::optional<Architecture> architecture = ParseArchitecture(
      std::make_shared<SourceFile>("the architecture", Print(heir.architecture, heir.supernet)),
      donor.supernet, diagnostics);
  if (architecture.has_value()) return *architecture;
  return absl::FailedPreconditionError(
      absl::StrCat("the supernet ", donor.name,
                   " does not contain the architecture: ", diagnostics.Sorted().front().message));
}

// What a network of the donor's has of its tensors.
absl::StatusOr<NamedTensors> TensorsOf(const Donor& donor, const ir::Graph& network) {
  NamedTensors tensors;
  for (const ir::Param& param : network.params) {
    ProgramParam part{param.name, param.role, param.init, param.fan_in, {}};
    for (const ir::Dim& dim : param.type.dims) part.shape.push_back(dim.value());
    const auto it = donor.tensors.find(param.name);
    bool fits =
        it != donor.tensors.end() && it->second.dim() == static_cast<int64_t>(part.shape.size());
    for (size_t d = 0; fits && d < part.shape.size(); ++d) {
      const int64_t size = it->second.size(static_cast<int64_t>(d));
      fits = donor.architecture.has_value() ? size == part.shape[d] : size >= part.shape[d];
      part.whole.push_back(size);
    }
    // Relaxations that run parts of a norm keep statistics of each part, under other names.
    if (it == donor.tensors.end() && !donor.architecture.has_value()) continue;
    if (!fits) {
      return absl::FailedPreconditionError(
          absl::StrCat(donor.name, " does not fit its space: ", param.name,
                       it == donor.tensors.end() ? " is missing" : " has another shape"));
    }
    tensors[param.name] = PartOf(it->second, part);
  }
  return tensors;
}

}  // namespace

absl::StatusOr<Inheritance> PlanFrom(const Donor& donor, const Heir& heir) {
  Architecture architecture;
  if (donor.architecture.has_value()) {
    architecture = *donor.architecture;
  } else {
    absl::StatusOr<Architecture> translated = Translated(donor, heir);
    if (!translated.ok()) return translated.status();
    architecture = *std::move(translated);
  }
  absl::StatusOr<ir::Graph> network = Fix(donor.supernet, architecture);
  if (!network.ok()) return network.status();
  InheritOptions options;
  options.operations = OperationsOf(donor.supernet.decisions);
  options.operations.merge(OperationsOf(heir.supernet.decisions));
  options.fresh = heir.fresh;
  options.other_classes = donor.classes != heir.classes;
  absl::StatusOr<NamedTensors> tensors = TensorsOf(donor, *network);
  if (!tensors.ok()) return tensors.status();
  Inheritance inheritance{
      PlanInheritance(heir.network, *network, options), *std::move(tensors), {}};
  for (InheritedWeight& weight : inheritance.plan.weights) {
    if (weight.rule != InheritedWeight::Rule::kDonor) continue;
    const auto momentum = donor.momenta.find(weight.donor);
    if (momentum != donor.momenta.end() && weight.shape == weight.donor_shape) {
      inheritance.momenta[weight.name] = momentum->second;
    }
    if (inheritance.tensors.count(weight.donor) > 0) continue;
    weight.rule = InheritedWeight::Rule::kFresh;
    weight.reason = "the supernet keeps no such statistics";
    inheritance.plan.preserves = false;
  }
  return inheritance;
}

}  // namespace nasc
