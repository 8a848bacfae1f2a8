#include "compiler/space_size.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "absl/strings/str_format.h"
#include "compiler/architecture.h"
#include "compiler/draw.h"
#include "compiler/frontier.h"

namespace nasc {
namespace {

// States at once: of counts, and of extremes, for which a bound is known as well.
constexpr size_t kMostStates = 1000000;
constexpr size_t kMostStatesOfOptions = 20000;  // each with a bit an option
constexpr int kSamples = 100000;

struct CountValue {
  mpz_class count;
  static CountValue Start() { return {1}; }
  void Merge(const CountValue& other) { count += other.count; }
  void Add(int64_t) {}
  void Take(size_t) {}
};

// A bit an option: whether any of the architectures takes it.
struct OptionsValue {
  static constexpr size_t kBits = 64;
  std::vector<uint64_t> words;

  static OptionsValue Start() { return {}; }
  void Merge(const OptionsValue& other) {
    words.resize(std::max(words.size(), other.words.size()));
    for (size_t i = 0; i < other.words.size(); ++i) words[i] |= other.words[i];
  }
  void Add(int64_t) {}
  void Take(size_t option) {
    words.resize(std::max(words.size(), option / kBits + 1));
    words[option / kBits] |= uint64_t{1} << (option % kBits);
  }
  bool Takes(size_t option) const {
    return option / kBits < words.size() && (words[option / kBits] >> (option % kBits) & 1) != 0;
  }
};

template <typename Value>
absl::StatusOr<std::optional<Value>> Walk(const ir::Dim& objective,
                                          const std::vector<ir::Decision>& decisions,
                                          const std::vector<ir::Constraint>& constraints,
                                          size_t most) {
  Frontier<Value> frontier(decisions);
  frontier.AddObjective(objective);
  for (const ir::Constraint& constraint : constraints) frontier.AddConstraint(constraint);
  return frontier.Walk(most);
}

// Horvitz and Thompson: each draw counts for as many as it stands for.
SpaceSize Estimate(const std::vector<ir::Decision>& decisions,
                   const std::vector<ir::Constraint>& constraints) {
  std::mt19937_64 random(1);
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kSamples; ++i) {
    const auto [architecture, weight] =
        DrawArchitecture(decisions, [&](uint64_t n) { return random() % n; });
    if (!Fulfils(architecture, constraints)) continue;
    sum += weight;
    squares += weight * weight;
  }
  const double mean = sum / kSamples;
  SpaceSize size;
  size.exact = false;
  size.count = mpz_class(std::isfinite(mean) ? std::round(mean) : 0);
  size.error = std::sqrt(std::max(0.0, squares / kSamples - mean * mean) / kSamples);
  size.method = absl::StrFormat("an estimate from %d random architectures", kSamples);
  return size;
}

}  // namespace

std::string SpaceSize::ToString() const {
  if (exact) return count.get_str();
  return absl::StrFormat("%.4g +- %.2g", count.get_d(), error);
}

SpaceSize CountArchitectures(const std::vector<ir::Decision>& decisions,
                             const std::vector<ir::Constraint>& constraints) {
  const auto counted = Walk<CountValue>(ir::Dim(0), decisions, constraints, kMostStates);
  if (!counted.ok()) return Estimate(decisions, constraints);
  SpaceSize size;
  size.count = counted->has_value() ? (*counted)->count : mpz_class(0);
  return size;
}

std::optional<std::vector<std::vector<bool>>> OptionsTaken(
    const std::vector<ir::Decision>& decisions, const std::vector<ir::Constraint>& constraints) {
  const auto walked = Walk<OptionsValue>(ir::Dim(0), decisions, constraints, kMostStatesOfOptions);
  if (!walked.ok()) return std::nullopt;
  const OptionsValue value = walked->value_or(OptionsValue());
  std::vector<std::vector<bool>> taken;
  size_t option = 0;
  for (const ir::Decision& decision : decisions) {
    std::vector<bool>& of_decision = taken.emplace_back();
    for (size_t i = 0; i < decision.options.size(); ++i) {
      of_decision.push_back(value.Takes(option++));
    }
  }
  return taken;
}

}  // namespace nasc
