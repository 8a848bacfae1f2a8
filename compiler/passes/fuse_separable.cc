#include <utility>
#include <vector>

#include "compiler/passes/passes.h"
#include "compiler/passes/uses.h"
#include "compiler/program/rewriter.h"

namespace nasc {
namespace {

class Fusion {
 public:
  explicit Fusion(const Program& program)
      : program_(program), uses_(CountUses(program)), makers_(FindMakers(program)) {}

  bool IsPoint(const ProgramStep& step) const {
    if (step.op != "conv" || step.params.size() != 1) return false;
    const std::vector<int64_t>& shape = program_.params[step.params[0]].shape;
    return shape[2] == 1 && shape[3] == 1 && Whole(step, "padding") == 0 &&
           Whole(step, "padding_width") == 0;
  }

  ProgramStep Fuse(const ProgramStep& point) const {
    ProgramStep fused;
    fused.name = point.name;
    fused.op = "separable";
    fused.outputs = point.outputs;
    int x = point.inputs[0];
    int coefficients = -1;
    int64_t kernel = 0;
    int64_t stride = Whole(point, "stride");
    int64_t padding = 0;
    int64_t dilation = 1;
    int64_t relu = 0;
    int64_t offset = 0;
    const ProgramStep* before = Maker(x, "depthwise");
    if (before != nullptr && stride == 1 && uses_[x] == 1 && before->params.size() == 1) {
      kernel = program_.params[before->params[0]].shape[2];
      stride = Whole(*before, "stride");
      padding = Whole(*before, "padding");
      dilation = Whole(*before, "dilation");
      fused.params = before->params;
      x = before->inputs[0];
    }
    // A shift or a ReLU that others read too is made again: that costs less than to store it.
    bool alone = true;
    before = Maker(x, "shift");
    if (kernel == 0 && before != nullptr && Whole(*before, "rows") == Whole(*before, "columns")) {
      offset = Whole(*before, "rows");
      alone = uses_[x] == 1;
      x = before->inputs[0];
    }
    before = Maker(x, "relu");
    if (before != nullptr) {
      relu = 1;
      alone = alone && uses_[x] == 1;
      x = before->inputs[0];
    }
    before = Maker(x, "combine");
    if (alone && before != nullptr && before->inputs.size() == 2 && uses_[x] == 1 &&
        (before->inputs[1] < 0 || program_.values[before->inputs[1]].shape.size() == 2)) {
      coefficients = before->inputs[1];
      x = before->inputs[0];
    }
    fused.inputs = {x, coefficients};
    fused.params.push_back(point.params[0]);
    fused.attributes = {{"kernel", kernel},     {"stride", stride}, {"padding", padding},
                        {"dilation", dilation}, {"relu", relu},     {"offset", offset}};
    return fused;
  }

 private:
  const ProgramStep* Maker(int value, absl::string_view op) const {
    const ProgramStep* maker = makers_[value] < 0 ? nullptr : &program_.steps[makers_[value]];
    return maker != nullptr && maker->op == op ? maker : nullptr;
  }

  const Program& program_;
  std::vector<int> uses_;
  std::vector<int> makers_;
};

}  // namespace

bool FuseSeparable(Program& program) {
  const Program before = program;
  const Fusion fusion(before);
  Rewriter rewriter(program);
  return rewriter.Run([&](const ProgramStep& step) {
    fusion.IsPoint(step) ? rewriter.Add(fusion.Fuse(step)) : rewriter.Keep(step);
  });
}

}  // namespace nasc
