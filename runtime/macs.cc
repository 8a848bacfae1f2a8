#include "runtime/macs.h"

#include <atomic>

namespace nasc {
namespace {

std::atomic<int64_t> run{0};

}  // namespace

int64_t MacsRun() { return run.load(std::memory_order_relaxed); }
void AddMacsRun(int64_t macs) { run.fetch_add(macs, std::memory_order_relaxed); }

}  // namespace nasc
