#include "runtime/threads.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <thread>

namespace nasc {

void SetThreads(int threads) {
  at::set_num_threads(threads);
  at::set_num_interop_threads(1);
}

int HardwareThreads() { return std::max(1u, std::thread::hardware_concurrency()); }

}  // namespace nasc
