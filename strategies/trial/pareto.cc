#include "strategies/trial/pareto.h"

#include <limits>
#include <numeric>
#include <utility>

#include "absl/algorithm/container.h"

namespace nasc {

bool Dominates(absl::Span<const double> a, absl::Span<const double> b) {
  bool better = false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] < b[i]) return false;
    better |= a[i] > b[i];
  }
  return better;
}

std::vector<std::vector<size_t>> NondominatedFronts(absl::Span<const Point> points) {
  std::vector<std::vector<size_t>> worse(points.size());  // that a point dominates
  std::vector<size_t> better(points.size(), 0);           // how many dominate it
  for (size_t a = 0; a < points.size(); ++a) {
    for (size_t b = 0; b < points.size(); ++b) {
      if (!Dominates(points[a], points[b])) continue;
      worse[a].push_back(b);
      ++better[b];
    }
  }
  std::vector<std::vector<size_t>> fronts;
  std::vector<size_t> front;
  for (size_t i = 0; i < points.size(); ++i) {
    if (better[i] == 0) front.push_back(i);
  }
  while (!front.empty()) {
    std::vector<size_t> next;
    for (size_t a : front) {
      for (size_t b : worse[a]) {
        if (--better[b] == 0) next.push_back(b);
      }
    }
    absl::c_sort(next);
    fronts.push_back(std::exchange(front, std::move(next)));
  }
  return fronts;
}

std::vector<double> CrowdingDistances(absl::Span<const Point> points,
                                      absl::Span<const size_t> front) {
  std::vector<double> distances(front.size(), 0);
  if (front.empty()) return distances;
  std::vector<size_t> order(front.size());  // places in the front
  for (size_t objective = 0; objective < points[front[0]].size(); ++objective) {
    const auto value = [&](size_t place) { return points[front[place]][objective]; };
    std::iota(order.begin(), order.end(), size_t{0});
    absl::c_stable_sort(order, [&](size_t a, size_t b) { return value(a) < value(b); });
    const double range = value(order.back()) - value(order.front());
    distances[order.front()] = distances[order.back()] = std::numeric_limits<double>::infinity();
    if (!(range > 0)) continue;  // all are equal, or all diverged
    for (size_t i = 1; i + 1 < order.size(); ++i) {
      distances[order[i]] += (value(order[i + 1]) - value(order[i - 1])) / range;
    }
  }
  return distances;
}

}  // namespace nasc
