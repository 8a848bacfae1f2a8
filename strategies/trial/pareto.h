#pragma once

#include <cstddef>
#include <vector>

#include "absl/types/span.h"

// Points of several objectives, of each of which more is better: Deb et al., "A fast and elitist
// multiobjective genetic algorithm: NSGA-II", IEEE TEC 2002.
namespace nasc {

using Point = std::vector<double>;

// As good in every objective and better in one.
bool Dominates(absl::Span<const double> a, absl::Span<const double> b);

// Section III A: the points that none dominates, then those that none but these dominates, and so
// on; as indices that ascend. O(objectives * points^2).
std::vector<std::vector<size_t>> NondominatedFronts(absl::Span<const Point> points);

// Section III B: how far each point of a front, in its order, has its neighbours along each
// objective, relative to the front's range; infinite at both ends of an objective.
std::vector<double> CrowdingDistances(absl::Span<const Point> points,
                                      absl::Span<const size_t> front);

}  // namespace nasc
