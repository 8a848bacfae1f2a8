#pragma once

#include <cstdint>
#include <string>

#include "compiler/program/program.h"

namespace nasc {

// What a step of a program costs at that batch in float32: what it runs, by operation, with whose
// kernels, multiply-accumulate operations, bytes that it reads and writes, and its peak of memory.
std::string ProgramStats(const Program& program, int64_t batch, bool json);

}  // namespace nasc
