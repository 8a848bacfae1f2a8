#pragma once

#include "absl/status/status.h"
#include "compiler/program/program.h"

namespace nasc {

// What a step computes gradients for. What only others need is not computed.
struct StepGoal {
  bool weights = false;
  bool decisions = false;
};

// Adds the loss of the program's results and the gradients of it: a backward part, in which each
// step of the forward part has what its rule in the table of gradient_rules.cc makes of it. The
// program must be lowered (see lower.h). A primitive without a rule has one step of the name
// kAutogradPrefix + its own.
//
// A gradient is kept as a sum of tensors by coefficients as long as it can be, so that what reads
// it can add it up while loading; steps that write a gradient add to what others wrote before.
void Differentiate(Program& program, const StepGoal& goal);

}  // namespace nasc
