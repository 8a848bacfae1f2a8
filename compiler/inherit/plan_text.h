#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/inherit/plan.h"

namespace nasc {

// How a weight is inherited, in words: "same", "other cell", "8 -> 16 channels", "fresh: for other
// classes"; several of them where several hold.
std::vector<std::string> HowInherited(const InheritedWeight& weight);

struct InheritSummary {
  int64_t weights = 0;    // elements of what is trained
  int64_t inherited = 0;  // of these, those with a donor
  int64_t fresh = 0;      // those that start as without a donor
};
InheritSummary Summarize(const InheritPlan& plan);

// "inherits 99.8% of 3357034 weights, 7692 start fresh; at first it computes what the donor does"
std::string SummaryText(const InheritPlan& plan);

// A line for every layer, with what it inherits from which and how, and the summary.
std::string PlanText(const InheritPlan& plan);

}  // namespace nasc
