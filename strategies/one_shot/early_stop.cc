#include "strategies/one_shot/early_stop.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "runtime/random/random.h"
#include "strategies/one_shot/collapse.h"
#include "strategies/one_shot/eigenvalue.h"

namespace nasc {
namespace {

constexpr char kWithin[] = "within";
constexpr char kSeen[] = "seen";
constexpr char kEigenvalues[] = "eigenvalues";
constexpr char kReason[] = "reason";
constexpr char kResult[] = "result";

// The number of picks of every decision, and the picks.
at::Tensor SaveArchitecture(const Architecture& architecture) {
  std::vector<int64_t> numbers;
  for (const std::vector<int>& picks : architecture.picks) {
    numbers.push_back(static_cast<int64_t>(picks.size()));
    numbers.insert(numbers.end(), picks.begin(), picks.end());
  }
  return SaveNumbers(numbers);
}

absl::StatusOr<Architecture> RestoreArchitecture(const NamedTensors& saved, const std::string& name,
                                                 const ir::Graph& supernet) {
  const absl::Status damaged = absl::DataLossError(absl::StrCat(name, " is of another space"));
  const auto it = saved.find(name);
  if (it == saved.end()) return damaged;
  const auto numbers = RestoreNumbers(saved, name, it->second.numel());
  if (!numbers.ok()) return numbers.status();
  Architecture architecture;
  size_t next = 0;
  for (const ir::Decision& decision : supernet.decisions) {
    const size_t left = numbers->size() - next;
    if (left == 0 || static_cast<size_t>((*numbers)[next]) >= left) return damaged;
    const auto begin = numbers->begin() + static_cast<int64_t>(next) + 1;
    architecture.picks.emplace_back(begin, begin + (*numbers)[next]);
    for (const int pick : architecture.picks.back()) {
      if (pick < 0 || pick >= static_cast<int>(decision.options.size())) return damaged;
    }
    next += 1 + architecture.picks.back().size();
  }
  if (next != numbers->size()) return damaged;
  return architecture;
}

int64_t MostIdentities(const ir::Graph& supernet, const Architecture& architecture) {
  int64_t most = 0;
  for (const CellOperations& cell : OperationsOf(supernet, architecture)) {
    most = std::max(most, cell.identities);
  }
  return most;
}

}  // namespace

absl::StatusOr<EarlyStop> EarlyStop::Create(const Options& options, const OneShotContext& context,
                                            const ir::Graph& supernet, OneShotStrategy& strategy,
                                            int64_t epoch) {
  EarlyStop made(options, context, supernet, epoch);
  if (made.most_identities_ >= 0 && !strategy.derives_early()) {
    return absl::InvalidArgumentError(
        "stop_skips looks at the architecture that the decisions stand for, and this strategy has "
        "none before its end: leave it out, or bound the skips by a `require` of the space");
  }
  if (made.ratio_ == 0) return made;
  const absl::Status ready = strategy.PrepareDecisionGradient();
  if (absl::IsUnimplemented(ready)) {
    return absl::InvalidArgumentError(
        "stop_eigenvalue watches the curvature of the loss in the decisions, and this strategy's "
        "decisions are not differentiable: leave it out, or take a strategy such as darts");
  }
  if (!ready.ok()) return ready;
  return made;
}

EarlyStop::EarlyStop(const Options& options, const OneShotContext& context,
                     const ir::Graph& supernet, int64_t epoch)
    : supernet_(supernet),
      store_(context.store),
      seed_(HashSeed(context.seed, "curvature")),
      most_identities_(options.Whole("stop_skips")),
      ratio_(options.Real("stop_eigenvalue")),
      window_(options.Whole("stop_window")),
      check_every_(options.Whole("check_every") > 0 ? options.Whole("check_every") : epoch) {}

absl::StatusOr<std::optional<EarlyStop::Check>> EarlyStop::After(int64_t steps,
                                                                 OneShotStrategy& strategy,
                                                                 const Batch& validation) {
  const bool watched = most_identities_ >= 0 || ratio_ > 0;
  if (!watched || stopped() || steps % check_every_ != 0) return std::optional<Check>();
  const Architecture architecture = strategy.Derive();
  Check check;
  check.identities = MostIdentities(supernet_, architecture);
  if (ratio_ > 0) {
    const absl::StatusOr<double> eigenvalue =
        DecisionEigenvalue(strategy, store_, validation, seed_);
    if (!eigenvalue.ok()) return eigenvalue.status();
    check.eigenvalue = *eigenvalue;
    CompareEigenvalues(*eigenvalue, architecture);
  }
  if (most_identities_ >= 0 && !stopped()) CompareIdentities(check.identities, architecture);
  return std::optional<Check>(check);
}

void EarlyStop::CompareIdentities(int64_t identities, const Architecture& architecture) {
  if (identities <= most_identities_) {
    within_ = architecture;
  } else if (within_.has_value()) {
    result_ = *within_;
    reason_ = absl::StrCat("a cell takes ", identities,
                           " identities, more than stop_skips = ", most_identities_);
  }
}

void EarlyStop::CompareEigenvalues(double eigenvalue, const Architecture& architecture) {
  seen_.push_back({eigenvalue, architecture});
  if (seen_.size() > 2 * window_) seen_.pop_front();
  if (seen_.size() < 2 * window_) return;
  const double before = Mean(0);
  const double now = Mean(window_);
  if (now <= 0 || before >= ratio_ * now) return;
  result_ = seen_[(window_ - 1) / 2].architecture;
  reason_ = absl::StrFormat("the dominant eigenvalue rose from %.4g to %.4g", before, now);
}

double EarlyStop::Mean(size_t first) const {
  double sum = 0;
  for (size_t i = first; i < first + window_; ++i) sum += seen_[i].eigenvalue;
  return sum / static_cast<double>(window_);
}

NamedTensors EarlyStop::Save() const {
  NamedTensors saved;
  if (within_.has_value()) saved[kWithin] = SaveArchitecture(*within_);
  at::Tensor eigenvalues = at::empty({static_cast<int64_t>(seen_.size())}, at::kDouble);
  for (size_t i = 0; i < seen_.size(); ++i) {
    eigenvalues.data_ptr<double>()[i] = seen_[i].eigenvalue;
    saved[absl::StrCat(kSeen, ".", i)] = SaveArchitecture(seen_[i].architecture);
  }
  saved[kEigenvalues] = eigenvalues;
  if (stopped()) {
    saved[kReason] = SaveNumbers(std::vector<int64_t>(reason_.begin(), reason_.end()));
    saved[kResult] = SaveArchitecture(result_);
  }
  return saved;
}

absl::Status EarlyStop::Restore(const NamedTensors& saved) {
  const auto restore = [&](const std::string& name, Architecture& architecture) -> absl::Status {
    absl::StatusOr<Architecture> restored = RestoreArchitecture(saved, name, supernet_);
    if (restored.ok()) architecture = *std::move(restored);
    return restored.status();
  };
  absl::Status status;
  if (saved.count(kWithin) > 0) status = restore(kWithin, within_.emplace());
  const auto it = saved.find(kEigenvalues);
  if (it == saved.end()) return absl::DataLossError("nothing was saved of the checks");
  at::Tensor eigenvalues = at::empty(it->second.sizes(), at::kDouble);
  if (status.ok()) status = RestoreTensor(saved, kEigenvalues, eigenvalues);
  for (int64_t i = 0; i < eigenvalues.numel() && status.ok(); ++i) {
    seen_.push_back({eigenvalues.data_ptr<double>()[i], {}});
    status = restore(absl::StrCat(kSeen, ".", i), seen_.back().architecture);
  }
  if (status.ok() && saved.count(kReason) > 0) {
    const auto letters = RestoreNumbers(saved, kReason, saved.at(kReason).numel());
    if (!letters.ok()) return letters.status();
    reason_.assign(letters->begin(), letters->end());
    status = restore(kResult, result_);
  }
  return status;
}

}  // namespace nasc
