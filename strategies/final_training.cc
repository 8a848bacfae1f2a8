#include "strategies/final_training.h"

#include <ATen/ops/tensor.h>

#include <functional>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "glog/logging.h"
#include "runtime/checkpoint.h"
#include "runtime/preparation_notes.h"
#include "runtime/run/interrupt.h"
#include "runtime/torch_status.h"

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

// Trains the network as the request says, with a line of progress and metrics a step.
absl::Status TrainWeights(const TrainingRequest& request, const Network& network,
                          ParameterStore& store, const RunContext* run, int64_t& steps_done) {
  return Train(network, store, request.task, request.settings,
               [&](int64_t done, const Score& score) -> absl::Status {
                 steps_done = done;
                 if (run != nullptr) {
                   run->progress.Update(done, ScoreText(score));
                   const absl::Status logged =
                       run->metrics.Append({{"phase", "train"},
                                            {"network", request.label},
                                            {"step", done},
                                            {"loss", score.loss},
                                            {score.measure(), score.quality}});
                   if (!logged.ok()) return logged;
                 }
                 if (!Interrupted()) return absl::OkStatus();
                 return absl::CancelledError(absl::StrCat("stopped after ", done, " of ",
                                                          request.settings.steps,
                                                          " steps of training ", request.label));
               });
}

// Where weights come from, and all that others need who have nothing but them and the space.
TensorNotes NotesOf(const TrainingRequest& request, int64_t steps_done) {
  TensorNotes notes = {{"space", request.supernet.space},
                       {"version", request.supernet.version},
                       {"scale", request.supernet.scale},
                       {"architecture", Print(request.architecture, request.supernet)},
                       {"seed", absl::StrCat(request.settings.seed)},
                       {"steps", absl::StrCat(steps_done)}};
  const std::optional<ImagePreparation> preparation = request.task.preparation();
  if (!preparation.has_value()) return notes;
  const InputSpec input = request.task.input();
  notes["input"] = absl::StrCat(input.channels, "x", input.height, "x", input.width);
  notes["classes"] = absl::StrCat(input.classes);
  notes.merge(PreparationNotes(*preparation));
  return notes;
}

}  // namespace

absl::StatusOr<TrainedNetwork> TrainArchitecture(const TrainingRequest& request,
                                                 const RunContext* run) {
  absl::StatusOr<ir::Graph> graph = Fix(request.supernet, request.architecture);
  if (!graph.ok()) return graph.status();
  TrainedNetwork trained;
  trained.cost = CostOf(*graph, {"logits"});
  absl::StatusOr<Program> program = BuildProgram(*graph);
  if (!program.ok()) return program.status();
  ParameterStore store(at::kFloat, request.settings.seed);
  NetworkOptions options;
  options.memory = request.settings.memory;
  options.batch = request.settings.sgd.Whole("batch");
  const bool known = request.weights != nullptr;
  if (known) {
    const absl::Status put = PutWeights(*program, *request.weights, store);
    if (!put.ok()) return put;
  }
  absl::StatusOr<Network> network = Network::Create(*std::move(program), store, options);
  if (!network.ok()) return network.status();

  const bool keep = run != nullptr && !request.folder.empty();
  if (keep) {
    const absl::Status written =
        run->folder.WriteText(absl::StrCat(request.folder, "/", kArchitectureFile),
                              Print(request.architecture, request.supernet));
    if (!written.ok()) return written;
  }
  const int64_t steps = known ? 0 : request.settings.steps;
  LOG(INFO) << "training " << request.label << ": " << steps << " steps, " << trained.cost.weights
            << " weights, " << trained.cost.macs << " MACs";
  if (run != nullptr) {
    run->progress.Begin(absl::StrCat("train ", request.label), steps);
  }
  int64_t steps_done = 0;
  const absl::Status status =
      known ? absl::OkStatus() : TrainWeights(request, *network, store, run, steps_done);
  if (keep && (status.ok() || absl::IsCancelled(status))) {
    const absl::Status saved =
        SaveTensors(run->folder.File(absl::StrCat(request.folder, "/", kWeightsFile)),
                    store.tensors(), NotesOf(request, steps_done));
    if (!saved.ok()) return saved;
  }
  if (!status.ok()) {
    if (run != nullptr) run->progress.End("");
    return status;
  }
  program = InferenceProgram(request.supernet, request.architecture);
  if (!program.ok()) return program.status();
  absl::StatusOr<Network> inference = Network::Create(*std::move(program), store);
  if (!inference.ok()) return inference.status();
  absl::StatusOr<Score> score =
      Evaluate(*inference, {}, request.task, request.judge, store.dtype());
  if (!score.ok()) return score.status();
  trained.score = *score;
  const bool test = request.judge == Task::Part::kTest;
  LOG(INFO) << request.label << ": " << (test ? "test " : "validation ") << ScoreText(*score);
  if (run == nullptr) return trained;
  run->progress.End(absl::StrCat(test ? "test " : "validation ", ScoreText(*score)));
  const absl::Status logged = run->metrics.Append({{"phase", test ? "test" : "validation"},
                                                   {"network", request.label},
                                                   {"loss", score->loss},
                                                   {score->measure(), score->quality},
                                                   {"weights", trained.cost.weights},
                                                   {"macs", trained.cost.macs}});
  if (!logged.ok()) return logged;
  return trained;
}

}  // namespace nasc
