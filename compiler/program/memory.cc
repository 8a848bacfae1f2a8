#include "compiler/program/memory.h"

#include <algorithm>
#include <map>
#include <string>

#include "compiler/program/steps.h"

namespace nasc {
namespace {

using Kind = ProgramValue::Kind;

int64_t BytesOf(const ProgramValue& value, const MemoryOptions& options) {
  int64_t bytes = value.kind == Kind::kActivation ? options.bytes : 8;
  for (const int64_t size : value.shape) bytes *= size < 0 ? options.batch : size;
  return bytes;
}

}  // namespace

PeakMemory PeakOf(const Program& program, const MemoryOptions& options) {
  PeakMemory peak;
  int64_t live = 0;
  std::vector<int64_t> held(program.values.size());  // of each value
  for (size_t i = 0; i < program.steps.size(); ++i) {
    const ProgramStep& step = program.steps[i];
    const int into = IntoOf(step);
    for (size_t k = 0; k < step.outputs.size(); ++k) {
      const int output = step.outputs[k];
      if (output < 0 || IsGiven(step)) continue;
      // What is added to a tensor takes its place.
      held[output] = k == 0 && into >= 0 ? std::exchange(held[into], 0)
                                         : BytesOf(program.values[output], options);
      if (k > 0 || into < 0) live += held[output];
    }
    if (live > peak.bytes) peak = {live, static_cast<int>(i)};
    for (const int value : step.frees) live -= std::exchange(held[value], 0);
  }
  return peak;
}

}  // namespace nasc
