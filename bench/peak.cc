#include "bench/peak.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "bench/peak_kernel.h"
#include "runtime/fused/isa.h"

namespace nasc {
namespace {

// Of one thread, once it runs at its full speed.
void Measure(double* gflops) {
  const auto run = fused::CurrentIsa() == fused::Isa::kAvx512 ? bench::avx512::MultiplyAdd
                                                              : bench::avx2::MultiplyAdd;
  constexpr int64_t kRounds = 2'000'000;
  for (int i = 0; i < 5; ++i) {
    float sink = 0.5F;
    const auto begin = std::chrono::steady_clock::now();
    const int64_t macs = run(kRounds, &sink);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    // What is computed must be seen.
    if (sink != 0) *gflops = std::max(*gflops, 2e-9 * static_cast<double>(macs) / seconds.count());
  }
}

}  // namespace

double PeakGflops(int threads) {
  if (fused::CurrentIsa() == fused::Isa::kNone) return 0;
  std::vector<double> gflops(threads);
  std::vector<std::thread> running;
  for (double& each : gflops) running.emplace_back(Measure, &each);
  for (std::thread& thread : running) thread.join();
  double sum = 0;
  for (const double each : gflops) sum += each;
  return sum;
}

}  // namespace nasc
