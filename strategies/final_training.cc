#include "strategies/final_training.h"

#include <ATen/ops/tensor.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/inherit/plan_text.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "glog/logging.h"
#include "runtime/checkpoint.h"
#include "runtime/inherit.h"
#include "runtime/preparation_notes.h"
#include "runtime/run/interrupt.h"
#include "runtime/torch_status.h"
#include "strategies/architecture_file.h"
#include "strategies/tensor_notes.h"
#include "strategies/training_state.h"

namespace nasc {

std::string ScoreText(const Score& score) {
  return absl::StrFormat("loss %.3f  %s %.3f", score.loss, score.measure(), score.quality);
}

absl::StatusOr<Program> InferenceProgram(const ir::Graph& supernet,
                                         const Architecture& architecture) {
  absl::StatusOr<ir::Graph> graph = Fix(supernet, architecture);
  if (!graph.ok()) return graph.status();
  return BuildProgram(KeepResults(*std::move(graph), {"logits"}));
}

absl::Status PutWeights(const Program& program, const WeightValues& weights,
                        ParameterStore& store) {
  return CatchTorch("taking weights", [&] {
    for (const ProgramParam& param : program.params) {
      const auto found = weights.find(param.name);
      const int64_t elements = std::accumulate(param.shape.begin(), param.shape.end(), int64_t{1},
                                               std::multiplies<int64_t>());
      if (found == weights.end() || static_cast<int64_t>(found->second.size()) != elements) {
        return absl::InternalError(absl::StrCat(
            "the weights that are known do not fit the network: ", param.name,
            found == weights.end() ? " is missing" : " has another number of elements"));
      }
      store.Put(param.name, param.role,
                at::tensor(found->second, at::kDouble).reshape(param.shape));
    }
    return absl::OkStatus();
  });
}

namespace {

// Puts what the network inherits into its store. Gives the momentum that its training begins with.
absl::StatusOr<NamedTensors> Inherit(const TrainingRequest& request, const ir::Graph& network,
                                     const Program& program, ParameterStore& store) {
  const Legacy& legacy = *request.legacy;
  absl::StatusOr<Inheritance> inheritance =
      PlanFrom(legacy.donor,
               {request.supernet, request.architecture, network, legacy.classes, legacy.fresh});
  if (!inheritance.ok()) return inheritance.status();
  LOG(INFO) << request.label << ": from " << legacy.donor.name << ", "
            << SummaryText(inheritance->plan);
  const absl::Status status = InheritWeights(inheritance->plan, inheritance->tensors, program,
                                             request.settings.seed, store);
  if (!status.ok()) return status;
  return std::move(inheritance->momenta);
}

// Where weights come from, and all that others need who have nothing but them and the space.
TensorNotes NotesOf(const TrainingRequest& request, int64_t steps_done) {
  TensorNotes notes = NotesOf(request.architecture, request.supernet);
  notes["seed"] = absl::StrCat(request.settings.seed);
  notes["steps"] = absl::StrCat(steps_done);
  const std::optional<ImagePreparation> preparation = request.task.preparation();
  if (!preparation.has_value()) return notes;
  const InputSpec input = request.task.input();
  notes["input"] = absl::StrCat(input.channels, "x", input.height, "x", input.width);
  notes["classes"] = absl::StrCat(input.classes);
  notes.merge(PreparationNotes(*preparation));
  return notes;
}

// The training of one network in its folder.
class NetworkTraining {
 public:
  static absl::StatusOr<std::unique_ptr<NetworkTraining>> Create(const TrainingRequest& request,
                                                                 const RunContext* run) {
    absl::StatusOr<ir::Graph> graph = Fix(request.supernet, request.architecture);
    if (!graph.ok()) return graph.status();
    auto made = std::unique_ptr<NetworkTraining>(new NetworkTraining(request, run));
    made->trained_.cost = CostOf(*graph, {"logits"});
    const absl::Status status = made->Make(*graph);
    if (!status.ok()) return status;
    return made;
  }

