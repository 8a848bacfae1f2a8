#include "compiler/lower.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/evaluate.h"
#include "compiler/ir/printer.h"
#include "compiler/ir/verifier.h"
#include "compiler/lower_cell.h"
#include "compiler/lower_chain.h"
#include "glog/logging.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kBeyondStack, "beyond-stack", kError);
NASC_DIAGNOSTIC(kNotLogits, "not-logits", kError);
NASC_DIAGNOSTIC(kBadScaleSetting, "bad-scale-setting", kError);

using ir::ValueId;

constexpr int64_t kMaxCells = 1000;

class NetworkLowering {
 public:
  NetworkLowering(const Space& space, const LowerOptions& options, Diagnostics& diagnostics)
      : space_(space),
        options_(options),
        diagnostics_(diagnostics),
        chains_(graph_, diagnostics),
        cells_(graph_, chains_, diagnostics) {}

  std::optional<ir::Graph> Lower() {
    const int errors_before = diagnostics_.errors();
    absl::StatusOr<const ast::ScaleDecl*> scale = FindScale(space_, options_.scale);
    CHECK(scale.ok()) << scale.status();
    graph_.space = space_.name;
    graph_.version = space_.version;
    graph_.scale = (*scale)->name.text;
    LowerNetwork(**scale);
    if (diagnostics_.errors() > errors_before) return std::nullopt;
    ir::RemoveDead(graph_);
    const absl::Status valid = ir::Verify(graph_);
    CHECK(valid.ok()) << valid;
    return std::move(graph_);
  }

 private:
  void LowerNetwork(const ast::ScaleDecl& scale) {
    Frame frame;
    frame.module = space_.module;
    if (!Settings(scale, frame.numbers)) return;
    frame.numbers["stride"] = Number::Of(1);
    std::optional<ValueId> value = Input(frame);
    if (!value.has_value()) return;
    const ast::NetworkDecl& network = *space_.network;
    if (network.stem.has_value()) value = Part("stem", *network.stem, *value, frame);
    if (value.has_value()) value = LowerStack(*network.stack, *value, frame);
    if (!value.has_value()) return;
    const std::optional<ValueId> logits = Part("head", *network.head, *value, frame);
    if (logits.has_value()) Result("logits", *logits, 1, network.head->location);
  }

  bool Settings(const ast::ScaleDecl& scale, Numbers& numbers) {
    Numbers settings;
    for (const ast::Assign& assign : scale.assigns) {
      const std::optional<Number> number = Evaluate(assign.value, {}, diagnostics_);
      if (!number.has_value()) return false;
      if (!CheckSetting(assign, *number)) return false;
      settings[assign.name.text] = *number;
      numbers[assign.name.text] = *number;
    }
    if (const auto it = settings.find("auxiliary"); it != settings.end() && !it->second.is_truth) {
      auxiliary_weight_ = it->second.value.ToDouble();
    }
    chains_.set_settings(std::move(settings));
    return true;
  }

  // What the compiler itself reads of a scale must be in its range.
  bool CheckSetting(const ast::Assign& assign, const Number& number) {
    const std::string& name = assign.name.text;
    const bool off = number.is_truth && !number.truth;
    std::string range;
    if (name == "affine" && !number.is_truth) range = "`on` or `off`";
    if (name == "auxiliary" && !off && (number.is_truth || number.value < Rational(0))) {
      range = "the weight of a loss, from 0, or `off`";
    }
    if (name == "drop_path" && !off &&
        (number.is_truth || number.value < Rational(0) || Rational(1) <= number.value)) {
      range = "a probability from 0 to below 1, or `off`";
    }
    if (range.empty()) return true;
    diagnostics_.Report(kBadScaleSetting, assign.value.location,
                        absl::StrCat("'", name, "' is ", range, ", found ", ToString(number)));
    return false;
  }

