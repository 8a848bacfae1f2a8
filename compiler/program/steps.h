#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "compiler/program/program.h"

// The operations of programs beside the primitives of the language: what lowering, passes and
// differentiation make of those. Coefficients are [2, channels]: a factor and what is added.
namespace nasc {

struct StepOp {
  std::string name;
  std::string doc;
  int into = -1;  // which input the first output is added to, where that is there
};

const std::vector<StepOp>& StepOps();

// nullptr if there is none.
const StepOp* FindStepOp(absl::string_view name);

// The value that a step adds its first output to, which is gone then; -1 where it adds to none.
int IntoOf(const ProgramStep& step);

// How the gradient of a primitive is named that has no rule: LibTorch's autograd computes it,
// unless a gradient is registered with its kernel.
constexpr absl::string_view kAutogradPrefix = "autograd.";

}  // namespace nasc
