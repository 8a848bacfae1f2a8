#include "strategies/final_training.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "glog/logging.h"
#include "runtime/checkpoint.h"
#include "runtime/run/interrupt.h"

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
  absl::StatusOr<Network> network = Network::Create(*std::move(program), store, options);
  if (!network.ok()) return network.status();

  const bool keep = run != nullptr && !request.folder.empty();
  if (keep) {
    const absl::Status written =
        run->folder.WriteText(absl::StrCat(request.folder, "/", kArchitectureFile),
                              Print(request.architecture, request.supernet));
    if (!written.ok()) return written;
  }
  LOG(INFO) << "training " << request.label << ": " << request.settings.steps << " steps, "
            << trained.cost.weights << " weights, " << trained.cost.macs << " MACs";
  if (run != nullptr) {
    run->progress.Begin(absl::StrCat("train ", request.label), request.settings.steps);
  }
  const absl::Status status =
      Train(*network, store, request.task, request.settings,
            [&](int64_t done, const Score& score) -> absl::Status {
              if (run != nullptr) {
                run->progress.Update(done, ScoreText(score));
                const absl::Status logged = run->metrics.Append({{"phase", "train"},
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
  if (keep && (status.ok() || absl::IsCancelled(status))) {
    const absl::Status saved = SaveTensors(
        run->folder.File(absl::StrCat(request.folder, "/", kWeightsFile)), store.tensors());
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