  std::optional<ValueId> Input(Frame& frame) {
    const ast::Input& declared = *space_.network->input;
    InputSpec input;
    if (options_.input.has_value()) {
      input = *options_.input;
    } else {
      std::vector<int64_t> sizes;
      for (const ast::Arg& arg : declared.args) {
        const std::optional<int64_t> size =
            EvaluateWhole(*arg.expr, 1, frame.numbers, diagnostics_);
        if (!size.has_value()) return std::nullopt;
        sizes.push_back(*size);
      }
      const std::optional<int64_t> classes =
          EvaluateWhole(*declared.classes, 2, frame.numbers, diagnostics_);
      if (!classes.has_value()) return std::nullopt;
      input = {sizes[0], sizes[1], sizes[2], *classes};
    }
    classes_ = input.classes;
    frame.numbers["classes"] = Number::Of(input.classes);
    ir::Instruction instruction;
    instruction.name = "image";
    instruction.op = "input";
    instruction.attributes = {{"channels", ir::Dim(input.channels)},
                              {"height", ir::Dim(input.height)},
                              {"width", ir::Dim(input.width)}};
    instruction.location = declared.kind.location;
    return chains_.Add(std::move(instruction), frame);
  }

  std::optional<ValueId> Part(const std::string& name, const ast::Chain& chain, ValueId value,
                              Frame frame) {
    frame.path = name;
    frame.decision_path = name;
    return chains_.Lower(chain, value, frame);
  }

  void Result(const std::string& name, ValueId value, double weight, const Location& location) {
    const ir::TensorType expected{{ir::Dim::Batch(), classes_}};
    const ir::TensorType& type = graph_.instruction(value).type;
    if (type != expected) {
      diagnostics_
          .Report(kNotLogits, location,
                  absl::StrCat("the ", name, " are ", ir::Print(type, graph_), ", not ",
                               ir::Print(expected, graph_)))
          .fix = "end with `linear(classes)`";
      return;
    }
    graph_.results.push_back({name, value, weight});
  }

  // Which rule builds each cell: fraction p of n cells is cell floor(p * n).
  std::optional<std::vector<const ast::StackRule*>> Plan(const ast::Stack& stack, int64_t count,
                                                         const Frame& frame) {
    std::vector<const ast::StackRule*> plan(count, nullptr);
    for (const ast::StackRule& rule : stack.rules) {
      for (const ast::Expr& at : rule.at) {
        const std::optional<int64_t> index = CellAt(at, count, frame);
        if (!index.has_value()) return std::nullopt;
        plan[*index] = &rule;
      }
    }
    for (const ast::StackRule& rule : stack.rules) {
      if (!rule.at.empty()) continue;
      for (const ast::StackRule*& cell : plan) {
        if (cell == nullptr) cell = &rule;
      }
    }
    return plan;
  }

  std::optional<int64_t> CellAt(const ast::Expr& at, int64_t count, const Frame& frame) {
    const std::optional<Rational> fraction = EvaluateNumber(at, frame.numbers, diagnostics_);
    if (!fraction.has_value()) return std::nullopt;
    const absl::StatusOr<Rational> index = Multiply(*fraction, count);
    if (index.ok() && Rational(0) <= *index && *index < Rational(count)) return index->Floor();
    diagnostics_.Report(
        kBeyondStack, at.location,
        absl::StrCat("a fraction from 0 to below 1 is needed, found ", fraction->ToString()));
    return std::nullopt;
  }

