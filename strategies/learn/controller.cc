#include "strategies/learn/controller.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/draw.h"
#include "strategies/learn/dense.h"

namespace nasc {
namespace {

constexpr int kMostTries = 1000;  // of samples that the constraints forbid

// The logarithm of how many sets of `least` to `most` of n things there are.
double LogSets(int n, int least, int most) {
  double greatest = -1;
  std::vector<double> logs;
  for (int k = std::max(least, 0); k <= std::min(most, n); ++k) {
    logs.push_back(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0));
    greatest = std::max(greatest, logs.back());
  }
  double sum = 0;
  for (double log : logs) sum += std::exp(log - greatest);
  return greatest + std::log(sum);
}

}  // namespace

Controller::Controller(const std::vector<ir::Decision>& decisions,
                       const std::vector<ir::Constraint>& constraints, const ControllerSpec& spec,
                       uint64_t seed)
    : decisions_(decisions),
      constraints_(constraints),
      spec_(spec),
      cell_(static_cast<size_t>(spec.size)),
      adam_(0, spec.adam) {
  const size_t size = cell_.size();
  start_ = cell_.weights();
  size_t end = start_ + size;
  for (const ir::Decision& decision : decisions_) {
    Place& place = places_.emplace_back();
    for (size_t i = 0; i < decision.options.size(); ++i) {
      if (!decision.relaxed_only[i]) place.options.push_back(static_cast<int>(i));
    }
    const size_t heads = place.options.size();
    place.heads = end;
    end += heads * (size + 1);
    place.embeddings = end;
    end += heads * size * (decision.kind == ir::Decision::Kind::kOne ? 1 : 2);
  }
  weights_.resize(end);
  gradient_.assign(end, 0);
  Rng rng(HashSeed(seed, "controller"));
  for (double& weight : weights_) weight = (2 * rng.Uniform() - 1) * spec_.initial;
  std::fill_n(weights_.begin() + 2 * size * 4 * size, 4 * size, 0.0);
  for (const Place& place : places_) {
    for (size_t head = 0; head < place.options.size(); ++head) {
      weights_[place.heads + head * (size + 1) + size] = 0;
    }
  }
  adam_ = Adam(end, spec_.adam);
}

// Where the input of a step stands among the weights.
size_t Controller::InputOf(size_t step) const {
  if (step == 0) return start_;
  const Step& before = steps_[step - 1];
  const size_t row = before.asked < 0 ? before.taken : 2 * before.asked + before.taken;
  return places_[before.decision].embeddings + row * cell_.size();
}

Controller::Step& Controller::BeginStep(size_t decision) {
  if (length_ == steps_.size()) steps_.emplace_back();
  Step& step = steps_[length_];
  const double* input = weights_.data() + InputOf(length_);
  step.cell.x.assign(input, input + cell_.size());
  cell_.Forward(weights_.data(), length_ == 0 ? nullptr : &steps_[length_ - 1].cell, step.cell);
  step.decision = decision;
  step.asked = -1;
  step.slope.clear();
  ++length_;
  return step;
}

double Controller::LogitOf(Step& step, size_t head) const {
  const size_t size = cell_.size();
  const double* weights = weights_.data() + places_[step.decision].heads + head * (size + 1);
  const double said = (Dot(weights, step.cell.h.data(), size) + weights[size]) / spec_.temperature;
  if (spec_.tanh_constant == 0) {
    step.slope.push_back(1 / spec_.temperature);
    return said;
  }
  const double bent = std::tanh(said);
  step.slope.push_back(spec_.tanh_constant * (1 - bent * bent) / spec_.temperature);
  return spec_.tanh_constant * bent;
}

void Controller::FinishStep(Step& step, Decide decide, std::vector<double> logits, Sample& sample) {
  const double greatest = *absl::c_max_element(logits);
  double sum = 0;
  for (double logit : logits) sum += std::exp(logit - greatest);
  const double log_sum = greatest + std::log(sum);
  step.probabilities.clear();
  step.entropy = 0;
  for (double& logit : logits) {
    logit -= log_sum;  // now the logarithm of the probability
    step.probabilities.push_back(std::exp(logit));
    step.entropy -= step.probabilities.back() * logit;
  }
  step.taken = decide(step);
  sample.log_probability += logits[step.taken];
  sample.entropy += step.entropy;
}

