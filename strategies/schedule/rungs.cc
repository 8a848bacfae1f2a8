#include "strategies/schedule/rungs.h"

#include <algorithm>

namespace nasc {
namespace {

// What sums of fidelities may be off by rounding.
constexpr double kSlack = 1e-9;

double CostOf(int64_t width, const std::vector<double>& fidelities, int64_t reduction) {
  const std::vector<int64_t> sizes = RungSizes(width, fidelities.size(), reduction);
  double cost = 0;
  for (size_t i = 0; i < sizes.size(); ++i) cost += static_cast<double>(sizes[i]) * fidelities[i];
  return cost;
}

}  // namespace

std::vector<OptionSpec> RungOptionSpecs() {
  return {
      {"reduction", OptionSpec::Kind::kWhole, 3, 2, 1000, "",
       "one architecture of so many goes on to so many times the budget (eta)"},
      {"least", OptionSpec::Kind::kReal, 1.0 / 9, 1e-6, 1, "",
       "the smallest part of the budget of a trial that is tried"},
  };
}

std::vector<double> Fidelities(double least, int64_t reduction) {
  std::vector<double> fidelities;
  double parts = 1;
  while (least * parts <= 1 + kSlack) {
    fidelities.push_back(1 / parts);
    parts *= static_cast<double>(reduction);
  }
  std::reverse(fidelities.begin(), fidelities.end());
  return fidelities;
}

std::vector<double> Fidelities(const std::vector<double>& declared, const Options& options) {
  if (declared.empty()) return Fidelities(options.Real("least"), options.Whole("reduction"));
  std::vector<double> fidelities = declared;
  fidelities.push_back(1);
  return fidelities;
}

std::vector<int64_t> RungSizes(int64_t width, size_t rungs, int64_t reduction) {
  std::vector<int64_t> sizes = {width};
  while (sizes.size() < rungs) {
    sizes.push_back(std::max<int64_t>(sizes.back() / reduction, 1));
  }
  return sizes;
}

int64_t WidestBracket(double budget, const std::vector<double>& fidelities, int64_t reduction) {
  int64_t fits = 0;
  auto too_wide = static_cast<int64_t>(budget / fidelities[0]) + 2;
  while (fits + 1 < too_wide) {
    const int64_t width = fits + (too_wide - fits) / 2;
    (CostOf(width, fidelities, reduction) <= budget + kSlack ? fits : too_wide) = width;
  }
  return fits;
}

}  // namespace nasc
