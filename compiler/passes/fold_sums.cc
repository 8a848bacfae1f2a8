#include <vector>

#include "compiler/passes/passes.h"
#include "compiler/program/rewriter.h"

namespace nasc {

bool FoldSums(Program& program) {
  std::vector<bool> zeros(program.values.size());
  Rewriter rewriter(program);
  return rewriter.Run([&](const ProgramStep& step) {
    if (step.op == "none") zeros[step.outputs[0]] = true;
    if (step.op != "combine") return rewriter.Keep(step);
    ProgramStep folded = step;
    folded.inputs.clear();
    for (size_t i = 0; i < step.inputs.size(); i += 2) {
      if (zeros[step.inputs[i]]) continue;
      folded.inputs.insert(folded.inputs.end(), {step.inputs[i], step.inputs[i + 1]});
    }
    if (folded.inputs.size() == 2 && folded.inputs[1] < 0) {
      return rewriter.Replace(step.outputs[0], folded.inputs[0]);
    }
    if (folded.inputs.empty() || folded.inputs == step.inputs) return rewriter.Keep(step);
    rewriter.Add(std::move(folded));
  });
}

}  // namespace nasc
