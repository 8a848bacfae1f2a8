#include "strategies/comparison.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/draw.h"
#include "compiler/lower.h"
#include "strategies/trial_study.h"

namespace nasc {
namespace {

// Where curves are looked at.
std::vector<int64_t> PlacesUpTo(int64_t trials) {
  std::vector<int64_t> places;
  for (int step = 0;; ++step) {
    const auto place = static_cast<int64_t>(std::llround(std::pow(10, step / 10.0)));
    if (place >= trials) break;
    if (places.empty() || place > places.back()) places.push_back(place);
  }
  places.push_back(trials);
  return places;
}

// A search that can be run again and again with other seeds; for one thread.
class Contestant {
 public:
  static absl::StatusOr<std::unique_ptr<Contestant>> Create(const SearchConfig& config) {
    if (FindEvaluator(config.evaluator) == nullptr || FindEvaluator(config.evaluator)->takes_data) {
      return absl::InvalidArgumentError(
          absl::StrCat("search ", config.name,
                       ": searches are compared by an evaluator that needs no data, as `table`"));
    }
    auto made = std::make_unique<Contestant>();
    made->config_ = config;
    absl::StatusOr<ir::Graph> supernet = LowerAt(config.space, {config.scale, std::nullopt});
    if (!supernet.ok()) return supernet.status();
    made->supernet_ = *std::move(supernet);
    absl::StatusOr<TrialStudy> study = TrialStudy::Prepare(made->config_, made->supernet_, nullptr);
    if (!study.ok()) return study.status();
    made->study_.emplace(*std::move(study));
    return made;
  }

  struct Run {
    std::vector<double> curve;  // at PlacesUpTo(trials)
    double evaluated = 0;
  };

  absl::StatusOr<Run> Search(int64_t trials, uint64_t seed) {
    absl::StatusOr<std::unique_ptr<TrialStudy::Running>> running =
        study_->Begin(config_.strategy, trials, seed);
    if (!running.ok()) return running.status();
    TrialSearch& search = *(*running)->search;
    std::vector<std::pair<int64_t, ArchitectureCode>> best;
    while (true) {
      absl::StatusOr<bool> more = search.Step(/*run=*/nullptr);
      if (!more.ok()) return more.status();
      if (!*more) break;
      const std::vector<Trial>& front = search.front();
      if (!front.empty() && front.front().number == search.trials()) {
        best.emplace_back(search.trials(), front.front().architecture);
      }
    }
    // Only now is anybody told what was reported.
    Run run;
    run.evaluated = static_cast<double>(search.evaluated());
    std::vector<double> reported;
    for (const auto& [trial, code] : best) {
      absl::StatusOr<std::pair<std::string, double>> figure =
          Reported(study_->space().Decode(code));
      if (!figure.ok()) return figure.status();
      reported.push_back(figure->second);
    }
    if (best.empty()) return absl::OutOfRangeError("a search found nothing");
    size_t at = 0;
    for (int64_t place : PlacesUpTo(trials)) {
      while (at + 1 < best.size() && best[at + 1].first <= place) ++at;
      run.curve.push_back(reported[at]);
    }
    return run;
  }

  absl::StatusOr<std::pair<std::string, double>> Reported(const Architecture& architecture) {
    absl::StatusOr<std::vector<std::pair<std::string, double>>> report =
        study_->evaluator().Report(architecture);
    if (!report.ok()) return report.status();
    if (report->empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("search ", config_.name, ": its evaluator reports nothing to compare by"));
    }
    return report->front();
  }

  const ir::Graph& supernet() const { return supernet_; }

 private:
  SearchConfig config_;
  ir::Graph supernet_;
  std::optional<TrialStudy> study_;
};

struct Job {
  size_t search = 0;
  size_t result = 0;
  int64_t trials = 0;
  int64_t seed = 0;
};

}  // namespace

