#include "cli/program_stats.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/format.h"
#include "compiler/program/memory.h"
#include "compiler/program/stats.h"
#include "runtime/run/json.h"
#include "runtime/steps/step_kernel.h"

namespace nasc {
namespace {

constexpr int64_t kBytes = 4;  // of float32

struct OpUse {
  int64_t steps = 0;
  int64_t macs = 0;
  int64_t bytes = 0;
};

std::string Millions(int64_t count) {
  return absl::StrFormat("%.1f", static_cast<double>(count) / 1e6);
}

}  // namespace

std::string ProgramStats(const Program& program, int64_t batch, bool json) {
  std::map<std::string, OpUse> ops;
  OpUse all;
  int64_t own = 0;
  for (const ProgramStep& step : program.steps) {
    if (IsGiven(step)) continue;
    OpUse& use = ops[step.op];
    const int64_t macs = MacsOf(program, step) * batch;
    const int64_t bytes = TrafficOf(program, step) * batch * kBytes;
    for (OpUse* sum : {&use, &all}) {
      ++sum->steps;
      sum->macs += macs;
      sum->bytes += bytes;
    }
    if (RunsOwnKernel(step.op)) ++own;
  }
  const PeakMemory peak = PeakOf(program, {batch, kBytes});
  const std::string at = peak.step < 0 ? "" : program.steps[peak.step].name;
  if (json) {
    JsonFields fields = {{"kernels", all.steps}, {"own_kernels", own},       {"macs", all.macs},
                         {"bytes", all.bytes},   {"peak_bytes", peak.bytes}, {"peak_at", at}};
    JsonFields by_op;
    for (const auto& [op, use] : ops) by_op.push_back({op, use.steps});
    fields.push_back({"steps", by_op});
    return JsonDocument(fields);
  }
  std::string text = absl::StrFormat("%-24s %8s %12s %12s  %s\n", "operation", "steps", "M MACs",
                                     "MB moved", "computed by");
  for (const auto& [op, use] : ops) {
    absl::StrAppendFormat(&text, "%-24s %8d %12s %12s  %s\n", op, use.steps, Millions(use.macs),
                          Millions(use.bytes), RunsOwnKernel(op) ? "nasc" : "LibTorch");
  }
  absl::StrAppendFormat(&text, "%-24s %8d %12s %12s\n", "all", all.steps, Millions(all.macs),
                        Millions(all.bytes));
  absl::StrAppendFormat(&text, "peak memory %s MB at batch %d, at %s\n", Millions(peak.bytes),
                        batch, at);
  return text;
}

}  // namespace nasc
