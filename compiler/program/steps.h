#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// The operations of programs beside the primitives of the language: what lowering, passes and
// differentiation make of those. Coefficients are [2, channels]: a factor and what is added.
namespace nasc {

struct StepOp {
  std::string name;
  std::string doc;
};

const std::vector<StepOp>& StepOps();

// How the gradient of a primitive is named whose backward part LibTorch's autograd computes.
constexpr absl::string_view kAutogradPrefix = "autograd.";

}  // namespace nasc
