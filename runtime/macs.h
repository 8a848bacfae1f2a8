#pragma once

#include <cstdint>

namespace nasc {

// Multiply-accumulates that compiled programs of this process have run, forward and backward: those
// of convolutions and linear layers, see compiler/program/stats.h.
int64_t MacsRun();

// Adds to them.
void AddMacsRun(int64_t macs);

}  // namespace nasc
