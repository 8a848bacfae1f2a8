#pragma once

namespace nasc {

// Sets how many threads LibTorch computes with; call it once, before anything else of LibTorch.
// Sums are cut by the number of threads, so it is part of what makes a run reproducible.
void SetThreads(int threads);

// The threads that the machine can run at once.
int HardwareThreads();

}  // namespace nasc