  absl::StatusOr<TrainedNetwork> Run() {
    if (keeps() && IsDone()) {
      const absl::Status status = Evaluate();
      if (!status.ok()) return status;
      return trained_;
    }
    absl::Status status = keeps() ? Begin() : absl::OkStatus();
    if (!status.ok()) return status;
    const int64_t steps = training_ != nullptr ? request_.settings.steps : 0;
    LOG(INFO) << "training " << request_.label << ": " << steps << " steps, " << done()
              << " of them done, " << trained_.cost.weights << " weights, " << trained_.cost.macs
              << " MACs";
    if (run_ != nullptr) run_->progress.Begin(absl::StrCat("train ", request_.label), steps);
    status = training_ != nullptr ? Train() : absl::OkStatus();
    if (keeps() && (status.ok() || absl::IsCancelled(status))) {
      const absl::Status saved = SaveWeights();
      if (!saved.ok()) return saved;
    }
    if (status.ok()) status = Evaluate();
    if (run_ != nullptr) run_->progress.End(status.ok() ? Judged() : "");
    if (status.ok()) status = End();
    if (!status.ok()) return status;
    return trained_;
  }

 private:
  NetworkTraining(const TrainingRequest& request, const RunContext* run)
      : request_(request), run_(run), store_(at::kFloat, request.settings.seed) {}

  absl::Status Make(const ir::Graph& graph) {
    absl::StatusOr<Program> program = BuildProgram(graph);
    if (!program.ok()) return program.status();
    const TrainSettings& settings = request_.settings;
    NetworkOptions options;
    options.memory = settings.memory;
    options.batch = settings.sgd.Whole("batch");
    if (request_.weights != nullptr) {
      const absl::Status put = PutWeights(*program, *request_.weights, store_);
      if (!put.ok()) return put;
    }
    absl::StatusOr<NamedTensors> momenta;
    if (request_.legacy != nullptr) {
      momenta = Inherit(request_, graph, *program, store_);
      if (!momenta.ok()) return momenta.status();
    }
    absl::StatusOr<Network> network = Network::Create(*std::move(program), store_, options);
    if (!network.ok()) return network.status();
    network_ = std::make_unique<Network>(*std::move(network));
    program = InferenceProgram(request_.supernet, request_.architecture);
    if (!program.ok()) return program.status();
    absl::StatusOr<Network> inference = Network::Create(*std::move(program), store_);
    if (!inference.ok()) return inference.status();
    inference_ = std::make_unique<Network>(*std::move(inference));
    if (request_.weights != nullptr) return absl::OkStatus();
    absl::StatusOr<Training> training =
        Training::Create(*network_, store_, request_.task, settings);
    if (!training.ok()) return training.status();
    training_ = std::make_unique<Training>(*std::move(training));
    if (momenta.ok()) training_->SetMomenta(*momenta);
    return absl::OkStatus();
  }

  bool keeps() const { return run_ != nullptr && !request_.folder.empty(); }
  int64_t done() const { return training_ != nullptr ? training_->done() : 0; }
  std::string File(absl::string_view name) const {
    return run_->folder.File(absl::StrCat(request_.folder, "/", name));
  }

  // Whether the folder holds the trained network; its weights are then in the store.
  bool IsDone() {
    std::error_code error;
    if (std::filesystem::exists(File(kTrainingFile), error)) return false;
    const absl::StatusOr<TensorFile> file = LoadTensors(File(kWeightsFile));
    if (!file.ok()) return false;
    // Other architectures may have weights of the same names.
    if (!CheckArchitecture(file->notes, "", request_.architecture, request_.supernet).ok()) {
      return false;
    }
    const auto steps = file->notes.find("steps");
    const int64_t all = training_ != nullptr ? request_.settings.steps : 0;
    if (steps == file->notes.end() || steps->second != absl::StrCat(all)) return false;
    for (const auto& [name, tensor] : store_.tensors()) {
      if (!RestoreTensor(file->tensors, name, tensor).ok()) return false;
    }
    return true;
  }

  // Goes on from what was saved, or begins.
  absl::Status Begin() {
    const absl::StatusOr<int64_t> metrics = RestoreTraining(
        File(kTrainingFile), request_.architecture, request_.supernet, training_.get());
    if (metrics.ok()) return run_->metrics.Truncate(*metrics);
    if (!absl::IsNotFound(metrics.status())) return metrics.status();
    const absl::Status written =
        run_->folder.WriteText(absl::StrCat(request_.folder, "/", kArchitectureFile),
                               Print(request_.architecture, request_.supernet));
    return written.ok() ? SaveState() : written;
  }

