#include <map>
#include <vector>

#include "compiler/passes/passes.h"
#include "compiler/passes/uses.h"
#include "compiler/program/rewriter.h"

namespace nasc {
namespace {

bool SumsUp(const ProgramStep& step) {
  return step.outputs.size() == 1 &&
         (step.op == "separable" || step.op == "max_pool" || step.op == "avg_pool");
}

}  // namespace

bool FuseMoments(Program& program) {
  std::map<int, int> moments;  // of each value
  for (const ProgramStep& step : program.steps) {
    if (step.op == "moments") moments.emplace(step.inputs[0], step.outputs[0]);
  }
  std::map<int, int> made;
  Rewriter rewriter(program);
  return rewriter.Run([&](const ProgramStep& step) {
    if (SumsUp(step) && moments.count(step.outputs[0]) > 0) {
      ProgramStep fused = step;
      const int sums = moments.at(step.outputs[0]);
      fused.outputs.push_back(sums);
      made[step.outputs[0]] = sums;
      return rewriter.Add(std::move(fused));
    }
    if (step.op == "moments" && made.count(step.inputs[0]) > 0) {
      if (made.at(step.inputs[0]) != step.outputs[0]) {
        rewriter.Replace(step.outputs[0], made.at(step.inputs[0]));
      }
      return;
    }
    rewriter.Keep(step);
  });
}

}  // namespace nasc
