#include <map>
#include <set>
#include <utility>
#include <vector>

#include "compiler/passes/passes.h"
#include "compiler/passes/uses.h"
#include "compiler/program/rewriter.h"

namespace nasc {

bool FlattenSums(Program& program) {
  const std::vector<int> uses = CountUses(program);
  std::map<int, std::vector<int>> operands;  // of the sums that were met
  std::set<int> weights;                     // coefficients that multiply and add nothing
  Rewriter rewriter(program);
  return rewriter.Run([&](const ProgramStep& step) {
    if (step.op == "spread") weights.insert(step.outputs.begin(), step.outputs.end());
    if (step.op != "combine") return rewriter.Keep(step);
    std::vector<int> flat;
    bool changed = false;
    for (size_t i = 0; i < step.inputs.size(); i += 2) {
      const int x = step.inputs[i];
      const int outer = step.inputs[i + 1];
      const auto inner = operands.find(x);
      const bool one = inner != operands.end() && inner->second.size() == 2;
      // What a sum of several adds once would be added once for each.
      const bool adds = outer >= 0 && weights.count(outer) == 0;
      if (inner == operands.end() || uses[x] != 1 || (adds && !one)) {
        flat.insert(flat.end(), {x, outer});
        continue;
      }
      changed = true;
      for (size_t k = 0; k < inner->second.size(); k += 2) {
        int coefficients = inner->second[k + 1];
        if (coefficients < 0) {
          coefficients = outer;
        } else if (outer >= 0) {
          const std::vector<ProgramValue>& values = program.values;
          const bool by_image = values[coefficients].shape.size() > values[outer].shape.size();
          coefficients = rewriter.Make(step, "compose", {coefficients, outer},
                                       values[by_image ? coefficients : outer]);
        }
        flat.insert(flat.end(), {inner->second[k], coefficients});
      }
    }
    operands[step.outputs[0]] = flat;
    if (!changed) return rewriter.Keep(step);
    ProgramStep sum = step;
    sum.inputs = std::move(flat);
    rewriter.Add(std::move(sum));
  });
}

}  // namespace nasc