  absl::Status SaveState() {
    if (!keeps()) return absl::OkStatus();
    const absl::Status synced = run_->metrics.Sync();
    if (!synced.ok()) return synced;
    return SaveTraining(File(kTrainingFile), NotesOf(request_.architecture, request_.supernet),
                        training_.get(), run_->metrics.length());
  }

  absl::Status Train() {
    while (!training_->ended()) {
      const absl::Status status = Step();
      if (!status.ok()) return status;
    }
    return training_->Keep();
  }

  absl::Status Step() {
    absl::StatusOr<Score> score = training_->Step();
    if (!score.ok()) return score.status();
    absl::Status status = Log("train", *score, {});
    if (!status.ok()) return status;
    if (run_ != nullptr) run_->progress.Update(done(), ScoreText(*score));
    const bool epoch = training_->at_end_of_epoch();
    if (epoch) status = EndEpoch();
    if (!status.ok() || !Interrupted()) return status;
    if (!epoch) status = SaveState();
    if (status.ok()) status = training_->Keep();
    if (!status.ok()) return status;
    return absl::CancelledError(absl::StrCat("stopped after ", done(), " of ",
                                             request_.settings.steps, " steps of training ",
                                             request_.label));
  }

  absl::Status EndEpoch() {
    if (request_.settings.keeps_best) {
      absl::StatusOr<Score> score = training_->Validate(*inference_);
      if (!score.ok()) return score.status();
      const absl::Status logged = Log("validation", *score, {});
      if (!logged.ok()) return logged;
    }
    return SaveState();
  }

  absl::Status SaveWeights() const {
    return SaveTensors(File(kWeightsFile), store_.tensors(), NotesOf(request_, done()));
  }

  absl::Status Evaluate() {
    absl::StatusOr<Score> score =
        nasc::Evaluate(*inference_, {}, request_.task, request_.judge, store_.dtype());
    if (score.ok()) trained_.score = *score;
    trained_.tensors = store_.tensors();
    if (training_ != nullptr) trained_.momenta = training_->Momenta();
    return score.status();
  }

  const char* judge() const { return request_.judge == Task::Part::kTest ? "test" : "validation"; }
  std::string Judged() const { return absl::StrCat(judge(), " ", ScoreText(trained_.score)); }

  absl::Status End() {
    LOG(INFO) << request_.label << ": " << Judged();
    absl::Status status = Log(judge(), trained_.score,
                              {{"weights", trained_.cost.weights}, {"macs", trained_.cost.macs}});
    if (!status.ok() || !keeps()) return status;
    status = run_->metrics.Sync();
    if (!status.ok()) return status;
    std::error_code error;
    std::filesystem::remove(File(kTrainingFile), error);
    if (!error) return absl::OkStatus();
    return absl::ErrnoToStatus(error.value(), absl::StrCat("cannot remove ", File(kTrainingFile)));
  }

  // A line of metrics; of what is measured in the course of the training with the steps done.
  absl::Status Log(const char* phase, const Score& score, const JsonFields& more) {
    if (run_ == nullptr) return absl::OkStatus();
    JsonFields line = {{"phase", phase}, {"network", request_.label}};
    if (more.empty()) line.push_back({"step", done()});
    line.push_back({"loss", score.loss});
    line.push_back({score.measure(), score.quality});
    line.insert(line.end(), more.begin(), more.end());
    return run_->metrics.Append(line);
  }

  const TrainingRequest& request_;
  const RunContext* run_;
  ParameterStore store_;
  TrainedNetwork trained_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Network> inference_;  // of the same weights, without what only training needs
  std::unique_ptr<Training> training_;  // nullptr where the weights are known
};

}  // namespace

absl::StatusOr<TrainedNetwork> TrainArchitecture(const TrainingRequest& request,
                                                 const RunContext* run) {
  absl::StatusOr<std::unique_ptr<NetworkTraining>> training = NetworkTraining::Create(request, run);
  if (!training.ok()) return training.status();
  return (*training)->Run();
}

}  // namespace nasc
