#include "strategies/fidelity_levels.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "strategies/data_input.h"

namespace nasc {
namespace {

absl::Status At(const Fidelity& fidelity, const absl::Status& status) {
  absl::Status with_place(status.code(), absl::StrCat("fidelity ", fidelity.part, " (",
                                                      Print(fidelity), "): ", status.message()));
  // The code of the diagnostic, for which there is a page.
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    with_place.SetPayload(url, payload);
  });
  return with_place;
}

int64_t PartOf(int64_t whole, double part) {
  return std::llround(static_cast<double>(whole) * part);
}

}  // namespace

absl::StatusOr<FidelityLevels> MakeFidelityLevels(const SearchConfig& config, const Task& task,
                                                  int64_t steps) {
  const int64_t batch = config.train.Whole("batch");
  const int64_t all = task.size(Task::Part::kSearch);
  FidelityLevels levels;
  for (const Fidelity& fidelity : config.fidelities) {
    const int64_t examples = std::max(batch, PartOf(all, fidelity.data));
    absl::StatusOr<Task> reduced = task.Reduced(std::min(examples, all), fidelity.image);
    if (!reduced.ok()) return At(fidelity, reduced.status());
    absl::StatusOr<ir::Graph> supernet = LowerForData(
        config.space, fidelity.scale.empty() ? config.scale : fidelity.scale, reduced->input());
    if (!supernet.ok()) return At(fidelity, supernet.status());
    const double epoch = static_cast<double>(examples / batch) / static_cast<double>(all / batch);
    const int64_t its_steps = PartOf(steps, fidelity.epochs * epoch);
    levels.emplace(fidelity.part, FidelityLevel{*std::move(supernet), *std::move(reduced),
                                                std::max<int64_t>(1, its_steps)});
  }
  return levels;
}

}  // namespace nasc
