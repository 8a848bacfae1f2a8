#pragma once

#include "compiler/program/program.h"

// The rewrites, a file each. Every one returns whether anything changed.
namespace nasc {

// Zeros add nothing to a sum, and a sum of one tensor as it is is that tensor.
//
//   %1 = none(%0)
//   %2 = combine(%0, %c, %1, %d)     =>  %2 = combine(%0, %c)
//   %3 = combine(%2, _)              =>  %3 is %2
bool FoldSums(Program& program);

// One step for several that compute the same from the same: a ReLU or a pool for every edge from
// a node, the moments of what several batch norms take.
//
//   %1 = relu(%0)
//   %2 = relu(%0)                    =>  %2 is %1
bool ShareSteps(Program& program);

// A sum of sums that nothing else reads is one sum: a node becomes one pass over the results of
// all candidates of all its edges, with batch norms and the decision's weights as coefficients.
// Where the outer coefficients add something, that is of the sum as a whole: such a sum stays.
//
//   %2 = combine(%1, %c)
//   %4 = combine(%2, %w, %3, _)      =>  %5 = compose(%c, %w)
//                                        %4 = combine(%1, %5, %3, _)
bool FlattenSums(Program& program);

// A 1x1 convolution takes what stands before it into its own loop: a depthwise convolution, a ReLU
// and the batch norm of the unit before, which are then never stored.
//
//   %1 = combine(%0, %c)
//   %2 = relu(%1)
//   %3 = depthwise(%2, @f)
//   %4 = conv(%3, @p)                =>  %4 = separable(%0, %c, @f, @p)
bool FuseSeparable(Program& program);

// What makes a tensor sums up its moments on the way.
//
//   %1 = separable(%0, ...)
//   %2 = moments(%1)                 =>  %1, %2 = separable(%0, ...)
bool FuseMoments(Program& program);

}  // namespace nasc
