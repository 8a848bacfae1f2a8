#pragma once

#include <string>
#include <vector>

#include "runtime/run/json.h"
#include "strategies/study.h"

namespace nasc {

// The number by which a search is compared with random search: what its network reaches on the
// test data, or what the evaluator reports of it, or the first objective.
struct Figure {
  std::string name;  // "test accuracy", "cifar10_test_acc_200ep", "accuracy"
  double value = 0;
  double scale = 1;  // 100 where it is a part of 1 that is told in points
  bool more_is_better = true;
};
Figure FigureOf(const SearchConfig& config, const Study::Side& side);

// The text that a search ends with.
std::string SummaryText(const Study& study, const Study::Summary& summary,
                        const std::string& folder);

// The same for programs; the contents of summary.json in the folder of the run.
JsonFields SummaryJson(const Study& study, const Study::Summary& summary,
                       const std::string& folder);

inline constexpr char kSummaryFile[] = "summary.json";

// "0.41 points" of an accuracy, "0.0123" of anything else.
std::string DifferenceText(const Figure& figure, double difference);

// What a search gained over random search, from the figures of both by seed: said plainly, with the
// 95% interval of the mean difference where there are several.
std::string VerdictText(const Figure& figure, const std::vector<double>& found,
                        const std::vector<double>& random);

}  // namespace nasc
