#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "compiler/passes/passes.h"
#include "compiler/primitives.h"
#include "compiler/program/rewriter.h"

namespace nasc {
namespace {

// Whether to do it twice gives the same and does nothing else: nothing is drawn, and no running
// statistics are updated.
bool IsPure(const ProgramStep& step) {
  if (step.op == "normalize" || step.op == "keep_mask") return false;
  const Primitive* primitive = FindPrimitive(step.op);
  return primitive == nullptr || primitive->algebra != Algebra::kRandom;
}

}  // namespace

bool ShareSteps(Program& program) {
  using Key = std::tuple<std::string, std::vector<int>, std::vector<int>, int,
                         std::vector<ProgramAttribute>, std::vector<std::vector<int64_t>>>;
  std::map<Key, std::vector<int>> made;
  Rewriter rewriter(program);
  return rewriter.Run([&](const ProgramStep& step) {
    if (!IsPure(step)) return rewriter.Keep(step);
    std::vector<std::vector<int64_t>> shapes;
    for (const int output : step.outputs) {
      shapes.push_back(output < 0 ? std::vector<int64_t>() : program.values[output].shape);
    }
    const auto [it, fresh] = made.emplace(
        Key(step.op, step.inputs, step.params, step.decision, step.attributes, std::move(shapes)),
        step.outputs);
    if (fresh) return rewriter.Keep(step);
    for (size_t i = 0; i < step.outputs.size(); ++i) {
      if (step.outputs[i] >= 0) rewriter.Replace(step.outputs[i], it->second[i]);
    }
  });
}

}  // namespace nasc
