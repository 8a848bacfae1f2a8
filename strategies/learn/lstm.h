#pragma once

#include <cstddef>
#include <vector>

namespace nasc {

// One step of an LSTM (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al.):
//
//   i, f, o = sigmoid(W [x, h', 1]),  g = tanh(W [x, h', 1])
//   c = f c' + i g,  h = o tanh(c)
//
// It holds no numbers: weights are the caller's, [2 size + 1][4 size], a row an input (x, then h',
// then the bias), with the gates i, f, o, g side by side in a row. x and h have `size` numbers.
class LstmCell {
 public:
  // What a step leaves for its backward pass.
  struct Step {
    std::vector<double> x;
    std::vector<double> gates;  // [4 size], after sigmoid and tanh
    std::vector<double> c;
    std::vector<double> tanh_c;
    std::vector<double> h;
  };

  explicit LstmCell(size_t size) : size_(size) {}
  size_t size() const { return size_; }
  size_t weights() const { return (2 * size_ + 1) * 4 * size_; }

  // `before` is nullptr at the first step, where h' and c' are zero. `step.x` is the input.
  void Forward(const double* weights, const Step* before, Step& step) const;

  // From the gradients by h and c of a step to those by x, h' and c', which replace dh and dc; adds
  // to the gradient by the weights.
  void Backward(const double* weights, const Step* before, const Step& step,
                std::vector<double>& dh, std::vector<double>& dc, double* dx,
                double* gradient) const;

 private:
  size_t size_;
};

}  // namespace nasc
