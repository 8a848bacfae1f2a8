#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "absl/status/status.h"

namespace nasc {

// What a second-order step of DARTS (Liu, Simonyan and Yang, ICLR 2019, section 2.3) is made of.
// Each of the three computes gradients of the loss and sets `grad()` of those tensors.
struct UnrolledStep {
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> logits;
  double rate = 0;  // xi: the learning rate of the weights
  std::function<absl::Status()> training_by_weights;
  std::function<absl::Status()> training_by_decisions;
  std::function<absl::Status()> validation_by_both;
  // Changes the weights by their gradients as their optimizer would, whose state stays as it is.
  std::function<void()> preview;
};

// Sets the gradients of the logits to equation 7: those of the validation loss behind one step of
// the weights, less xi times the second-order term, which is the finite difference of equation 8
// with epsilon = 0.01 / |gradient of the weights|. The weights are at the end what they were; their
// gradients are undefined.
absl::Status SetUnrolledGradients(const UnrolledStep& step);

}  // namespace nasc
