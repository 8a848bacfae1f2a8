#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/line_chart.h"
#include "cli/run.h"
#include "cli/space_file.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/interrupt.h"
#include "runtime/run/json.h"
#include "runtime/run/progress.h"
#include "runtime/threads.h"
#include "strategies/comparison.h"
#include "strategies/search_config.h"
#include "strategies/statistics.h"

namespace nasc {
namespace {

constexpr int64_t kMostArchitectures = 1000000;  // of a space whose best is looked up

struct Flags {
  std::string file;
  std::vector<std::string> trials = {"100", "300", "1000"};
  std::vector<std::string> seeds = {"200"};
  std::string output = "benchmark.html";
  int threads = 0;
  bool json = false;
};

// A line of the table: what a search found with a budget, and its lead over random search.
struct Row {
  const ComparedResult* result;
  Estimate found;
  Estimate evaluated;
  Estimate lead;  // the paired difference, over the seeds that both ran
  bool is_random = false;

  const char* verdict() const {
    if (is_random) return "";
    if (lead.mean <= 0) return "not above random";
    return lead.mean > 2 * lead.error ? "above random"
                                      : "above random, by less than two standard errors";
  }
};

absl::StatusOr<std::vector<int64_t>> ReadBudgets(const std::vector<std::string>& texts) {
  std::vector<int64_t> budgets;
  for (const std::string& text : texts) {
    int64_t budget = 0;
    if (!absl::SimpleAtoi(text, &budget) || budget < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("--trials takes whole numbers, such as 100,300; '", text, "' is none"));
    }
    budgets.push_back(budget);
  }
  return budgets;
}

// "200" for all, "bananas=20" for one search.
absl::Status ReadSeeds(const std::vector<std::string>& texts, std::vector<ComparedSearch>& all) {
  for (const std::string& text : texts) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
    const bool named = text.find('=') != std::string::npos;
    int64_t seeds = 0;
    if (!absl::SimpleAtoi(named ? parts.second : parts.first, &seeds) || seeds < 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--seeds takes a whole number, for all searches or of one, as in 200,bananas=20; '", text,
          "' is neither"));
    }
    bool found = false;
    for (ComparedSearch& search : all) {
      if (named && search.label != parts.first) continue;
      search.seeds = seeds;
      found = true;
    }
    if (!found) {
      return absl::NotFoundError(absl::StrCat("--seeds: there is no search '", parts.first, "'"));
    }
  }
  return absl::OkStatus();
}

std::string Page(const std::string& command, const std::string& figure, double best,
                 const std::vector<Row>& rows, int64_t most_trials) {
  std::vector<Line> lines;
  for (const Row& row : rows) {
    if (row.result->trials != most_trials) continue;
    Line line;
    line.label = row.result->label;
    for (size_t i = 0; i < row.result->at.size(); ++i) {
      line.x.push_back(static_cast<double>(row.result->at[i]));
      line.y.push_back(std::abs(best - row.result->curve[i]));
    }
    lines.push_back(std::move(line));
  }
  std::string table;
  for (const Row& row : rows) {
    absl::StrAppendFormat(
        &table,
        "<tr><td>%s</td><td>%d</td><td>%d</td><td>%.3f</td><td>%.3f</td><td>%.3f</td>"
        "<td>%s</td><td>%.0f</td><td>%s</td></tr>\n",
        row.result->label, row.result->trials, row.found.count, row.found.mean, row.found.deviation,
        std::abs(best - row.found.mean),
        row.is_random ? "" : absl::StrFormat("%+.3f &plusmn; %.3f", row.lead.mean, row.lead.error),
        row.evaluated.mean, row.verdict());
  }
  return absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Search strategies "
      "on a published table</title>\n<style>body{font:15px/1.5 sans-serif;max-width:62rem;margin:"
      "2rem auto;padding:0 1rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
      "td,th{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #ddd}td:first-child,"
      "th:first-child,td:last-child,th:last-child{text-align:left}svg{width:100%}code{background:"
      "#f4f4f4}</style></head>\n<body><h1>Search strategies on a published table</h1>\n<p>Every "
      "search sees its signal only; <code>",
      figure,
      "</code> is looked up of the best by the signal, after the search has ended. The best of the "
      "whole table is ",
      absl::StrFormat("%.3f", best),
      ". Architectures that compute the same are evaluated once. A lead is the mean difference to "
      "random search with the same seed, with its standard error.</p>\n<h2>Regret</h2>\n<p>How far "
      "the best so far is behind the best of the table, the mean over seeds.</p>\n",
      LineChart("trials", absl::StrCat("regret in ", figure), 0.003, lines),
      "<h2>Results</h2>\n<table><thead><tr><th>search</th><th>trials</th><th>seeds</th><th>mean"
      "</th><th>sd</th><th>regret</th><th>lead over random</th><th>evaluations</th><th></th></tr>"
      "</thead><tbody>\n",
      table, "</tbody></table>\n<p>Made by <code>",
      absl::StrReplaceAll(command, {{"&", "&amp;"}, {"<", "&lt;"}}), "</code></p></body></html>\n");
}