absl::StatusOr<std::vector<ComparedResult>> CompareSearches(
    const std::vector<ComparedSearch>& searches, const std::vector<int64_t>& budgets, int threads,
    const std::function<absl::Status(int64_t done)>& progress) {
  std::vector<ComparedResult> results;
  std::vector<Job> jobs;
  std::vector<Contestant::Run> runs;
  for (size_t s = 0; s < searches.size(); ++s) {
    for (int64_t trials : budgets) {
      ComparedResult& result = results.emplace_back();
      result.label = searches[s].label;
      result.trials = trials;
      for (int64_t seed = 0; seed < searches[s].seeds; ++seed) {
        jobs.push_back({s, results.size() - 1, trials, seed});
      }
    }
  }
  runs.resize(jobs.size());
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  int64_t done = 0;
  absl::Status failure;
  const auto work = [&] {
    std::map<size_t, std::unique_ptr<Contestant>> contestants;
    while (true) {
      const size_t j = next++;
      if (j >= jobs.size()) return;
      const Job& job = jobs[j];
      absl::Status status;
      std::unique_ptr<Contestant>& contestant = contestants[job.search];
      if (contestant == nullptr) {
        // Those before it have ended; what they hold is not needed any more.
        contestants.erase(contestants.begin(), contestants.find(job.search));
        absl::StatusOr<std::unique_ptr<Contestant>> made =
            Contestant::Create(searches[job.search].config);
        status = made.status();
        if (made.ok()) contestants[job.search] = *std::move(made);
      }
      if (status.ok()) {
        absl::StatusOr<Contestant::Run> run =
            contestants[job.search]->Search(job.trials, static_cast<uint64_t>(job.seed));
        status = run.status();
        if (run.ok()) runs[j] = *std::move(run);
      }
      const std::lock_guard<std::mutex> lock(mutex);
      if (failure.ok() && status.ok()) status = progress(++done);
      if (failure.ok() && !status.ok()) failure = status;
      if (!failure.ok()) next = jobs.size();
    }
  };
  std::vector<std::thread> workers;
  for (int t = 1; t < threads; ++t) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
  if (!failure.ok()) return failure;

  for (size_t j = 0; j < jobs.size(); ++j) {
    ComparedResult& result = results[jobs[j].result];
    if (result.at.empty()) {
      result.at = PlacesUpTo(result.trials);
      result.curve.assign(result.at.size(), 0);
    }
    result.found.push_back(runs[j].curve.back());
    result.evaluated.push_back(runs[j].evaluated);
    for (size_t i = 0; i < result.curve.size(); ++i) result.curve[i] += runs[j].curve[i];
  }
  for (ComparedResult& result : results) {
    for (double& value : result.curve) value /= static_cast<double>(result.found.size());
  }
  return results;
}

absl::StatusOr<std::pair<std::string, double>> BestReported(const SearchConfig& config,
                                                            int64_t most) {
  absl::StatusOr<std::unique_ptr<Contestant>> contestant = Contestant::Create(config);
  if (!contestant.ok()) return contestant.status();
  const bool minimized =
      !config.objectives.empty() && absl::StartsWith(config.objectives[0].text(), "minimize");
  std::optional<std::pair<std::string, double>> best;
  absl::Status status;
  const ir::Graph& supernet = (*contestant)->supernet();
  ForEachArchitecture(supernet.decisions, supernet.constraints, [&](const Architecture& one) {
    if (--most < 0) {
      status = absl::OutOfRangeError("the space is too large to look at all of it");
      return false;
    }
    absl::StatusOr<std::pair<std::string, double>> figure = (*contestant)->Reported(one);
    if (!figure.ok()) {
      status = figure.status();
      return false;
    }
    const bool better = !best.has_value() ||
                        (minimized ? figure->second < best->second : figure->second > best->second);
    if (better) best = *std::move(figure);
    return true;
  });
  if (!status.ok()) return status;
  return *std::move(best);
}

}  // namespace nasc
