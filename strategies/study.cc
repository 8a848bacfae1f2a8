#include "strategies/study.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "compiler/lower.h"
#include "compiler/versions/translation.h"
#include "runtime/random/random.h"
#include "strategies/architecture_file.h"
#include "strategies/data_input.h"
#include "strategies/migrate/network.h"
#include "strategies/one_shot/collapse.h"
#include "strategies/one_shot/one_shot_search.h"

namespace nasc {

namespace {

constexpr char kDerived[] = "derived";

bool KeepsBest(const Options& final_options) { return final_options.Text("keep") == "best"; }

// What a final network is trained with: all, but what the best weights are told by.
Task::Part FinalPart(const Options& final_options) {
  return KeepsBest(final_options) ? Task::Part::kSearch : Task::Part::kTrain;
}

}  // namespace

absl::StatusOr<ir::Graph> LowerFor(const Space& space, const std::string& scale, const Task* task) {
  if (task == nullptr) return LowerAt(space, {scale, std::nullopt});
  return LowerForData(space, scale, task->input());
}

absl::StatusOr<Study> Study::Prepare(SearchConfig config) {
  Study study;
  study.config_ = std::make_unique<SearchConfig>(std::move(config));
  const SearchConfig& c = *study.config_;
  if (!c.dataset.empty()) {
    absl::StatusOr<Task> task = Task::Load(c.dataset, c.data, c.seed);
    if (!task.ok()) return task.status();
    study.task_ = std::make_unique<Task>(*std::move(task));
  }
  absl::StatusOr<ir::Graph> supernet = LowerFor(c.space, c.scale, study.task_.get());
  if (!supernet.ok()) return supernet.status();
  study.supernet_ = std::make_unique<ir::Graph>(*std::move(supernet));

  if (FindStrategy(c.strategy)->make_one_shot != nullptr) {
    const absl::Status status = CheckOneShot({c, *study.supernet_, *study.task_});
    if (!status.ok()) return status;
  } else {
    absl::StatusOr<TrialStudy> trials = TrialStudy::Prepare(c, *study.supernet_, study.task_.get());
    if (!trials.ok()) return trials.status();
    study.trials_ = std::make_unique<TrialStudy>(*std::move(trials));
  }
  if (!c.final_scale.empty()) {
    absl::StatusOr<ir::Graph> final_supernet = LowerFor(c.space, c.final_scale, study.task_.get());
    if (!final_supernet.ok()) return final_supernet.status();
    study.final_supernet_ = std::make_unique<ir::Graph>(*std::move(final_supernet));
    const auto batch = static_cast<int>(c.final_options.Whole("batch"));
    const absl::Status rates = WeightRates::Parse(c.final_options.Text("rates")).status();
    if (!rates.ok()) return rates;
    absl::Status fits = study.task_->Training(FinalPart(c.final_options), batch, 0, 0).status();
    if (fits.ok() && KeepsBest(c.final_options)) {
      fits = study.task_->Evaluation(Task::Part::kValidation, 1).status();
    }
    if (!fits.ok()) return fits;
  }
  return study;
}

absl::StatusOr<TrainedNetwork> Study::TrainFinal(const std::string& label,
                                                 const Architecture& architecture,
                                                 const RunContext& run) {
  const Options& options = config_->final_options;
  TrainSettings settings;
  settings.sgd = options;
  settings.part = FinalPart(options);
  settings.cutout = static_cast<int>(options.Whole("cutout"));
  settings.seed = config_->seed;
  settings.memory = config_->memory;
  settings.soft_targets = {options.Real("label_smoothing"), options.Real("mixup")};
  settings.average = options.Real("ema");
  settings.keeps_best = KeepsBest(options);
  absl::StatusOr<WeightRates> rates = WeightRates::Parse(options.Text("rates"));
  if (!rates.ok()) return rates.status();
  settings.rates = *std::move(rates);
  settings.steps =
      config_->final_budget.StepsFor(task_->size(settings.part) / options.Whole("batch"));
  std::optional<WeightValues> weights;
  if (trials_ != nullptr) {
    absl::StatusOr<std::optional<WeightValues>> known =
        trials_->evaluator().Weights(*final_supernet_, architecture);
    if (!known.ok()) return known.status();
    weights = *std::move(known);
  }
  TrainingRequest request{
      *final_supernet_,  architecture, *task_, settings,
      Task::Part::kTest, label,        label,  weights.has_value() ? &*weights : nullptr};
  std::optional<Legacy> legacy;
  if (donor_ != nullptr) {
    legacy.emplace(Legacy{*donor_, ClassesOf(config_->dataset, config_->data), FreshNames()});
    request.legacy = &*legacy;
  }
  return TrainArchitecture(request, &run);
}

std::vector<std::string> Study::FreshNames() const {
  return absl::StrSplit(config_->final_options.Text("fresh"), absl::ByAnyChar(", "),
                        absl::SkipEmpty());
}

absl::StatusOr<Carried> Study::CarryFrom(const Study& before, const std::string& from,
                                         const std::vector<Rename>& renames,
                                         const RunContext& run) {
  const auto is_there = [](const std::string& path) {
    std::error_code error;
    return std::filesystem::exists(path, error);
  };
  if ((before.trials_ == nullptr) != (trials_ == nullptr)) {
    return absl::InvalidArgumentError(
        absl::StrCat("strategy ", before.config().strategy, " of the run and ", config_->strategy,
                     " of the new search are not of one kind: one evaluates trials, the other "
                     "trains a supernet"));
  }
  const Translation translation(before.supernet(), *supernet_, renames);
  absl::StatusOr<Carried> carried = Carried();
  if (trials_ != nullptr) {
    const absl::Status alike = trials_->CheckMeasuredAlike(before.config());
    if (!alike.ok()) return alike;
    carried = trials_->CarryFrom(from, translation, run);
  } else if (is_there(absl::StrCat(from, "/", kSearchFile))) {
    carried = CarryOneShot({before.config(), before.supernet(), *before.task()}, from, translation,
                           {*config_, *supernet_, *task_}, run);
  }
  if (!carried.ok()) return carried;
  const std::string found = absl::StrCat(from, "/", kArchitectureFile);
  if (is_there(found)) {
    const absl::StatusOr<Architecture> architecture = LoadArchitecture(found, before.supernet());
    if (!architecture.ok()) return architecture.status();
    const absl::StatusOr<Architecture> translated = translation.Of(*architecture);
    CarriedItem item = {"architecture", kArchitectureFile, Fate::kLost,
                        std::string(translated.status().message())};
    if (translated.ok()) {
      const std::string text = Print(*translated, *supernet_);
      const absl::Status status = run.folder.WriteText(kArchitectureFile, text);
      if (!status.ok()) return status;
      const bool kept = ChoicesIn(text) == ChoicesIn(Print(*architecture, before.supernet()));
      item.fate = kept ? Fate::kKept : Fate::kRemapped;
      item.why = kept ? "" : "other names or places";
    }
    carried->push_back(std::move(item));
  }
  if (before.final_supernet() == nullptr || final_supernet_ == nullptr) return carried;
  const Translation at_final(*before.final_supernet(), *final_supernet_, renames);
  for (const char* label : {kDerived, "random", "network"}) {
    const absl::StatusOr<std::optional<CarriedItem>> network =
        CarryNetwork(label, absl::StrCat(from, "/", label), at_final, run.folder.File(label));
    if (!network.ok()) return network.status();
    if (network->has_value()) carried->push_back(**network);
  }
  return carried;
}

absl::StatusOr<Study::Summary> Study::Run(const RunContext& run, bool resume) {
  Summary summary;
  const bool baseline = config_->random_baseline;
  // What was searched is done where a final training has begun.
  std::error_code error;
  const bool ended =
      resume && std::filesystem::exists(
                    run.folder.File(absl::StrCat(kDerived, "/", kArchitectureFile)), error);
  if (trials_ != nullptr) {
    const absl::Status opened = trials_->Open(run, resume, ended);
    if (!opened.ok()) return opened;
    const auto search = [&](const std::string& label) -> absl::StatusOr<Side> {
      absl::StatusOr<TrialOutcome> outcome = trials_->Run(label, run);
      if (!outcome.ok()) return outcome.status();
      return Side{outcome->front.front().architecture, *outcome, std::nullopt};
    };
    absl::StatusOr<Side> found = search("search");
    if (!found.ok()) return found.status();
    summary.found = *std::move(found);
    if (baseline) {
      absl::StatusOr<Side> random = search("random");
      if (!random.ok()) return random.status();
      summary.random = *std::move(random);
    }
  } else {
    absl::StatusOr<Architecture> found =
        ended ? LoadArchitecture(run.folder.File(kArchitectureFile), *supernet_)
              : SearchOneShot({*config_, *supernet_, *task_}, run, resume);
    if (!found.ok()) return found.status();
    summary.found.architecture = *std::move(found);
    for (const Collapse& collapse : CollapsedCells(*supernet_, summary.found.architecture)) {
      summary.alarms.push_back(Describe(collapse));
    }
    if (baseline && !config_->final_scale.empty()) {
      const DecisionSpace space(*supernet_);
      Rng rng(HashSeed(config_->seed, "baseline"));
      summary.random = Side{space.Decode(space.Draw(rng)), std::nullopt, std::nullopt};
    }
  }
  if (config_->final_scale.empty()) return summary;
  const auto train = [&](const std::string& label, Side& side) {
    absl::StatusOr<TrainedNetwork> trained = TrainFinal(label, side.architecture, run);
    if (trained.ok()) side.trained = *trained;
    return trained.status();
  };
  absl::Status status = train(kDerived, summary.found);
  if (status.ok() && summary.random.has_value()) status = train("random", *summary.random);
  if (!status.ok()) return status;
  return summary;
}

}  // namespace nasc
