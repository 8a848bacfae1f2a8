// What the compiler says a step holds at most, against what LibTorch allocates.
#include "compiler/program/memory.h"

#include <ATen/Parallel.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "compiler/relax.h"
#include "gtest/gtest.h"
#include "runtime/network.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

constexpr int64_t kBatch = 4;

// Bytes that LibTorch holds, and the most that it held. The types of what it reports differ between
// its versions: one of the two overloads is the virtual one.
class LiveBytes : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, int64_t size, int64_t, int64_t, c10::Device) { Count(size); }
  void reportMemoryUsage(void*, int64_t size, size_t, size_t, c10::Device) { Count(size); }
  bool memoryProfilingEnabled() const override { return true; }

  int64_t peak() const { return peak_; }

 private:
  void Count(int64_t size) {
    live_ += size;
    peak_ = std::max(peak_, live_);
  }
  int64_t live_ = 0;
  int64_t peak_ = 0;
};

Program Supernet() {
  Diagnostics diagnostics;
  const std::optional<ir::Graph> graph =
      LowerFile("examples/darts/darts.space", "search", diagnostics);
  EXPECT_TRUE(graph.has_value());
  return *BuildProgram(*RelaxToMixture(*graph));
}

TEST(MemoryTest, APeakIsWhatLibTorchHolds) {
  at::set_num_threads(1);  // what is reported is of this thread
  const Program program = Supernet();
  int64_t kept = 0;
  for (const bool recompute : {false, true}) {
    ParameterStore store(at::kFloat, 1);
    const Network network = *Network::Create(program, store, {"all", recompute});
    Network::Logits logits;
    for (const ProgramDecision& decision : program.decisions) {
      logits[decision.path] = at::zeros({decision.options});
    }
    const at::Tensor images = at::ones({kBatch, 3, 32, 32});
    const at::Tensor labels = at::zeros({kBatch}, at::kLong);
    ForwardMode mode;
    mode.training = true;
    const StepGoal goal = {/*weights=*/true, /*decisions=*/false};
    network.Step(images, labels, logits, mode, goal);  // compiles
    const auto live = std::make_shared<LiveBytes>();
    {
      const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, live);
      network.Step(images, labels, logits, mode, goal);
    }
    const int64_t planned =
        PeakOf(network.Compiled(/*training=*/true, goal).program(), {kBatch, sizeof(float)}).bytes;
    EXPECT_NEAR(static_cast<double>(planned) / static_cast<double>(live->peak()), 1, 0.1)
        << planned << " of " << live->peak();
    if (recompute) {
      EXPECT_LT(3 * live->peak(), kept);
    }
    kept = live->peak();
  }
}

}  // namespace
}  // namespace nasc
