#include "cli/summary.h"

#include <cmath>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/run.h"
#include "strategies/statistics.h"

namespace nasc {
namespace {

bool IsMaximized(const SearchConfig& config) {
  return config.objectives.empty() || !absl::StartsWith(config.objectives[0].text(), "minimize");
}

std::string ObjectiveName(const SearchConfig& config, const TrialOutcome& outcome, size_t i) {
  return config.objectives.empty() ? outcome.measures[0] : config.objectives[i].text();
}

// "search: 300 trials, 41 of them computed the same as an earlier one and were not evaluated"
std::string TrialsText(const std::string& label, const TrialOutcome& outcome) {
  const int64_t saved = outcome.trials - outcome.evaluated;
  std::string text = absl::StrCat(label, ": ", outcome.trials, " trials");
  if (saved > 0) {
    absl::StrAppend(&text, ", ", outcome.evaluated, " evaluated: ", saved,
                    saved == 1 ? " computes" : " compute", " the same as an earlier one");
  }
  return text + "\n";
}

std::string MeasuresText(const TrialOutcome& outcome) {
  const TrialOutcome::Best& best = outcome.front.front();
  std::string text;
  for (size_t i = 0; i < outcome.measures.size(); ++i) {
    absl::StrAppendFormat(&text, "  %s %.6g", outcome.measures[i], best.values[i]);
  }
  for (const auto& [name, value] : outcome.report) {
    absl::StrAppendFormat(&text, "  (not seen by the search: %s %.6g)", name, value);
  }
  return text;
}

// Every architecture that no other one dominates, a line each.
std::string FrontText(const SearchConfig& config, const TrialOutcome& outcome) {
  std::string text = "Pareto front:\n";
  for (const TrialOutcome::Best& best : outcome.front) {
    absl::StrAppendFormat(&text, "  trial %-6d", best.trial);
    for (size_t i = 0; i < best.objectives.size(); ++i) {
      absl::StrAppendFormat(&text, "  %s = %.6g", ObjectiveName(config, outcome, i),
                            best.objectives[i]);
    }
    text += "\n";
  }
  return text;
}

bool IsDominated(const TrialOutcome::Best& point, const TrialOutcome& by,
                 const SearchConfig& config) {
  return absl::c_any_of(by.front, [&](const TrialOutcome::Best& other) {
    bool better = false;
    for (size_t i = 0; i < point.objectives.size(); ++i) {
      const double sign = absl::StartsWith(config.objectives[i].text(), "minimize") ? -1 : 1;
      const double gain = sign * (other.objectives[i] - point.objectives[i]);
      if (gain < 0) return false;
      better |= gain > 0;
    }
    return better;
  });
}

std::string FrontVerdict(const SearchConfig& config, const TrialOutcome& found,
                         const TrialOutcome& random) {
  const auto dominated = [&](const TrialOutcome& of, const TrialOutcome& by) {
    return absl::c_count_if(of.front, [&](const auto& p) { return IsDominated(p, by, config); });
  };
  return absl::StrCat("Of random search's ", random.front.size(), " points on its Pareto front ",
                      dominated(random, found), " are dominated by the search's; of the search's ",
                      found.front.size(), ", ", dominated(found, random), " by random search's.");
}

JsonFields SideJson(const Study& study, const Study::Side& side) {
  const SearchConfig& config = study.config();
  JsonFields fields = {{"architecture", Print(side.architecture, study.supernet())}};
  if (side.trials.has_value()) {
    const TrialOutcome& outcome = *side.trials;
    fields.push_back({"trials", outcome.trials});
    fields.push_back({"evaluated", outcome.evaluated});
    JsonList front;
    for (const TrialOutcome::Best& best : outcome.front) {
      JsonFields point = {{"trial", best.trial}};
      for (size_t i = 0; i < outcome.measures.size(); ++i) {
        point.push_back({outcome.measures[i], best.values[i]});
      }
      JsonFields objectives;
      for (size_t i = 0; i < best.objectives.size(); ++i) {
        objectives.push_back({ObjectiveName(config, outcome, i), best.objectives[i]});
      }
      point.push_back({"objectives", objectives});
      point.push_back({"architecture", Print(best.architecture, study.supernet())});
      front.emplace_back(point);
    }
    fields.push_back({"front", front});
    JsonFields report;
    for (const auto& [name, value] : outcome.report) report.push_back({name, value});
    fields.push_back({"report", report});
  }
  if (side.trained.has_value()) {
    const TrainedNetwork& trained = *side.trained;
    fields.push_back({absl::StrCat("test_", trained.score.measure()), trained.score.quality});
    fields.push_back({"test_loss", trained.score.loss});
    fields.push_back({"weights", trained.cost.weights});
    fields.push_back({"macs", trained.cost.macs});
  }
  return fields;
}

}  // namespace

Figure FigureOf(const SearchConfig& config, const Study::Side& side) {
  if (side.trained.has_value()) {
    const Score& score = side.trained->score;
    return {absl::StrCat("test ", score.measure()), score.quality, score.regression ? 1.0 : 100.0,
            true};
  }
  const TrialOutcome& outcome = *side.trials;
  const bool maximized = IsMaximized(config);
  if (!outcome.report.empty()) {
    return {outcome.report[0].first, outcome.report[0].second, 1, maximized};
  }
  const std::string name = ObjectiveName(config, outcome, 0);
  return {name, outcome.front[0].objectives[0], name == "accuracy" ? 100.0 : 1.0, maximized};
}

std::string DifferenceText(const Figure& figure, double difference) {
  const double size = std::abs(difference) * figure.scale;
  return figure.scale == 100 ? absl::StrFormat("%.2f points", size) : absl::StrFormat("%.4g", size);
}

std::string VerdictText(const Figure& figure, const std::vector<double>& found,
                        const std::vector<double>& random) {
  std::vector<double> gains;
  for (size_t i = 0; i < found.size(); ++i) {
    gains.push_back(figure.more_is_better ? found[i] - random[i] : random[i] - found[i]);
  }
  const Estimate gain = EstimateMean(gains);
  const std::string by = DifferenceText(figure, gain.mean);
  if (gains.size() == 1) {
    if (gain.mean > 0) {
      return absl::StrCat("The search beat random search in ", figure.name, " by ", by,
                          ", with one seed.");
    }
    const std::string verdict = "The search did not beat random search: ";
    if (gain.mean == 0) return absl::StrCat(verdict, "both have the same ", figure.name, ".");
    return absl::StrCat(verdict, "in ", figure.name, " it is ", by, " behind, with one seed.");
  }
  const std::string interval =
      absl::StrFormat("(difference of the means %.4g, 95%% interval %.4g to %.4g, %d seeds)",
                      gain.mean * figure.scale, (gain.mean - gain.half_width) * figure.scale,
                      (gain.mean + gain.half_width) * figure.scale, gains.size());
  if (gain.mean - gain.half_width > 0) {
    return absl::StrCat("The search beat random search in ", figure.name, " by ", by, " ", interval,
                        ".");
  }
  if (gain.mean > 0) {
    return absl::StrCat("The search is ahead of random search in ", figure.name, " by ", by,
                        ", but the interval holds 0 ", interval,
                        ": that it is better is not shown.");
  }
  return absl::StrCat("The search did not beat random search in ", figure.name, " ", interval, ".");
}

std::string SummaryText(const Study& study, const Study::Summary& summary,
                        const std::string& folder) {
  const SearchConfig& config = study.config();
  std::string text = absl::StrCat("\n", Print(summary.found.architecture, study.supernet()), "\n");
  const Study::Side& found = summary.found;
  const bool several = config.objectives.size() > 1;
  if (found.trials.has_value()) {
    absl::StrAppend(&text, TrialsText("search", *found.trials));
    absl::StrAppend(&text, several ? FrontText(config, *found.trials)
                                   : absl::StrCat("best  ", MeasuresText(*found.trials), "\n"));
  }
  if (summary.random.has_value() && summary.random->trials.has_value()) {
    absl::StrAppend(&text, TrialsText("random search", *summary.random->trials));
    if (!several) absl::StrAppend(&text, "best  ", MeasuresText(*summary.random->trials), "\n");
  }
  if (found.trained.has_value()) {
    absl::StrAppend(&text, NetworkLine("derived architecture", *found.trained), "\n");
  }
  if (summary.random.has_value() && summary.random->trained.has_value()) {
    absl::StrAppend(&text, NetworkLine("random architecture", *summary.random->trained), "\n");
  }
  for (const std::string& alarm : summary.alarms) absl::StrAppend(&text, "\n", alarm, "\n");
  if (summary.random.has_value()) {
    const Figure figure = FigureOf(config, found);
    const bool fronts = several && !found.trained.has_value();
    absl::StrAppend(
        &text, "\n",
        fronts ? FrontVerdict(config, *found.trials, *summary.random->trials)
               : VerdictText(figure, {figure.value}, {FigureOf(config, *summary.random).value}),
        "\n");
  }
  return absl::StrCat(text, "Everything is in ", folder, "\n");
}

JsonFields SummaryJson(const Study& study, const Study::Summary& summary,
                       const std::string& folder) {
  const SearchConfig& config = study.config();
  const bool comparable = summary.found.trained.has_value() || summary.found.trials.has_value();
  JsonFields fields = {{"run", folder},
                       {"search", config.name},
                       {"strategy", config.strategy},
                       {"seed", config.seed}};
  if (comparable) {
    const Figure figure = FigureOf(config, summary.found);
    JsonFields compared = {{"name", figure.name},
                           {"more_is_better", figure.more_is_better},
                           {"scale", figure.scale},
                           {"found", figure.value}};
    if (summary.random.has_value()) {
      compared.push_back({"random", FigureOf(config, *summary.random).value});
    }
    fields.push_back({"figure", compared});
  }
  fields.push_back({"alarms", summary.alarms});
  fields.push_back({"found", SideJson(study, summary.found)});
  if (summary.random.has_value()) fields.push_back({"random", SideJson(study, *summary.random)});
  return fields;
}

}  // namespace nasc