void Controller::Choose(size_t decision, Decide decide, Sample& sample) {
  const std::vector<int>& options = places_[decision].options;
  std::vector<int>& picks = sample.architecture.picks[decision];
  if (options.size() == 1) {
    picks.push_back(options[0]);
    return;
  }
  Step& step = BeginStep(decision);
  std::vector<double> logits;
  for (size_t head = 0; head < options.size(); ++head) logits.push_back(LogitOf(step, head));
  FinishStep(step, decide, std::move(logits), sample);
  picks.push_back(options[step.taken]);
}

void Controller::ChooseSet(size_t decision, Decide decide, Sample& sample) {
  const std::vector<int>& options = places_[decision].options;
  std::vector<int>& picks = sample.architecture.picks[decision];
  const auto count = static_cast<int>(options.size());
  for (int i = 0; i < count; ++i) {
    const int taken = static_cast<int>(picks.size());
    const int left = count - i;
    if (taken == decisions_[decision].most) break;
    const int least = decisions_[decision].least - taken;
    const int most = decisions_[decision].most - taken;
    if (left <= least) {
      picks.push_back(options[i]);
      continue;
    }
    Step& step = BeginStep(decision);
    step.asked = i;
    const double even = LogSets(left - 1, least - 1, most - 1) - LogSets(left - 1, least, most);
    FinishStep(step, decide, {0, even + LogitOf(step, i)}, sample);
    if (step.taken == 1) picks.push_back(options[i]);
  }
}

Controller::Sample Controller::Run(Decide decide) {
  Sample sample;
  sample.architecture.picks.resize(decisions_.size());
  length_ = 0;
  for (size_t d = 0; d < decisions_.size(); ++d) {
    if (!IsAlive(decisions_[d], sample.architecture)) continue;
    if (decisions_[d].kind == ir::Decision::Kind::kOne) {
      Choose(d, decide, sample);
    } else {
      ChooseSet(d, decide, sample);
    }
  }
  return sample;
}

Controller::Sample Controller::Draw(Rng& rng) {
  for (int i = 0; i < kMostTries; ++i) {
    Sample sample = Run([&rng](const Step& step) {
      double at = rng.Uniform();
      const auto last = static_cast<int>(step.probabilities.size()) - 1;
      for (int k = 0; k < last; ++k) {
        if (at < step.probabilities[k]) return k;
        at -= step.probabilities[k];
      }
      return last;
    });
    if (Fulfils(sample.architecture, constraints_)) return sample;
  }
  while (true) {
    const Architecture drawn =
        DrawArchitecture(decisions_, [&rng](uint64_t n) { return rng.Below(n); }).architecture;
    if (Fulfils(drawn, constraints_)) return Score(drawn);
  }
}

Controller::Sample Controller::Score(const Architecture& architecture) {
  return Run([&](const Step& step) -> int {
    const std::vector<int>& picks = architecture.picks[step.decision];
    const std::vector<int>& options = places_[step.decision].options;
    if (step.asked >= 0) return absl::c_linear_search(picks, options[step.asked]) ? 1 : 0;
    return static_cast<int>(absl::c_find(options, picks[0]) - options.begin());
  });
}

Controller::Sample Controller::Accumulate(const Architecture& architecture,
                                          absl::FunctionRef<double(double)> weight,
                                          double entropy_weight) {
  Sample sample = Score(architecture);
  Backward(weight(sample.log_probability), entropy_weight);
  return sample;
}

