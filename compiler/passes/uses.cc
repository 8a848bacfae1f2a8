#include "compiler/passes/uses.h"

namespace nasc {

std::vector<int> CountUses(const Program& program) {
  std::vector<int> uses(program.values.size());
  for (const ProgramStep& step : program.steps) {
    for (const int input : step.inputs) {
      if (input >= 0) ++uses[input];
    }
  }
  for (const ProgramResult& result : program.results) ++uses[result.value];
  return uses;
}

std::vector<int> FindMakers(const Program& program) {
  std::vector<int> makers(program.values.size(), -1);
  for (size_t i = 0; i < program.steps.size(); ++i) {
    for (const int output : program.steps[i].outputs) {
      if (output >= 0) makers[output] = static_cast<int>(i);
    }
  }
  return makers;
}

}  // namespace nasc
