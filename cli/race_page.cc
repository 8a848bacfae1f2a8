#include "cli/race_page.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/dot_chart.h"
#include "cli/log_axis.h"

namespace nasc {
namespace {

constexpr double kTera = 1e12;

// One search over its seeds. Middle values count what did not reach the target as if it had with
// its whole budget: they are then too low, and marked.
struct Row {
  std::string search;
  std::string strategy;
  std::vector<const Heat*> heats;

  size_t reached() const {
    return static_cast<size_t>(
        std::count_if(heats.begin(), heats.end(), [](const Heat* heat) { return heat->reached; }));
  }
  double Middle(const std::function<double(const Heat&)>& of) const {
    std::vector<double> values;
    for (const Heat* heat : heats) values.push_back(of(*heat));
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }
  double seconds() const {
    return Middle([](const Heat& heat) { return heat.seconds; });
  }
  double tera_macs() const {
    return Middle([](const Heat& heat) { return static_cast<double>(heat.macs) / kTera; });
  }
  double accuracy() const {
    return Middle([](const Heat& heat) { return heat.accuracy; });
  }
  // "> " where most seeds did not reach the target.
  const char* bound() const { return 2 * reached() > heats.size() ? "" : "> "; }
  std::string spent() const {
    const double trials = Middle([](const Heat& heat) { return double(heat.trials); });
    if (trials > 0) return absl::StrFormat("%.0f networks", trials);
    return absl::StrFormat("%.0f steps",
                           Middle([](const Heat& heat) { return double(heat.steps); }));
  }
};

std::vector<Row> RowsOf(const RaceResult& race) {
  std::vector<Row> rows;
  for (const Heat& heat : race.heats) {
    if (rows.empty() || rows.back().search != heat.search) {
      rows.push_back({heat.search, heat.strategy, {}});
    }
    rows.back().heats.push_back(&heat);
  }
  return rows;
}

std::string Chart(const std::string& label, const std::vector<Row>& rows,
                  const std::function<double(const Heat&)>& of) {
  std::vector<DotRow> dots;
  for (const Row& row : rows) {
    DotRow& drawn = dots.emplace_back();
    drawn.label = row.search;
    for (const Heat* heat : row.heats) drawn.dots.push_back({of(*heat), heat->reached});
  }
  return DotChart(label, dots);
}

// What the page must not leave to the reader to notice.
std::string Missed(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    const size_t missed = row.heats.size() - row.reached();
    if (missed == 0) continue;
    absl::StrAppendFormat(&text,
                          "<p><b>%s</b> did not reach the target with %d of %d seeds within its "
                          "budget; the best that it found is at %.2f%% (middle seed).</p>\n",
                          Escaped(row.search), missed, row.heats.size(), 100 * row.accuracy());
  }
  return text;
}

}  // namespace

JsonFields HeatJson(const Heat& heat) {
  return {{"search", heat.search},   {"strategy", heat.strategy}, {"seed", heat.seed},
          {"reached", heat.reached}, {"seconds", heat.seconds},   {"macs", heat.macs},
          {"trials", heat.trials},   {"steps", heat.steps},       {"test_accuracy", heat.accuracy}};
}

absl::StatusOr<Heat> ReadHeat(const JsonObject& object) {
  Heat heat;
  const auto search = object.Text("search");
  const auto strategy = object.Text("strategy");
  const auto seed = object.Integer("seed");
  const auto reached = object.Bool("reached");
  const auto seconds = object.Number("seconds");
  const auto macs = object.Integer("macs");
  const auto trials = object.Integer("trials");
  const auto steps = object.Integer("steps");
  const auto accuracy = object.Number("test_accuracy");
  for (const absl::Status& status :
       {search.status(), strategy.status(), seed.status(), reached.status(), seconds.status(),
        macs.status(), trials.status(), steps.status(), accuracy.status()}) {
    if (!status.ok()) return status;
  }
  return Heat{*search, *strategy, static_cast<uint64_t>(*seed), *reached, *seconds, *macs, *trials,
              *steps,  *accuracy};
}

std::string RaceTable(const RaceResult& race) {
  std::string text = absl::StrFormat("%-26s %-10s %8s %10s %10s %14s %9s\n", "search", "strategy",
                                     "reached", "seconds", "T MACs", "", "best");
  for (const Row& row : RowsOf(race)) {
    absl::StrAppendFormat(
        &text, "%-26s %-10s %4d of %d %10s %10s %14s %8.2f%%\n", row.search, row.strategy,
        row.reached(), row.heats.size(), absl::StrFormat("%s%.1f", row.bound(), row.seconds()),
        absl::StrFormat("%s%.3f", row.bound(), row.tera_macs()), row.spent(), 100 * row.accuracy());
  }
  absl::StrAppendFormat(&text,
                        "target %.2f%% of the test images, %d seeds, middle values; the search "
                        "alone, on %s\n",
                        100 * race.target, race.seeds, race.facts);
  return text;
}

std::string RacePage(const RaceResult& race) {
  const std::vector<Row> rows = RowsOf(race);
  std::string table;
  for (const Row& row : rows) {
    absl::StrAppendFormat(
        &table,
        "<tr><td>%s</td><td>%s</td><td>%d of %d</td><td>%s%.1f</td><td>%s%.3f</td><td>%s%.1f</td>"
        "<td>%s</td><td>%.2f%%</td></tr>\n",
        Escaped(row.search), Escaped(row.strategy), row.reached(), row.heats.size(), row.bound(),
        row.seconds(), row.bound(), row.tera_macs(), row.bound(),
        100 * row.tera_macs() / rows.front().tera_macs(), row.spent(), 100 * row.accuracy());
  }
  return absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Compute to a target"
      "</title>\n<style>body{font:15px/1.5 sans-serif;max-width:62rem;margin:2rem auto;padding:0 "
      "1rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.2rem "
      ".7rem;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child,"
      "td:nth-child(2),th:nth-child(2){text-align:left}svg{width:100%}code{background:#f4f4f4}"
      "</style></head>\n<body><h1>What it takes to find a network of ",
      absl::StrFormat("%.2f%%", 100 * race.target),
      "</h1>\n<p>Every search looks for an architecture until one that it holds to be its best "
      "reaches the target on the test images, once that is trained as the <code>final</code> line "
      "says. What is counted is the search alone: seconds of the processor and "
      "multiply-accumulates, forward and backward, as they were run. A search by trials is asked "
      "after every trial that it holds for better; a one-shot search is run anew with a quarter, a "
      "half and the whole of its budget, and the first that suffices counts alone. Each dot is a "
      "seed, the bar is the middle one; an open dot with an arrow is a search that spent its "
      "budget without reaching the target.</p>\n",
      Missed(rows), "<h2>Seconds</h2>\n",
      Chart("seconds of the processor", rows, [](const Heat& heat) { return heat.seconds; }),
      "<h2>Multiply-accumulates</h2>\n",
      Chart("10^12 multiply-accumulates", rows,
            [](const Heat& heat) { return static_cast<double>(heat.macs) / kTera; }),
      "<h2>Table</h2>\n<table><thead><tr><th>search</th><th>strategy</th><th>reached</th>"
      "<th>seconds</th><th>10<sup>12</sup> MACs</th><th>% of the first</th><th>spent</th>"
      "<th>test</th></tr></thead><tbody>\n",
      table, "</tbody></table>\n<p>Middle values over ", race.seeds, " seeds, on ",
      Escaped(race.facts), ". Made by <code>", Escaped(race.command),
      "</code></p></body></html>\n");
}

}  // namespace nasc
