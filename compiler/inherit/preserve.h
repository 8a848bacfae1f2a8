#pragma once

#include "compiler/inherit/plan.h"
#include "compiler/ir/graph.h"

namespace nasc {

// Proves that the child's logits are the donor's, in evaluation, with the weights that the plan
// gives. Where that needs layers that the donor has not to give what they take, or to add nothing,
// the plan is changed so: a convolution of stride 1 becomes a Dirac kernel, a norm the identity
// (Net2DeeperNet: Chen, Goodfellow and Shlens, ICLR 2016, section 2.3), the last norm or layer of a
// branch beside a shortcut zero. Where there is no proof the plan stays as it is.
bool GrowIdentities(const ir::Graph& child, const ir::Graph& donor, InheritPlan& plan);

}  // namespace nasc
