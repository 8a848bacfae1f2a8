#include "compiler/program/stats.h"

#include <string>

#include "absl/strings/strip.h"

namespace nasc {
namespace {

int64_t Product(const std::vector<int64_t>& shape) {
  int64_t product = 1;
  for (const int64_t size : shape) product *= size < 0 ? 1 : size;
  return product;
}

int64_t Pixels(const std::vector<int64_t>& shape) {
  return shape.size() == 4 ? shape[2] * shape[3] : 1;
}

// Of one application of filters [out, in, height, width] or [out, in] to give each pixel.
int64_t PerPixel(const Program& program, int param) { return Product(program.params[param].shape); }

}  // namespace

int64_t MacsOf(const Program& program, const ProgramStep& step) {
  absl::string_view op = step.op;
  const bool backward = absl::ConsumeSuffix(&op, "_gradient");
  if (op != "conv" && op != "depthwise" && op != "linear" && op != "separable") return 0;
  if (!backward) {
    int64_t per_pixel = 0;
    for (const int param : step.params) {
      if (program.params[param].shape.size() > 1) per_pixel += PerPixel(program, param);
    }
    return per_pixel * Pixels(program.values[step.outputs[0]].shape);
  }
  const auto wants = [&step](size_t i) { return step.outputs[i] >= 0 ? 1 : 0; };
  if (op != "separable") {
    // dy is the second input; each gradient takes as much as the forward step.
    return PerPixel(program, step.params[0]) * Pixels(program.values[step.inputs[1]].shape) *
           (wants(0) + wants(1));
  }
  const int64_t pixels = Pixels(program.values[step.inputs[2]].shape);
  const bool depthwise = step.params.size() == 2;
  const int64_t point = PerPixel(program, step.params.back()) * pixels;
  int64_t macs = point * wants(depthwise ? 3 : 2);
  const bool further = wants(0) > 0 || (depthwise && wants(2) > 0);
  if (further) macs += point;
  if (depthwise) {
    const int64_t filters = PerPixel(program, step.params[0]) * pixels;
    // For the gradient of the 1x1 filters what they read is computed again.
    macs += filters * (wants(0) + wants(2) + wants(3));
  }
  return macs;
}

int64_t TrafficOf(const Program& program, const ProgramStep& step) {
  int64_t numbers = 0;
  for (const std::vector<int>* values : {&step.inputs, &step.outputs}) {
    for (const int value : *values) {
      if (value >= 0) numbers += Product(program.values[value].shape);
    }
  }
  for (const int param : step.params) numbers += Product(program.params[param].shape);
  return numbers;
}

}  // namespace nasc
