#include "strategies/one_shot/shared_weights.h"

#include <ATen/ops/zeros.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/cost.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

// Statistics of the batch are what training takes; all else is as in an evaluation.
ForwardMode BatchStatistics() {
  ForwardMode mode;
  mode.training = true;
  mode.drop_path_progress = 0;
  return mode;
}

void KeepFeatures(Program& program) {
  for (ProgramStep& step : program.steps) {
    if (step.op != "dropout") continue;
    for (ProgramAttribute& attribute : step.attributes) {
      if (attribute.first == "rate") attribute.second = 0.0;
    }
  }
}

}  // namespace

absl::StatusOr<Score> SharedWeights::On(const Architecture& architecture, const Task& task,
                                        Task::Part part) {
  const absl::StatusOr<const Compiled*> compiled = Find(architecture);
  if (!compiled.ok()) return compiled.status();
  return Evaluate((*compiled)->network, (*compiled)->logits, task, part, store_.dtype(),
                  BatchStatistics());
}

absl::StatusOr<Score> SharedWeights::On(const Architecture& architecture, const Batch& batch) {
  const absl::StatusOr<const Compiled*> compiled = Find(architecture);
  if (!compiled.ok()) return compiled.status();
  return Evaluate((*compiled)->network, (*compiled)->logits, batch, BatchStatistics());
}

absl::Status SharedWeights::Check(const Architecture& architecture) {
  return Find(architecture).status();
}

absl::StatusOr<const SharedWeights::Compiled*> SharedWeights::Find(
    const Architecture& architecture) {
  const auto it = compiled_.find(architecture);
  if (it != compiled_.end()) {
    recent_.splice(recent_.begin(), recent_, it->second);
    return &recent_.front();
  }
  absl::StatusOr<Compiled> made =
      CatchTorch("compiling", [&]() -> absl::StatusOr<Compiled> { return Compile(architecture); });
  if (!made.ok()) return made.status();
  recent_.push_front(*std::move(made));
  compiled_[architecture] = recent_.begin();
  if (static_cast<int64_t>(recent_.size()) > kept_) {
    compiled_.erase(recent_.back().architecture);
    recent_.pop_back();
  }
  return &recent_.front();
}

absl::StatusOr<SharedWeights::Compiled> SharedWeights::Compile(const Architecture& architecture) {
  absl::StatusOr<ir::Graph> graph = RelaxToSample(supernet_, architecture);
  if (!graph.ok()) return graph.status();
  absl::StatusOr<Program> program = BuildProgram(KeepResults(*std::move(graph), {"logits"}));
  if (!program.ok()) return program.status();
  KeepFeatures(*program);
  for (const ProgramParam& param : program->params) {
    if (param.role != ir::Param::Role::kWeight || store_.tensors().count(param.name) > 0) continue;
    const auto it = weights_.find(param.name);
    if (it == weights_.end()) {
      return absl::FailedPreconditionError(absl::StrCat("the shared weights have no ", param.name));
    }
    store_.Put(param.name, param.role, it->second);
  }
  Network::Logits logits;
  for (const ProgramDecision& decision : program->decisions) {
    logits[decision.path] = at::zeros({decision.options}, store_.dtype());
  }
  absl::StatusOr<Network> network = Network::Create(*std::move(program), store_);
  if (!network.ok()) return network.status();
  return Compiled{architecture, *std::move(network), std::move(logits)};
}

}  // namespace nasc
