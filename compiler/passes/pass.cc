#include "compiler/passes/pass.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compiler/passes/passes.h"
#include "compiler/primitives.h"
#include "compiler/program/lower.h"
#include "compiler/program/memory.h"
#include "compiler/program/steps.h"
#include "glog/logging.h"

namespace nasc {
namespace {

bool IsKnown(absl::string_view op) {
  if (absl::StartsWith(op, kAutogradPrefix)) op.remove_prefix(kAutogradPrefix.size());
  return FindPrimitive(op) != nullptr || FindStepOp(op) != nullptr;
}

void CheckValid(const Program& program, absl::string_view after) {
  const absl::Status valid = VerifyProgram(program);
  CHECK(valid.ok()) << "after " << after << ": " << valid << "\n" << Print(program);
}

}  // namespace

const std::vector<Pass>& Passes() {
  static const auto* const passes = new std::vector<Pass>{
      {"fold_sums", "zeros and sums of one tensor go", FoldSums},
      {"share_steps", "what several edges compute alike is computed once", ShareSteps},
      {"flatten_sums", "a node is one pass over all candidates of all its edges", FlattenSums},
      {"fuse_separable", "batch norm, ReLU and depthwise go into the 1x1 convolution",
       FuseSeparable},
      {"fuse_moments", "statistics of a batch norm are summed up where its input is made",
       FuseMoments},
  };
  return *passes;
}

absl::StatusOr<std::vector<const Pass*>> PassesNamed(absl::string_view names) {
  std::vector<const Pass*> passes;
  if (names == "none") return passes;
  std::vector<std::string> wanted = absl::StrSplit(names, ',');
  for (const Pass& pass : Passes()) {
    const auto it = absl::c_find(wanted, pass.name);
    if (names == "all" || it != wanted.end()) passes.push_back(&pass);
    if (it != wanted.end()) wanted.erase(it);
  }
  if (names == "all" || wanted.empty()) return passes;
  return absl::InvalidArgumentError(absl::StrCat(
      "no pass '", wanted[0], "'; there are all, none, ",
      absl::StrJoin(Passes(), ", ",
                    [](std::string* out, const Pass& pass) { absl::StrAppend(out, pass.name); })));
}

absl::Status VerifyProgram(const Program& program) {
  std::vector<bool> made(program.values.size());
  const auto fail = [](const ProgramStep& step, absl::string_view what) {
    return absl::InternalError(absl::StrCat(step.op, " of ", step.name, " ", what));
  };
  for (const ProgramStep& step : program.steps) {
    if (!IsKnown(step.op)) return fail(step, "is no known operation");
    for (const int input : step.inputs) {
      if (input >= 0 && !made[input]) return fail(step, "reads what is not made yet");
    }
    for (const int output : step.outputs) {
      if (output < 0) continue;
      if (made[output]) return fail(step, "makes a value again");
      made[output] = true;
    }
  }
  for (const ProgramResult& result : program.results) {
    if (!made[result.value]) return absl::InternalError(absl::StrCat(result.name, " is not made"));
  }
  return absl::OkStatus();
}

Program CompileStep(Program program, const StepOptions& options) {
  LowerSteps(program, {options.training, options.goal.decisions});
  CheckValid(program, "lowering");
  for (const Pass* pass : options.passes) {
    pass->run(program);
    CheckValid(program, pass->name);
  }
  if (options.goal.weights || options.goal.decisions) {
    Differentiate(program, options.goal);
    CheckValid(program, "differentiation");
    if (options.recompute) {
      RecomputeSegments(program);
      CheckValid(program, "recomputation");
    }
  }
  SetLifetimes(program);
  return program;
}

}  // namespace nasc
