#include "strategies/one_shot/one_shot_search.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "compiler/partial_channels.h"
#include "glog/logging.h"
#include "runtime/checkpoint.h"
#include "runtime/random/random.h"
#include "runtime/run/interrupt.h"
#include "runtime/saved_loader.h"
#include "strategies/architecture_file.h"
#include "strategies/final_training.h"
#include "strategies/one_shot/collapse.h"
#include "strategies/one_shot/early_stop.h"
#include "strategies/one_shot/one_shot_strategy.h"
#include "strategies/one_shot/remedy_options.h"
#include "strategies/one_shot/search_state.h"
#include "strategies/registry.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

constexpr absl::Duration kBetweenCheckpoints = absl::Seconds(60);

// A search with all that changes in its course.
class Search {
 public:
  static absl::StatusOr<std::unique_ptr<Search>> Create(const OneShotSearch& inputs) {
    const SearchConfig& config = inputs.config;
    const int64_t part = config.strategy_options.Whole(kPartialChannels);
    absl::StatusOr<ir::Graph> supernet = inputs.supernet;
    if (part > 1) supernet = PartialChannels(inputs.supernet, part);
    if (!supernet.ok()) return supernet.status();
    const auto batch = static_cast<int>(config.train.Whole("batch"));
    absl::StatusOr<Loader> training =
        inputs.task.Training(Task::Part::kSearch, batch, 0, HashSeed(config.seed, "search"));
    if (!training.ok()) return training.status();
    absl::StatusOr<Loader> validation =
        inputs.task.Training(Task::Part::kValidation, batch, 0, HashSeed(config.seed, "decisions"));
    if (!validation.ok()) return validation.status();
    auto search = std::make_unique<Search>(inputs, *std::move(supernet), *std::move(training),
                                           *std::move(validation));
    const absl::Status status = search->MakeStrategy();
    if (!status.ok()) return status;
    return search;
  }

  Search(const OneShotSearch& inputs, ir::Graph supernet, Loader training, Loader validation)
      : inputs_(inputs),
        supernet_(std::move(supernet)),
        store_(at::kFloat, inputs.config.seed),
        context_{supernet_,   store_, inputs.config.train, inputs.config.seed, inputs.config.memory,
                 &inputs.task},
        training_(std::move(training)),
        validation_(std::move(validation)),
        steps_(inputs.config.budget.StepsFor(training_.batches())) {
    context_.epochs = static_cast<double>(steps_) / static_cast<double>(training_.batches());
  }

  absl::StatusOr<Architecture> Run(const RunContext& run, bool resume) {
    absl::Status status = resume ? GoOn(run) : SaveState(run);
    if (!status.ok()) return status;
    LOG(INFO) << "searching with " << inputs_.config.strategy << ": " << steps_ << " steps of "
              << inputs_.config.train.Whole("batch") << " examples, " << done_ << " of them done";
    run.progress.Begin("search", steps_);
    while (done_ < steps_ && !stop_->stopped() && !Interrupted()) {
      status = Step(run);
      if (!status.ok()) return status;
    }
    run.progress.End(stop_->reason());
    return End(run);
  }

  // Takes over a search of an earlier version of the space, and saves what it goes on from.
  absl::StatusOr<Carried> CarryFrom(Search& before, const std::string& from,
                                    const Translation& translation, const RunContext& run) {
    SearchState state = before.State();
    const absl::StatusOr<int64_t> restored =
        RestoreSearch(absl::StrCat(from, "/", kSearchFile), state);
    if (!restored.ok()) return restored.status();
    absl::StatusOr<Carried> carried = CarryWeights(before.store_, translation.renames());
    if (!carried.ok()) return carried;
    const absl::StatusOr<Carried> decisions = strategy_->Adopt(*before.strategy_, translation);
    if (!decisions.ok()) return decisions;
    carried->insert(carried->end(), decisions->begin(), decisions->end());
    const NamedTensors places = {{"training", SaveLoader(before.training_)},
                                 {"validation", SaveLoader(before.validation_)}};
    // Of other data the examples begin anew.
    RestoreLoader(places, "training", training_).IgnoreError();
    RestoreLoader(places, "validation", validation_).IgnoreError();
    done_ = std::min(state.steps, steps_);
    absl::Status status = SaveState(run);
    if (status.ok()) status = SaveResults(run.folder);
    if (!status.ok()) return status;
    return carried;
  }

