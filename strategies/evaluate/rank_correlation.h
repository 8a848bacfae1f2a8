#pragma once

#include "absl/types/span.h"

namespace nasc {

// Spearman's rank correlation of two lists of as many values, which must be no NaN: the correlation
// of their ranks, equal values sharing the mean of theirs. 0 where a list has only equal values, or
// none.
double RankCorrelation(absl::Span<const double> a, absl::Span<const double> b);

}  // namespace nasc