absl::Status Benchmark(const Flags& flags) {
  absl::StatusOr<std::vector<int64_t>> budgets = ReadBudgets(flags.trials);
  if (!budgets.ok()) return budgets.status();
  absl::StatusOr<Sources> sources = LoadChecked(flags.file);
  if (!sources.ok()) return sources.status();
  std::vector<ComparedSearch> searches;
  Diagnostics diagnostics;
  for (const ast::SearchDecl& search : sources->root().file.searches) {
    std::optional<SearchConfig> config = ReadSearch(search, sources->root(), diagnostics);
    if (!config.has_value()) return diagnostics.ToStatus();
    searches.push_back({config->name, *std::move(config), 1});
  }
  if (searches.empty()) {
    return absl::NotFoundError(absl::StrCat(flags.file, " declares no search"));
  }
  absl::Status status = ReadSeeds(flags.seeds, searches);
  if (!status.ok()) return status;
  const absl::StatusOr<std::pair<std::string, double>> best =
      BestReported(searches[0].config, kMostArchitectures);
  if (!best.ok()) return best.status();

  int64_t jobs = 0;
  for (const ComparedSearch& search : searches) {
    jobs += search.seeds * static_cast<int64_t>(budgets->size());
  }
  Progress progress(stderr, Progress::IsTerminal(stderr));
  progress.Begin("searches", jobs);
  const int threads = flags.threads > 0 ? flags.threads : HardwareThreads();
  absl::StatusOr<std::vector<ComparedResult>> results =
      CompareSearches(searches, *budgets, threads, [&](int64_t done) -> absl::Status {
        progress.Update(done, "");
        if (Interrupted()) return absl::CancelledError("stopped: nothing was written");
        return absl::OkStatus();
      });
  if (!results.ok()) return results.status();
  progress.End("");

  std::map<int64_t, const ComparedResult*> random;
  for (size_t i = 0; i < results->size(); ++i) {
    const SearchConfig& config = searches[i / budgets->size()].config;
    if (config.strategy == "random" && config.scheduler.empty()) {
      random.emplace((*results)[i].trials, &(*results)[i]);
    }
  }
  std::vector<Row> rows;
  for (const ComparedResult& result : *results) {
    Row row{&result, EstimateMean(result.found), EstimateMean(result.evaluated), {}, false};
    const auto it = random.find(result.trials);
    row.is_random = it == random.end() || it->second == &result;
    if (!row.is_random) {
      std::vector<double> leads;
      for (size_t s = 0; s < std::min(result.found.size(), it->second->found.size()); ++s) {
        leads.push_back(result.found[s] - it->second->found[s]);
      }
      row.lead = EstimateMean(leads);
    }
    rows.push_back(row);
  }
  const std::string command =
      absl::StrCat("nasc benchmark ", flags.file, " --trials ", absl::StrJoin(flags.trials, ","),
                   " --seeds ", absl::StrJoin(flags.seeds, ","));
  const int64_t most_trials = *std::max_element(budgets->begin(), budgets->end());
  status = WriteFileAtomically(flags.output,
                               Page(command, best->first, best->second, rows, most_trials));
  if (!status.ok()) return status;
  if (!flags.json) {
    std::printf("best of the table: %.3f\n%-18s %6s %6s %9s %7s %9s  %s\n", best->second, "search",
                "trials", "seeds", "mean", "sd", "lead", "");
  }
  for (const Row& row : rows) {
    if (flags.json) {
      JsonFields fields = {
          {"strategy", row.result->label},  {"trials", row.result->trials},
          {"seeds", row.found.count},       {"mean_test", row.found.mean},
          {"sd_test", row.found.deviation}, {"mean_evaluated", row.evaluated.mean}};
      if (!row.is_random) {
        fields.push_back({"lead_over_random", row.lead.mean});
        fields.push_back({"lead_standard_error", row.lead.error});
      }
      std::printf("%s\n", JsonLine(fields).c_str());
    } else {
      std::printf("%-18s %6lld %6zu %9.3f %7.3f %9s  %s\n", row.result->label.c_str(),
                  static_cast<long long>(row.result->trials), row.found.count, row.found.mean,
                  row.found.deviation,
                  row.is_random ? "" : absl::StrFormat("%+.3f", row.lead.mean).c_str(),
                  row.verdict());
    }
  }
  std::fprintf(stderr, "the page is %s\n", flags.output.c_str());
  return absl::OkStatus();
}

}  // namespace

Action AddBenchmark(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file,
                 "a .space file that declares searches on a table, one a strategy")
      ->required();
  app.add_option("--trials", flags->trials, "budgets, each run on its own (default 100,300,1000)")
      ->delimiter(',');
  app.add_option(
         "--seeds", flags->seeds,
         "how many seeds, for all searches and for some, as in 200,bananas=20 (default 200)")
      ->delimiter(',');
  app.add_option("--output", flags->output, "the page to write")->capture_default_str();
  app.add_option("--threads", flags->threads,
                 "searches at a time; by default the machine's threads")
      ->check(WholeNumber(1, 1024));
  app.add_flag("--json", flags->json, "print a JSON line a search and budget");
  return [flags] { return Benchmark(*flags); };
}

}  // namespace nasc
