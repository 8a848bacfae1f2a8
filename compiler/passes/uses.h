#pragma once

#include <vector>

#include "compiler/program/program.h"

namespace nasc {

// How many times each value is read, by steps and as a result.
std::vector<int> CountUses(const Program& program);

// The step that makes each value; -1: none.
std::vector<int> FindMakers(const Program& program);

}  // namespace nasc
