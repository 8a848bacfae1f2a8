#include "compiler/program/steps.h"

#include <map>

namespace nasc {

const std::vector<StepOp>& StepOps() {
  static const auto* const ops = new std::vector<StepOp>{
      {"combine",
       "(x, coefficients, ...): the sum of its tensors, each times a factor and plus an addend a "
       "channel, or a channel of each image; where a tensor has no coefficients, as it is"},
      {"moments", "(x): the sum and the sum of the squares of each channel over batch and pixels"},
      {"normalize",
       "(moments): the coefficients of a batch norm in training; updates its running statistics"},
      {"running_coefficients", "(): the coefficients of a batch norm by its running statistics"},
      {"compose", "(inner, outer): the coefficients of one after the other"},
      {"factors", "(coefficients): the same without what is added"},
      {"spread",
       "(weights): the coefficients that multiply by a weight, one an entry; where `hard` is 1, "
       "by one, while gradients are those of the weights"},
      {"separable",
       "(x, coefficients): these applied where there are any, a ReLU where `relu` is 1, a "
       "depthwise convolution where `kernel` is not 0, and a 1x1 convolution, which without the "
       "other starts at the pixel `offset` and takes zeros for those outside; the second output "
       "is its moments"},
      {"keep_mask", "(): what a dropout multiplies by"},
      {"apply_mask", "(x, mask): their product"},
      {"image_coefficients", "(mask): the coefficients that multiply each image by its number"},
      {"loss",
       "(outputs): of labels the cross entropy, of reals the mean squared error, times "
       "their weights; then its gradient by each output"},
      {"add", "(a, b, ...): the sum of gradients of one weight, or of coefficients"},
      {"concat_gradient", "(dy): that of each operand, of `size0` channels and so on"},
      {"slice_gradient",
       "(dy, into): dy at the channels that were taken, added to `into` where there is one; zeros "
       "elsewhere where not",
       1},
      {"unflatten", "(dy): the gradient in the shape that was flattened"},
      {"relu_gradient", "(y, dy)"},
      {"conv_gradient", "(x, dy): by x, by the filters, by the bias"},
      {"depthwise_gradient", "(x, dy): by x, by the filters, by the bias"},
      {"linear_gradient", "(x, dy): by x, by the weight, by the bias"},
      {"global_avg_pool_gradient", "(dy)"},
      {"max_pool_gradient",
       "(x, dy, its coefficients, y, its coefficients, into): by x, added to `into` where there is "
       "one; the gradient of y is the sum of dy and y by their coefficients",
       5},
      {"avg_pool_gradient", "(dy, its coefficients, y, its coefficients, into): by x, likewise", 4},
      {"separable_gradient",
       "(x, coefficients, dy, its coefficients, z, its coefficients, into): by x behind its "
       "coefficients, added to `into` where there is one; the sums of that and of it times x; by "
       "the depthwise filters; by the 1x1 filters",
       6},
      {"channel_sums",
       "(dy, x, ...): of each channel the sum of dy, then that of dy times each x: [1 + n, "
       "channels], or those of each image: [batch, 1 + n, channels]"},
      {"pick_sums",
       "(sums): of `index`, what the factor and the addend of coefficients have as their gradient"},
      {"normalize_gradient",
       "(moments, gradient of the coefficients): the coefficients by which x itself adds to its "
       "gradient; by the weight; by the bias"},
      {"compose_gradient", "(inner, outer, gradient): by inner, by outer"},
      {"spread_gradient", "(gradient an entry, ...): by the weights"},
      {"softmax_gradient", "(y, dy)"},
  };
  return *ops;
}

const StepOp* FindStepOp(absl::string_view name) {
  static const auto* const by_name = [] {
    auto* map = new std::map<std::string, const StepOp*, std::less<>>();
    for (const StepOp& op : StepOps()) map->emplace(op.name, &op);
    return map;
  }();
  const auto it = by_name->find(std::string(name));
  return it == by_name->end() ? nullptr : it->second;
}

int IntoOf(const ProgramStep& step) {
  const StepOp* op = FindStepOp(step.op);
  return op == nullptr || op->into < 0 ? -1 : step.inputs[op->into];
}

}  // namespace nasc
