#pragma once

namespace nasc {

// The giga floating point operations a second, two a multiply-accumulate, that float32 reaches with
// the process's vector instructions and threads where nothing is read or written: the roof of every
// step. 0 without vector instructions.
double PeakGflops(int threads);

}  // namespace nasc