void Controller::Backward(double weight, double entropy_weight) {
  const size_t size = cell_.size();
  std::vector<double> dh(size, 0);
  std::vector<double> dc(size, 0);
  for (size_t t = length_; t-- > 0;) {
    const Step& step = steps_[t];
    const size_t heads = places_[step.decision].heads;
    for (size_t k = 0; k < step.probabilities.size(); ++k) {
      const double p = step.probabilities[k];
      // Of log p by the logit; of the entropy, -p (log p + H).
      double by_logit = weight * ((static_cast<int>(k) == step.taken ? 1 : 0) - p);
      if (p > 0) by_logit -= entropy_weight * p * (std::log(p) + step.entropy);
      // The "no" of a set has no logit of its own.
      if (step.asked >= 0 && k == 0) continue;
      const size_t head = step.asked >= 0 ? step.asked : k;
      const double by_said = by_logit * step.slope[step.asked >= 0 ? 0 : k];
      const size_t at = heads + head * (size + 1);
      AddScaled(by_said, step.cell.h.data(), size, &gradient_[at]);
      gradient_[at + size] += by_said;
      AddScaled(by_said, &weights_[at], size, dh.data());
    }
    std::vector<double> dx(size);
    cell_.Backward(weights_.data(), t == 0 ? nullptr : &steps_[t - 1].cell, step.cell, dh, dc,
                   dx.data(), gradient_.data());
    AddScaled(1, dx.data(), size, &gradient_[InputOf(t)]);
  }
}

void Controller::Ascend() {
  const double norm = std::sqrt(Dot(gradient_.data(), gradient_.data(), gradient_.size()));
  const double scale = spec_.clip > 0 && norm > spec_.clip ? spec_.clip / norm : 1;
  for (double& value : gradient_) value *= -scale;  // Adam descends
  adam_.BeginStep();
  adam_.Descend(0, weights_.size(), weights_.data(), gradient_.data());
}

std::vector<double> Controller::State() const {
  std::vector<double> state = weights_;
  adam_.AppendState(state);
  return state;
}

bool Controller::SetState(absl::Span<const double> state) {
  if (state.size() != weights_.size() + adam_.state_size()) return false;
  weights_.assign(state.begin(), state.begin() + weights_.size());
  adam_.SetState(state.subspan(weights_.size()));
  absl::c_fill(gradient_, 0);
  return true;
}

Carried Controller::Adopt(const Controller& before, const SpaceMap& map) {
  const size_t size = cell_.size();
  if (before.cell_.size() != size) {
    return {{"controller", "its network", Fate::kLost, "the new one has another size"}};
  }
  const auto copy = [&](size_t from, size_t count, size_t to) {
    std::copy_n(before.weights_.begin() + static_cast<long>(from), count,
                weights_.begin() + static_cast<long>(to));
  };
  copy(0, start_ + size, 0);
  Carried carried = {{"controller", "its network", Fate::kKept, ""}};
  for (size_t d = 0; d < before.decisions_.size(); ++d) {
    const ir::Decision& decision = before.decisions_[d];
    const int e = map.NewDecision(static_cast<int>(d));
    if (e == SpaceMap::kNone || decisions_[e].kind != decision.kind) {
      carried.push_back({"decision", decision.path, Fate::kLost, "the decision is gone"});
      continue;
    }
    const Place& from = before.places_[d];
    const Place& to = places_[e];
    const size_t rows = decision.kind == ir::Decision::Kind::kOne ? 1 : 2;  // of embeddings
    bool same = decisions_[e].path == decision.path && from.options == to.options;
    for (size_t k = 0; k < from.options.size(); ++k) {
      const int option = map.NewOption(static_cast<int>(d), from.options[k]);
      const auto place = absl::c_find(to.options, option);
      if (option == SpaceMap::kNone || place == to.options.end()) {
        carried.push_back({"option",
                           absl::StrCat(decision.path, " ", decision.options[from.options[k]]),
                           Fate::kLost, "the option is gone"});
        continue;
      }
      const auto j = static_cast<size_t>(place - to.options.begin());
      same = same && j == k;
      copy(from.heads + k * (size + 1), size + 1, to.heads + j * (size + 1));
      copy(from.embeddings + k * rows * size, rows * size, to.embeddings + j * rows * size);
    }
    carried.push_back({"decision", decision.path, same ? Fate::kKept : Fate::kRemapped,
                       same ? "" : decisions_[e].path});
  }
  return carried;
}

}  // namespace nasc
