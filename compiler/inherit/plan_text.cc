#include "compiler/inherit/plan_text.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace nasc {
namespace {

using Rule = InheritedWeight::Rule;

// "stage0.cell0.normal.n0.prev.sep_conv_3x3.conv1" of one of its weights.
std::string LayerOf(const std::string& name) { return name.substr(0, name.rfind('.')); }

int64_t ElementsOf(const InheritedWeight& weight) {
  return std::accumulate(weight.shape.begin(), weight.shape.end(), int64_t{1},
                         std::multiplies<int64_t>());
}

const char* InWords(NameRule rule) {
  switch (rule) {
    case NameRule::kSame:
      break;
    case NameRule::kOtherCell:
      return "other cell";
    case NameRule::kOtherOperation:
      return "other operation";
    case NameRule::kOtherPlace:
      return "other place";
  }
  return "same";
}

void AddChanges(const InheritedWeight& weight, std::vector<std::string>& how) {
  for (size_t d = 0; d < weight.axes.size(); ++d) {
    const InheritedAxis& axis = weight.axes[d];
    if (axis.kind == InheritedAxis::Kind::kWindow && weight.donor_shape[d] != weight.shape[d]) {
      const std::string window =
          absl::StrCat("window ", weight.donor_shape[d], " -> ", weight.shape[d]);
      if (how.empty() || how.back() != window) how.push_back(window);
    }
    if (axis.kind != InheritedAxis::Kind::kChannels) continue;
    if (weight.donor_shape[d] != weight.shape[d]) {
      const bool by_norm =
          absl::c_any_of(axis.runs, [](const InheritedRun& run) { return run.selection >= 0; });
      how.push_back(absl::StrCat(weight.donor_shape[d], " -> ", weight.shape[d],
                                 axis.reads ? " inputs" : " channels", by_norm ? " by norm" : ""));
    }
  }
}

}  // namespace

std::vector<std::string> HowInherited(const InheritedWeight& weight) {
  switch (weight.rule) {
    case Rule::kDonor:
      break;
    case Rule::kIdentity:
      return {"identity"};
    case Rule::kZero:
      return {"zero"};
    case Rule::kFresh:
      return {absl::StrCat("fresh: ", weight.reason)};
  }
  std::vector<std::string> how = {InWords(weight.match)};
  AddChanges(weight, how);
  return how;
}

InheritSummary Summarize(const InheritPlan& plan) {
  InheritSummary summary;
  for (const InheritedWeight& weight : plan.weights) {
    if (weight.role != ir::Param::Role::kWeight) continue;
    const int64_t elements = ElementsOf(weight);
    summary.weights += elements;
    if (weight.rule == Rule::kDonor) summary.inherited += elements;
    if (weight.rule == Rule::kFresh) summary.fresh += elements;
  }
  return summary;
}

std::string SummaryText(const InheritPlan& plan) {
  const InheritSummary summary = Summarize(plan);
  const double part = summary.weights == 0 ? 0
                                           : 100 * static_cast<double>(summary.inherited) /
                                                 static_cast<double>(summary.weights);
  return absl::StrFormat("inherits %.1f%% of %d weights, %d start fresh%s", part, summary.weights,
                         summary.fresh,
                         plan.preserves ? "; at first it computes what the donor does" : "");
}

std::string PlanText(const InheritPlan& plan) {
  struct Row {
    std::string layer;
    std::string how;
    std::string from;
    bool donor = false;
  };
  std::vector<Row> rows;
  for (const InheritedWeight& weight : plan.weights) {
    const std::string layer = LayerOf(weight.name);
    const bool donor = weight.rule == Rule::kDonor;
    const Row row = {layer, absl::StrJoin(HowInherited(weight), ", "),
                     donor && weight.donor != weight.name ? LayerOf(weight.donor) : "", donor};
    // What is said of a layer's kernel holds for its offset; of a norm that has factors where the
    // donor has none the statistics tell more.
    if (rows.empty() || rows.back().layer != layer) {
      rows.push_back(row);
    } else if (donor && !rows.back().donor) {
      rows.back() = row;
    }
  }
  size_t layers = 0;
  size_t hows = 0;
  for (const Row& row : rows) {
    layers = std::max(layers, row.layer.size());
    hows = std::max(hows, row.how.size());
  }
  std::string text;
  for (const Row& row : rows) {
    const std::string from = row.from.empty() ? "" : absl::StrCat("from ", row.from);
    std::string line = absl::StrFormat("%-*s  %-*s  %s", static_cast<int>(layers), row.layer,
                                       static_cast<int>(hows), row.how, from);
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  absl::StrAppend(&text, SummaryText(plan), "\n");
  return text;
}

}  // namespace nasc
