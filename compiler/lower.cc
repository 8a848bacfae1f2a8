#include "compiler/lower.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/check_space.h"
#include "compiler/constraints.h"
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
NASC_DIAGNOSTIC(kUnlikeScales, "unlike-scales", kError);
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
        cells_(graph_, chains_, diagnostics) {
    chains_.set_cell_rule([this](const ast::Step& step, ValueId value, const Frame& frame) {
      Frame cell = frame;
      cell.path = JoinPath(frame.path, step.label);
      return cells_.Lower(step, {value}, std::move(cell));
    });
  }

  std::optional<ir::Graph> Lower() {
    const int errors_before = diagnostics_.errors();
    absl::StatusOr<const ast::ScaleDecl*> scale = FindScale(space_, options_.scale);
    CHECK(scale.ok()) << scale.status();
    graph_.space = space_.name;
    graph_.version = space_.version;
    graph_.scale = (*scale)->name.text;
    parts_ = PartsAt(*space_.network, **scale);
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
    frame.numbers.Set("stride", Whole(1));
    std::vector<const ast::Choose*> chooses;
    for (const ast::Choose& choose : space_.network->chooses) chooses.push_back(&choose);
    if (!chains_.LowerChooses(chooses, frame)) return;
    std::optional<ValueId> value = Input(frame);
    if (!value.has_value()) return;
    if (parts_.stem != nullptr) value = Part("stem", *parts_.stem, *value, frame);
    if (!value.has_value()) return;
    value = parts_.stack != nullptr ? LowerStack(*parts_.stack, *value, frame)
                                    : Body(*parts_.body, *value, frame);
    if (!value.has_value()) return;
    // A network of features may predict with its body alone.
    const std::optional<ValueId> logits =
        parts_.head != nullptr ? Part("head", *parts_.head, *value, frame) : value;
    const Location& end =
        parts_.head != nullptr ? parts_.head->location : graph_.instruction(*value).location;
    if (logits.has_value()) Result("logits", *logits, 1, end);
  }

  bool Settings(const ast::ScaleDecl& scale, Numbers& numbers) {
    Numbers settings;
    for (const ast::Assign& assign : scale.assigns) {
      const std::optional<NumberDiagram> number = chains_.evaluator().Evaluate(assign.value, {});
      if (!number.has_value()) return false;
      if (!CheckSetting(assign, number->leaf())) return false;
      settings.Set(assign.name.text, *number);
      numbers.Set(assign.name.text, *number);
    }
    const NumberDiagram* auxiliary = settings.Find("auxiliary");
    if (auxiliary != nullptr && auxiliary->leaf().is_number()) {
      auxiliary_weight_ = auxiliary->leaf().value.ToDouble();
    }
    chains_.set_settings(std::move(settings));
    return true;
  }

  // What the compiler itself reads of a scale must be in its range.
  bool CheckSetting(const ast::Assign& assign, const Number& number) {
    const std::string& name = assign.name.text;
    const bool off = number.is_truth() && !number.truth;
    std::string range;
    if (name == "affine" && !number.is_truth()) range = "`on` or `off`";
    if (name == "auxiliary" && !off && (!number.is_number() || number.value < Rational(0))) {
      range = "the weight of a loss, from 0, or `off`";
    }
    if (name == "drop_path" && !off &&
        (!number.is_number() || number.value < Rational(0) || Rational(1) <= number.value)) {
      range = "a probability from 0 to below 1, or `off`";
    }
    if (range.empty()) return true;
    diagnostics_.Report(kBadScaleSetting, assign.value.location,
                        absl::StrCat("'", name, "' is ", range, ", found ", ToString(number)));
    return false;
  }

  // The input as the space declares it.
  std::optional<InputSpec> Declared(const ast::Input& declared, const Frame& frame) {
    std::vector<int64_t> sizes;
    for (const ast::Arg& arg : declared.args) {
      const auto size = chains_.evaluator().EvaluateWhole(*arg.expr, 1, frame.numbers);
      if (!size.has_value()) return std::nullopt;
      sizes.push_back(*size);
    }
    InputSpec input;
    if (declared.kind.text == "features") {
      input.features = sizes[0];
    } else {
      input.channels = sizes[0];
      input.height = sizes[1];
      input.width = sizes[2];
    }
    const bool classes = declared.classes.has_value();
    const auto outputs = chains_.evaluator().EvaluateWhole(
        classes ? *declared.classes : *declared.regression, classes ? 2 : 1, frame.numbers);
    if (!outputs.has_value()) return std::nullopt;
    (classes ? input.classes : input.outputs) = *outputs;
    return input;
  }

  std::optional<ValueId> Input(Frame& frame) {
    const ast::Input& declared = *parts_.input;
    const std::optional<InputSpec> input =
        options_.input.has_value() ? options_.input : Declared(declared, frame);
    if (!input.has_value()) return std::nullopt;
    outputs_ = OutputsOf(*input);
    frame.numbers.Set(input->outputs > 0 ? "outputs" : "classes", Whole(outputs_));
    ir::Instruction instruction;
    if (input->features > 0) {
      instruction.name = instruction.op = "features";
      instruction.attributes = {{"features", ir::Dim(input->features)}};
    } else {
      instruction.name = "image";
      instruction.op = "input";
      instruction.attributes = {{"channels", ir::Dim(input->channels)},
                                {"height", ir::Dim(input->height)},
                                {"width", ir::Dim(input->width)}};
    }
    instruction.location = declared.kind.location;
    return chains_.Add(std::move(instruction), frame);
  }

  std::optional<ValueId> Part(const std::string& name, const ast::Chain& chain, ValueId value,
                              Frame frame) {
    frame.path = name;
    frame.decision_path = name;
    return chains_.Lower(chain, value, std::move(frame));
  }

  // The steps of a body name their values by themselves, unless one is called like a part.
  std::optional<ValueId> Body(const ast::Chain& chain, ValueId value, Frame frame) {
    for (const ast::Step& step : chain.steps) {
      for (const char* part : {"stem", "head", "auxiliary", "image", "features"}) {
        if (step.label == part) frame.path = frame.decision_path = "body";
      }
    }
    return chains_.LowerBody(chain, value, std::move(frame));
  }

  void Result(const std::string& name, ValueId value, double weight, const Location& location) {
    const ir::TensorType expected{{ir::Dim::Batch(), outputs_}};
    const ir::TensorType& type = graph_.instruction(value).type;
    if (type != expected) {
      diagnostics_
          .Report(kNotLogits, location,
                  absl::StrCat("the ", name, " are ", ir::Print(type, graph_), ", not ",
                               ir::Print(expected, graph_)))
          .fix = parts_.input->classes.has_value() ? "end with `linear(classes)`"
                                                   : "end with `linear(outputs)`";
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
    const std::optional<Rational> fraction = chains_.evaluator().EvaluateNumber(at, frame.numbers);
    if (!fraction.has_value()) return std::nullopt;
    const absl::StatusOr<Rational> index = Multiply(*fraction, count);
    if (index.ok() && Rational(0) <= *index && *index < Rational(count)) return index->Floor();
    diagnostics_.Report(
        kBeyondStack, at.location,
        absl::StrCat("a fraction from 0 to below 1 is needed, found ", fraction->ToString()));
    return std::nullopt;
  }

  std::optional<ValueId> LowerStack(const ast::Stack& stack, ValueId stem, Frame frame) {
    const auto count = chains_.evaluator().EvaluateWhole(stack.count, 1, frame.numbers);
    if (!count.has_value()) return std::nullopt;
    if (*count > kMaxCells) {
      diagnostics_.Report(kBeyondStack, stack.count.location,
                          absl::StrCat("a stack of ", *count, " cells; at most ", kMaxCells));
      return std::nullopt;
    }
    const auto plan = Plan(stack, *count, frame);
    if (!plan.has_value()) return std::nullopt;
    int64_t auxiliary_after = -1;
    if (auxiliary_weight_ > 0 && parts_.auxiliary != nullptr) {
      const std::optional<int64_t> at = CellAt(parts_.auxiliary->after, *count, frame);
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
      if (!chains_.Assign(step.with, frame, cell_frame)) return std::nullopt;
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

  void LowerAuxiliary(ValueId value, const Frame& frame) {
    const ast::Auxiliary& auxiliary = *parts_.auxiliary;
    const std::optional<ValueId> logits = Part("auxiliary", auxiliary.chain, value, frame);
    if (logits.has_value()) Result("auxiliary", *logits, auxiliary_weight_, auxiliary.location);
  }

  const Space& space_;
  const LowerOptions& options_;
  Diagnostics& diagnostics_;
  ir::Graph graph_;
  ChainLowering chains_;
  CellLowering cells_;
  NetworkParts parts_;
  double auxiliary_weight_ = 0;
  int64_t outputs_ = 0;
};

// An architecture is one of every scale.
void CheckSameDecisions(const ir::Graph& a, const ir::Graph& b, Diagnostics& diagnostics) {
  const auto report = [&](const ir::Decision& decision, const std::string& what) {
    diagnostics.Report(kUnlikeScales, decision.location,
                       absl::StrCat("decision ", decision.path, " ", what));
  };
  for (size_t i = 0; i < std::max(a.decisions.size(), b.decisions.size()); ++i) {
    if (i >= a.decisions.size()) {
      return report(b.decisions[i],
                    absl::StrCat("is there at scale ", b.scale, ", not at ", a.scale));
    }
    const ir::Decision& x = a.decisions[i];
    if (i >= b.decisions.size() || b.decisions[i].path != x.path) {
      return report(x, absl::StrCat("of scale ", a.scale, " is not the same at ", b.scale));
    }
    const ir::Decision& y = b.decisions[i];
    if (x.options != y.options || x.kind != y.kind || x.least != y.least || x.most != y.most ||
        x.alive != y.alive) {
      return report(x, absl::StrCat("is another one at scale ", b.scale, " than at ", a.scale));
    }
  }
}

}  // namespace

int64_t OutputsOf(const InputSpec& input) {
  return input.outputs > 0 ? input.outputs : input.classes;
}

std::optional<ir::Graph> LowerSpace(const Space& space, const LowerOptions& options,
                                    Diagnostics& diagnostics) {
  std::optional<ir::Graph> graph = NetworkLowering(space, options, diagnostics).Lower();
  if (!graph.has_value()) return graph;
  const int errors_before = diagnostics.errors();
  // What is required holds for the input that the space declares, whatever the data are.
  std::map<std::string, std::optional<ir::Graph>> others;
  const auto at_scale = [&](const std::string& scale) -> const ir::Graph* {
    const bool this_one = scale.empty() || scale == graph->scale;
    if (this_one && !options.input.has_value()) return &*graph;
    const auto [other, fresh] = others.emplace(scale, std::nullopt);
    if (fresh) {
      Diagnostics of_scale;
      other->second = NetworkLowering(space, {scale, std::nullopt}, of_scale).Lower();
    }
    return other->second.has_value() ? &*other->second : nullptr;
  };
  AddConstraints(space, at_scale, *graph, diagnostics);
  CheckRenames(space, *graph, diagnostics);
  if (diagnostics.errors() > errors_before) return std::nullopt;
  return graph;
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
  std::optional<ir::Graph> first;
  for (const std::string& scale : scales) {
    Diagnostics of_scale;
    std::optional<ir::Graph> graph = LowerSpace(space, {scale, std::nullopt}, of_scale);
    if (graph.has_value() && first.has_value()) CheckSameDecisions(*first, *graph, of_scale);
    if (graph.has_value() && !first.has_value()) CheckSpace(*graph, of_scale);
    diagnostics.TakeNew(of_scale);
    if (!first.has_value()) first = std::move(graph);
  }
}

}  // namespace nasc