 private:
  absl::StatusOr<Carried> CarryWeights(const ParameterStore& before, const Renames& renames) {
    Carried carried;
    for (const auto& [name, tensor] : before.tensors()) {
      const std::string new_name = renames.Name(name);
      const auto own = store_.tensors().find(new_name);
      if (own == store_.tensors().end()) {
        carried.push_back({"weight", name, Fate::kLost, "the new version has no such weight"});
      } else if (own->second.sizes() != tensor.sizes()) {
        carried.push_back({"weight", name, Fate::kLost, "it has another shape"});
      } else {
        const absl::Status status = RestoreTensor({{new_name, tensor}}, new_name, own->second);
        if (!status.ok()) return status;
        const bool same = name == new_name;
        carried.push_back(
            {"weight", name, same ? Fate::kKept : Fate::kRemapped, same ? "" : new_name});
      }
    }
    return carried;
  }

  absl::Status MakeStrategy() {
    const SearchConfig& config = inputs_.config;
    Score score;
    score.regression = !inputs_.task.target_deviations().empty();
    absl::StatusOr<ScoredObjective> objective = ScoredObjective::Create(
        config.objectives.empty() ? Objective::Maximize(score.measure()) : config.objectives[0],
        score.regression, {inputs_.supernet, config.latency, config.seed});
    if (!objective.ok()) return objective.status();
    objective_ = std::make_unique<ScoredObjective>(*std::move(objective));
    context_.objective = objective_.get();
    absl::StatusOr<std::unique_ptr<OneShotStrategy>> made =
        FindStrategy(inputs_.config.strategy)
            ->make_one_shot(context_, inputs_.config.strategy_options);
    if (!made.ok()) return made.status();
    strategy_ = *std::move(made);
    absl::StatusOr<EarlyStop> stop =
        EarlyStop::Create(inputs_.config.strategy_options, context_, inputs_.supernet, *strategy_,
                          training_.batches());
    if (!stop.ok()) return stop.status();
    stop_ = std::make_unique<EarlyStop>(*std::move(stop));
    return absl::OkStatus();
  }

  absl::Status Step(const RunContext& run) {
    const double progress = static_cast<double>(done_) / static_cast<double>(steps_);
    const Batch train_batch = NextBatch(training_, store_.dtype());
    const Batch validation_batch = NextBatch(validation_, store_.dtype());
    absl::StatusOr<Score> score = strategy_->Step(train_batch, validation_batch, progress);
    if (!score.ok()) return score.status();
    ++done_;
    run.progress.Update(done_, ScoreText(*score));
    absl::Status status = run.metrics.Append({{"phase", "search"},
                                              {"step", done_},
                                              {"loss", score->loss},
                                              {score->measure(), score->quality}});
    if (status.ok()) status = LookForCollapse(validation_batch, run);
    if (status.ok() && absl::Now() - saved_ >= kBetweenCheckpoints) status = SaveState(run);
    return status;
  }

  absl::Status LookForCollapse(const Batch& validation, const RunContext& run) {
    const auto check = stop_->After(done_, *strategy_, validation);
    if (!check.ok()) return check.status();
    if (!check->has_value()) return absl::OkStatus();
    JsonFields fields = {{"phase", "check"}, {"step", done_}, {"identities", (*check)->identities}};
    if ((*check)->eigenvalue.has_value()) fields.push_back({"eigenvalue", *(*check)->eigenvalue});
    const absl::Status status = run.metrics.Append(fields);
    if (!status.ok() || !stop_->stopped()) return status;
    LOG(INFO) << "the search ends after " << done_ << " of " << steps_
              << " steps: " << stop_->reason();
    return run.metrics.Append({{"phase", "stop"}, {"step", done_}, {"reason", stop_->reason()}});
  }

