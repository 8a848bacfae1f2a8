#pragma once

#include "compiler/program/program.h"

namespace nasc {

// Replaces primitives whose parts passes and differentiation want to see, in training or else for
// evaluation:
//
//   %2 = bn(%1, @...)            =>  %3 = moments(%1)
//                                    %4 = normalize(%3, @...)
//                                    %2 = combine(%1, %4)
//   %2 = mix(%w, %0, %1)         =>  %3, %4 = spread(%w)
//                                    %2 = combine(%0, %3, %1, %4)
//   %2 = pick(%w, %1) {index=1}  =>  _, %3 = spread(%w) { hard = 1 }
//                                    %2 = combine(%1, %3)
//   %2 = sum(%0, %1)             =>  %2 = combine(%0, _, %1, _)
//   %2 = dropout(%1)             =>  %3 = keep_mask(%1)
//                                    %2 = apply_mask(%1, %3)
//
// In evaluation the coefficients of a batch norm are those of its running statistics, and nothing
// is dropped.
struct LoweringOptions {
  bool training = true;
  bool decisions = true;  // their gradients are asked for; where not, a pick is its operand
};
void LowerSteps(Program& program, const LoweringOptions& options);

}  // namespace nasc