  std::optional<ValueId> LowerStack(const ast::Stack& stack, ValueId stem, Frame frame) {
    const std::optional<int64_t> count = EvaluateWhole(stack.count, 1, frame.numbers, diagnostics_);
    if (!count.has_value()) return std::nullopt;
    if (*count > kMaxCells) {
      diagnostics_.Report(kBeyondStack, stack.count.location,
                          absl::StrCat("a stack of ", *count, " cells; at most ", kMaxCells));
      return std::nullopt;
    }
    const auto plan = Plan(stack, *count, frame);
    if (!plan.has_value()) return std::nullopt;
    int64_t auxiliary_after = -1;
    if (auxiliary_weight_ > 0 && space_.network->auxiliary.has_value()) {
      const std::optional<int64_t> at = CellAt(space_.network->auxiliary->after, *count, frame);
      if (!at.has_value()) return std::nullopt;
      auxiliary_after = *at;
    }
    // Cells of `else` are numbered within their stage, the others by their cell: the same piece has
    // the same name in a deeper network.
    int stage = 0;
    int in_stage = 0;
    std::map<std::string, int> special;
    std::vector<ValueId> outputs = {stem};
    for (int64_t i = 0; i < *count; ++i) {
      const ast::StackRule& rule = *(*plan)[i];
      const ast::Step& step = rule.chain.steps.front();
      Frame cell_frame = frame;
      if (!Assign(step.with, frame, cell_frame)) return std::nullopt;
      const std::string& name = step.callee.text;
      if (rule.at.empty()) {
        cell_frame.path = absl::StrCat("stage", stage, ".cell", in_stage++, ".", name);
      } else {
        cell_frame.path = absl::StrCat(name, special[name]++);
        ++stage;
        in_stage = 0;
      }
      const std::optional<ValueId> output = cells_.Lower(step, outputs, cell_frame);
      if (!output.has_value()) return std::nullopt;
      outputs.push_back(*output);
      if (i == auxiliary_after) LowerAuxiliary(*output, frame);
    }
    return outputs.back();
  }

  // `width *= 2` holds from here on, `width = e` for this cell alone.
  bool Assign(const std::vector<ast::Assign>& assigns, Frame& from_here_on, Frame& here) {
    for (const ast::Assign& assign : assigns) {
      std::optional<Rational> value =
          EvaluateNumber(assign.value, from_here_on.numbers, diagnostics_);
      const auto old = from_here_on.numbers.find(assign.name.text);
      if (!value.has_value() || old == from_here_on.numbers.end()) return false;
      if (assign.scaled) {
        const absl::StatusOr<Rational> product = Multiply(old->second.value, *value);
        if (!product.ok()) {
          diagnostics_.Report(kBeyondStack, assign.value.location,
                              std::string(product.status().message()));
          return false;
        }
        old->second = Number::Of(*product);
        value = *product;
      }
      here.numbers[assign.name.text] = Number::Of(*value);
    }
    return true;
  }

  void LowerAuxiliary(ValueId value, const Frame& frame) {
    const ast::Auxiliary& auxiliary = *space_.network->auxiliary;
    const std::optional<ValueId> logits = Part("auxiliary", auxiliary.chain, value, frame);
    if (logits.has_value()) Result("auxiliary", *logits, auxiliary_weight_, auxiliary.location);
  }

  const Space& space_;
  const LowerOptions& options_;
  Diagnostics& diagnostics_;
  ir::Graph graph_;
  ChainLowering chains_;
  CellLowering cells_;
  double auxiliary_weight_ = 0;
  int64_t classes_ = 0;
};

}  // namespace

std::optional<ir::Graph> LowerSpace(const Space& space, const LowerOptions& options,
                                    Diagnostics& diagnostics) {
  return NetworkLowering(space, options, diagnostics).Lower();
}

absl::StatusOr<ir::Graph> LowerAt(const Space& space, const LowerOptions& options) {
  if (absl::StatusOr<const ast::ScaleDecl*> scale = FindScale(space, options.scale); !scale.ok()) {
    return scale.status();
  }
  Diagnostics diagnostics;
  std::optional<ir::Graph> graph = LowerSpace(space, options, diagnostics);
  if (!graph.has_value()) return diagnostics.ToStatus();
  return *std::move(graph);
}

void CheckEveryScale(const Space& space, Diagnostics& diagnostics) {
  std::vector<std::string> scales;
  for (const ast::ScaleDecl* scale : space.scales) scales.push_back(scale->name.text);
  if (scales.empty()) scales.push_back("");
  for (const std::string& scale : scales) {
    Diagnostics of_scale;
    LowerSpace(space, {scale, std::nullopt}, of_scale);
    diagnostics.TakeNew(of_scale);
  }
}

}  // namespace nasc