  SearchState State() {
    return {inputs_.supernet, store_, *strategy_, *stop_, training_, validation_, done_};
  }

  absl::Status SaveState(const RunContext& run) {
    saved_ = absl::Now();
    return SaveSearch(run.folder.File(kSearchFile), State(), run.metrics.length());
  }

  absl::Status GoOn(const RunContext& run) {
    SearchState state = State();
    const absl::StatusOr<int64_t> metrics = RestoreSearch(run.folder.File(kSearchFile), state);
    // It stopped before its first step.
    if (absl::IsNotFound(metrics.status())) return SaveState(run);
    if (!metrics.ok()) return metrics.status();
    saved_ = absl::Now();
    return run.metrics.Truncate(*metrics);
  }

  absl::StatusOr<Architecture> End(const RunContext& run) {
    // Before the choice, which is made again where the search goes on from here.
    absl::Status status = SaveState(run);
    if (!status.ok()) return status;
    const bool interrupted = done_ < steps_ && !stop_->stopped();
    absl::StatusOr<Architecture> chosen = stop_->stopped() ? stop_->result()
                                          : interrupted    ? strategy_->Derive()
                                                           : strategy_->Choose();
    if (!chosen.ok()) return chosen.status();
    const Architecture& found = *chosen;
    const RunFolder& folder = run.folder;
    status = folder.WriteText(kArchitectureFile, Print(found, inputs_.supernet));
    if (status.ok()) status = SaveResults(folder);
    if (!status.ok()) return status;
    if (interrupted) {
      return absl::CancelledError(absl::StrCat(
          "stopped after ", done_, " of ", steps_,
          " steps of the search; the architecture so far is in ", folder.File(kArchitectureFile)));
    }
    for (const Collapse& collapse : CollapsedCells(inputs_.supernet, found)) {
      LOG(WARNING) << Describe(collapse);
      status = run.metrics.Append({{"phase", "collapse"},
                                   {"cell", collapse.cell},
                                   {"parameter_free", collapse.parameter_free},
                                   {"edges", collapse.edges}});
      if (!status.ok()) return status;
    }
    return found;
  }

  absl::Status SaveResults(const RunFolder& folder) const {
    TensorNotes notes = NotesOf(inputs_.supernet);
    notes["strategy"] = inputs_.config.strategy;
    notes["seed"] = absl::StrCat(inputs_.config.seed);
    notes["steps"] = absl::StrCat(done_);
    const absl::Status status = SaveTensors(folder.File(kSupernetFile), store_.tensors(), notes);
    return status.ok() ? SaveTensors(folder.File(kDecisionsFile), strategy_->State(), notes)
                       : status;
  }

  const OneShotSearch inputs_;
  const ir::Graph supernet_;  // what is searched: a part of the channels, where the options say so
  ParameterStore store_;
  std::unique_ptr<ScoredObjective> objective_;
  OneShotContext context_;
  Loader training_;
  Loader validation_;
  const int64_t steps_;
  int64_t done_ = 0;
  absl::Time saved_;
  std::unique_ptr<OneShotStrategy> strategy_;
  std::unique_ptr<EarlyStop> stop_;
};

}  // namespace

absl::Status CheckOneShot(const OneShotSearch& inputs) { return Search::Create(inputs).status(); }

absl::StatusOr<Carried> CarryOneShot(const OneShotSearch& before, const std::string& from,
                                     const Translation& translation, const OneShotSearch& inputs,
                                     const RunContext& run) {
  const absl::StatusOr<std::unique_ptr<Search>> old_search = Search::Create(before);
  if (!old_search.ok()) return old_search.status();
  const absl::StatusOr<std::unique_ptr<Search>> search = Search::Create(inputs);
  if (!search.ok()) return search.status();
  return (*search)->CarryFrom(**old_search, from, translation, run);
}

absl::StatusOr<Architecture> SearchOneShot(const OneShotSearch& inputs, const RunContext& run,
                                           bool resume) {
  const absl::StatusOr<std::unique_ptr<Search>> search = Search::Create(inputs);
  if (!search.ok()) return search.status();
  return (*search)->Run(run, resume);
}

}  // namespace nasc
