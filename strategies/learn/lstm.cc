#include "strategies/learn/lstm.h"

#include <cmath>

#include "strategies/learn/dense.h"

namespace nasc {

void LstmCell::Forward(const double* weights, const Step* before, Step& step) const {
  const size_t row = 4 * size_;
  const double* bias = weights + 2 * size_ * row;
  step.gates.assign(bias, bias + row);
  for (size_t j = 0; j < size_; ++j) AddScaled(step.x[j], weights + j * row, row, &step.gates[0]);
  if (before != nullptr) {
    for (size_t j = 0; j < size_; ++j) {
      AddScaled(before->h[j], weights + (size_ + j) * row, row, &step.gates[0]);
    }
  }
  for (size_t k = 0; k < 3 * size_; ++k) step.gates[k] = 1 / (1 + std::exp(-step.gates[k]));
  for (size_t k = 3 * size_; k < row; ++k) step.gates[k] = std::tanh(step.gates[k]);
  step.c.resize(size_);
  step.tanh_c.resize(size_);
  step.h.resize(size_);
  for (size_t k = 0; k < size_; ++k) {
    const double kept = before == nullptr ? 0 : step.gates[size_ + k] * before->c[k];
    step.c[k] = kept + step.gates[k] * step.gates[3 * size_ + k];
    step.tanh_c[k] = std::tanh(step.c[k]);
    step.h[k] = step.gates[2 * size_ + k] * step.tanh_c[k];
  }
}

void LstmCell::Backward(const double* weights, const Step* before, const Step& step,
                        std::vector<double>& dh, std::vector<double>& dc, double* dx,
                        double* gradient) const {
  const size_t row = 4 * size_;
  std::vector<double> d(row);  // by the gates before sigmoid and tanh
  for (size_t k = 0; k < size_; ++k) {
    const double i = step.gates[k];
    const double f = step.gates[size_ + k];
    const double o = step.gates[2 * size_ + k];
    const double g = step.gates[3 * size_ + k];
    const double by_c = dc[k] + dh[k] * o * (1 - step.tanh_c[k] * step.tanh_c[k]);
    d[k] = by_c * g * i * (1 - i);
    d[size_ + k] = before == nullptr ? 0 : by_c * before->c[k] * f * (1 - f);
    d[2 * size_ + k] = dh[k] * step.tanh_c[k] * o * (1 - o);
    d[3 * size_ + k] = by_c * i * (1 - g * g);
    dc[k] = by_c * f;
  }
  for (size_t j = 0; j < size_; ++j) {
    dx[j] = Dot(weights + j * row, d.data(), row);
    AddScaled(step.x[j], d.data(), row, gradient + j * row);
  }
  for (size_t j = 0; j < size_; ++j) {
    dh[j] = before == nullptr ? 0 : Dot(weights + (size_ + j) * row, d.data(), row);
    if (before != nullptr) AddScaled(before->h[j], d.data(), row, gradient + (size_ + j) * row);
  }
  AddScaled(1, d.data(), row, gradient + 2 * size_ * row);
}

}  // namespace nasc
