#pragma once

#include "absl/types/span.h"

namespace nasc {

// Spearman's rank correlation of two lists of as many values, which must be no NaN: the correlation
// of their ranks, equal values sharing the mean of theirs. 0 where a list has only equal values, or
// none.
double RankCorrelation(absl::Span<const double> a, absl::Span<const double> b);

// Kendall's tau-b of the same: of all pairs, how many more are in the same order in both than in
// opposite orders, with pairs that are equal in one list taken out. 0 as above.
double KendallCorrelation(absl::Span<const double> a, absl::Span<const double> b);

}  // namespace nasc
