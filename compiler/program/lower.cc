#include "compiler/program/lower.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "compiler/program/rewriter.h"

namespace nasc {
namespace {

using Kind = ProgramValue::Kind;

class Lowering {
 public:
  Lowering(Program& program, const LoweringOptions& options)
      : program_(program), rewriter_(program), options_(options) {}

  void Run() {
    rewriter_.Run([this](const ProgramStep& step) {
      static const auto* const rules =
          new std::map<std::string, void (Lowering::*)(const ProgramStep&)>{
              {"bn", &Lowering::BatchNorm},       {"mix", &Lowering::Mix},
              {"pick", &Lowering::Pick},          {"sum", &Lowering::Sum},
              {"identity", &Lowering::Identity},  {"dropout", &Lowering::Dropout},
              {"drop_path", &Lowering::DropPath},
          };
      const auto it = rules->find(step.op);
      if (it == rules->end()) {
        rewriter_.Keep(step);
      } else {
        (this->*it->second)(step);
      }
    });
  }

 private:
  ProgramValue CoefficientsOf(int value) const {
    return {{2, program_.values[value].shape[1]}, Kind::kStatistics};
  }

  void Combine(const ProgramStep& step, std::vector<int> inputs) {
    ProgramStep combine;
    combine.name = step.name;
    combine.op = "combine";
    combine.inputs = std::move(inputs);
    combine.outputs = step.outputs;
    rewriter_.Add(std::move(combine));
  }

  void BatchNorm(const ProgramStep& step) {
    const int x = step.inputs[0];
    int coefficients = -1;
    if (options_.training) {
      int64_t pixels = 1;
      const std::vector<int64_t>& shape = program_.values[x].shape;
      for (size_t i = 2; i < shape.size(); ++i) pixels *= shape[i];
      std::vector<ProgramAttribute> attributes = step.attributes;
      attributes.emplace_back("pixels", pixels);
      const int moments = rewriter_.Make(step, "moments", {x}, CoefficientsOf(x));
      coefficients = rewriter_.Make(step, "normalize", {moments}, CoefficientsOf(x),
                                    std::move(attributes), step.params);
    } else {
      coefficients = rewriter_.Make(step, "running_coefficients", {}, CoefficientsOf(x),
                                    step.attributes, step.params);
    }
    Combine(step, {x, coefficients});
  }

  void Mix(const ProgramStep& step) {
    ProgramStep spread;
    spread.name = step.name;
    spread.op = "spread";
    spread.inputs = {step.inputs[0]};
    spread.attributes = {{"hard", int64_t{0}}};
    std::vector<int> combined;
    for (size_t i = 1; i < step.inputs.size(); ++i) {
      spread.outputs.push_back(rewriter_.NewValue(CoefficientsOf(step.outputs[0])));
      combined.push_back(step.inputs[i]);
      combined.push_back(spread.outputs.back());
    }
    rewriter_.Add(std::move(spread));
    Combine(step, std::move(combined));
  }

  void Pick(const ProgramStep& step) {
    if (!options_.decisions) return rewriter_.Replace(step.outputs[0], step.inputs[1]);
    const int64_t options = program_.values[step.inputs[0]].shape[0];
    ProgramStep spread;
    spread.name = step.name;
    spread.op = "spread";
    spread.inputs = {step.inputs[0]};
    spread.outputs.assign(options, -1);
    const int coefficients = rewriter_.NewValue(CoefficientsOf(step.outputs[0]));
    spread.outputs[Whole(step, "index")] = coefficients;
    spread.attributes = {{"hard", int64_t{1}}};
    rewriter_.Add(std::move(spread));
    Combine(step, {step.inputs[1], coefficients});
  }

  void Sum(const ProgramStep& step) {
    std::vector<int> combined;
    for (const int input : step.inputs) {
      combined.push_back(input);
      combined.push_back(-1);
    }
    Combine(step, std::move(combined));
  }

  void Identity(const ProgramStep& step) { rewriter_.Replace(step.outputs[0], step.inputs[0]); }

  void Dropout(const ProgramStep& step) {
    if (!Drops(step)) return Identity(step);
    ProgramStep apply;
    apply.name = step.name;
    apply.op = "apply_mask";
    apply.inputs = {step.inputs[0], KeepMask(step, program_.values[step.inputs[0]].shape, 0)};
    apply.outputs = step.outputs;
    rewriter_.Add(std::move(apply));
  }

  // Coefficients of each image, so that what is dropped goes into the pass that adds up a node.
  void DropPath(const ProgramStep& step) {
    if (!Drops(step)) return Identity(step);
    const int x = step.inputs[0];
    const int mask = KeepMask(step, {-1}, 1);
    const int coefficients =
        rewriter_.Make(step, "image_coefficients", {mask},
                       {{-1, 2, program_.values[x].shape[1]}, Kind::kStatistics});
    Combine(step, {x, coefficients});
  }

  bool Drops(const ProgramStep& step) const { return options_.training && Real(step, "rate") > 0; }

  // `path`: 1 where the rate grows while training.
  int KeepMask(const ProgramStep& step, std::vector<int64_t> shape, int64_t path) {
    return rewriter_.Make(step, "keep_mask", {}, {std::move(shape)},
                          {{"rate", Real(step, "rate")}, {"path", path}});
  }

  Program& program_;
  Rewriter rewriter_;
  LoweringOptions options_;
};

}  // namespace

void LowerSteps(Program& program, const LoweringOptions& options) {
  Lowering(program, options).Run();
}

}  // namespace nasc
