// Trains architectures one by one, each from the weights of its nearest relative.

#include <stdlib.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dsl/source.h"
#include "runtime/task.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/trial_training.h"
#include "strategies/inherit/weight_store.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

constexpr int64_t kMegabyte = 1000 * 1000;

// A folder for stores of trials that nobody records.
class ScratchFolder {
 public:
  ScratchFolder() : path_((std::filesystem::temp_directory_path() / "nasc-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  absl::StatusOr<std::string> path() const {
    if (path_.empty()) return absl::InternalError("cannot make a temporary folder for weights");
    return path_;
  }

 private:
  std::string path_;
};

class InheritEvaluator : public Evaluator {
 public:
  static absl::StatusOr<std::unique_ptr<Evaluator>> Make(const EvaluatorContext& context,
                                                         const Options& options) {
    const absl::Status fits = TrialTraining::Check(context);
    if (!fits.ok()) return fits;
    const int64_t epoch = context.task->size(Task::Part::kSearch) / context.sgd.Whole("batch");
    const int64_t steps = options.Whole("steps");
    return std::make_unique<InheritEvaluator>(context,
                                              steps > 0 ? steps : options.Whole("epochs") * epoch,
                                              options.Whole("megabytes") * kMegabyte);
  }

  InheritEvaluator(const EvaluatorContext& context, int64_t heir_steps, int64_t bytes)
      : training_(context), heir_steps_(heir_steps), bytes_(bytes) {}

  const std::vector<std::string>& measures() const override { return training_.measures(); }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const absl::StatusOr<WeightStore*> store = StoreFor(evaluation);
    if (!store.ok()) return store.status();
    // What was kept of later trials is of a run that was cut before it recorded them.
    absl::Status status = (*store)->ForgetAfter(evaluation.trial - 1);
    if (status.ok()) status = (*store)->Shrink(bytes_);
    if (!status.ok()) return status;
    absl::StatusOr<std::optional<Relative>> relative = Nearest(evaluation.architecture, **store);
    if (!relative.ok()) return relative.status();

    std::optional<Legacy> legacy;
    WeightStore::Entry entry;
    if (relative->has_value()) {
      entry.parent = (*relative)->trial;
      legacy.emplace(Legacy{(*relative)->donor, "", {}});
    }
    entry.trial = evaluation.trial;
    entry.steps = training_.StepsAt(evaluation.fidelity,
                                    legacy.has_value() ? heir_steps_ : training_.whole_steps());
    const absl::StatusOr<TrainedNetwork> trained =
        training_.Train(evaluation, entry.steps, legacy.has_value() ? &*legacy : nullptr, values);
    if (!trained.ok()) return trained.status();
    const ir::Graph& supernet = training_.supernet(evaluation.fidelity);
    entry.architecture = Print(evaluation.architecture, supernet);
    entry.fidelity = evaluation.fidelity;
    entry.quality = trained->score.quality;
    NamedTensors tensors = trained->tensors;
    AddPart(kStoredMomentum, trained->momenta, tensors);
    return (*store)->Put(entry, tensors, NotesOf(evaluation.architecture, supernet));
  }

 private:
  struct Relative {
    int64_t trial = 0;
    Donor donor;
  };

  // Each search has its own, so that random search inherits nothing from what is compared with it.
  absl::StatusOr<WeightStore*> StoreFor(const Evaluation& evaluation) {
    const auto it = stores_.find(evaluation.label);
    if (it != stores_.end()) return &it->second;
    const std::string name = WeightStoreFolder(evaluation.label);
    std::string folder;
    if (evaluation.run != nullptr) {
      folder = evaluation.run->folder.File(name);
    } else {
      const absl::StatusOr<std::string> scratch = scratch_.path();
      if (!scratch.ok()) return scratch.status();
      folder = absl::StrCat(*scratch, "/", name);
    }
    absl::StatusOr<WeightStore> store = WeightStore::Open(folder);
    if (!store.ok()) return store.status();
    return &stores_.emplace(evaluation.label, *std::move(store)).first->second;
  }

  absl::StatusOr<Architecture> Read(const std::string& text) {
    if (const auto it = read_.find(text); it != read_.end()) return it->second;
    Diagnostics diagnostics;
    std::optional<Architecture> architecture =
        ParseArchitecture(std::make_shared<SourceFile>("a trained network", text),
                          training_.supernet(1), diagnostics);
    if (!architecture.has_value()) return diagnostics.ToStatus();
    return read_[text] = *std::move(architecture);
  }

  // The trained network that differs in the fewest options; of those as near the best, then the
  // earliest. Nothing while none is kept.
  absl::StatusOr<std::optional<Relative>> Nearest(const Architecture& architecture,
                                                  const WeightStore& store) {
    const absl::StatusOr<std::vector<WeightStore::Entry>> entries = store.Entries();
    if (!entries.ok()) return entries.status();
    const WeightStore::Entry* nearest = nullptr;
    Architecture found;
    std::pair<int64_t, double> least;
    for (const WeightStore::Entry& entry : *entries) {
      absl::StatusOr<Architecture> other = Read(entry.architecture);
      if (!other.ok()) return other.status();
      const std::pair<int64_t, double> rank = {Distance(architecture, *other), -entry.quality};
      if (nearest != nullptr && rank >= least) continue;
      nearest = &entry;
      found = *std::move(other);
      least = rank;
    }
    if (nearest == nullptr) return std::optional<Relative>();
    absl::StatusOr<TensorFile> file = store.Load(*nearest);
    if (!file.ok()) return file.status();
    const ir::Graph& supernet = training_.supernet(nearest->fidelity);
    const absl::Status of_space = CheckIdentity(file->notes, "a trained network", supernet);
    if (!of_space.ok()) return of_space;
    NamedTensors momenta = SavedPart(kStoredMomentum, file->tensors);
    return std::make_optional(
        Relative{nearest->trial, Donor{absl::StrCat("trial ", nearest->trial), supernet, found,
                                       std::move(file->tensors), "", std::move(momenta)}});
  }

  const TrialTraining training_;
  const int64_t heir_steps_;
  const int64_t bytes_;
  ScratchFolder scratch_;
  std::map<std::string, WeightStore> stores_;  // by label
  std::map<std::string, Architecture> read_;   // by text
};

const EvaluatorRegistration registration(
    {"inherit",
     "trains each architecture from the weights of its nearest trained relative; measures accuracy "
     "(r2) and loss on the validation part",
     {{"epochs", OptionSpec::Kind::kWhole, 1, 1, 1e6, "",
       "of one that inherits; the first is trained for the budget of a trial"},
      {"steps", OptionSpec::Kind::kWhole, 0, 0, 1e9, "", "batches, instead of epochs"},
      {"megabytes", OptionSpec::Kind::kWhole, 1000, 1, 1e9, "",
       "of trained networks that are kept at most: the best"}},
     /*takes_data=*/true,
     /*takes_steps=*/true,
     InheritEvaluator::Make,
     /*gives_weights=*/false,
     /*takes_fidelities=*/true});

}  // namespace
}  // namespace nasc
