#include "compiler/lower_chain.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glog/logging.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kShape, "shape", kError);
NASC_DIAGNOSTIC(kOutsideDecision, "outside-decision", kError);
NASC_DIAGNOSTIC(kAttribute, "attribute", kError);
NASC_DIAGNOSTIC(kTooManyCalls, "too-many-calls", kError);
NASC_DIAGNOSTIC(kUnlikeDecision, "unlike-decision", kError);

using ir::ValueId;

constexpr size_t kMaxCalls = 100;
constexpr size_t kMaxInstructions = 1000000;

Numbers Without(Numbers numbers, const std::vector<std::string>& names) {
  for (const std::string& name : names) numbers.erase(name);
  return numbers;
}

}  // namespace

std::string JoinPath(absl::string_view path, absl::string_view label) {
  if (path.empty()) return std::string(label);
  return label.empty() ? std::string(path) : absl::StrCat(path, ".", label);
}

void ChainLowering::ReportShape(absl::string_view message, const Location& location,
                                const Frame& frame) {
  Diagnostic& diagnostic = diagnostics_.Report(kShape, location, std::string(message));
  for (auto call = frame.calls.rbegin(); call != frame.calls.rend(); ++call) {
    diagnostic.notes.push_back({call->second, absl::StrCat("in '", call->first, "'")});
  }
  diagnostic.notes.push_back(
      {Location{}, absl::StrCat("at ", frame.path, " of scale ", graph_.scale)});
}

std::optional<ValueId> ChainLowering::Add(ir::Instruction instruction, const Frame& frame) {
  const Primitive* primitive = FindPrimitive(instruction.op);
  CHECK(primitive != nullptr) << instruction.op;
  if (graph_.instructions.size() >= kMaxInstructions) {
    ReportShape(absl::StrCat("the supernet has more than ", kMaxInstructions, " instructions"),
                instruction.location, frame);
    return std::nullopt;
  }
  absl::StatusOr<ir::TensorType> type = primitive->shape(graph_, instruction);
  if (!type.ok()) {
    ReportShape(type.status().message(), instruction.location, frame);
    return std::nullopt;
  }
  instruction.type = *std::move(type);
  if (primitive->params != nullptr) {
    for (ir::Param& param : primitive->params(graph_, instruction)) {
      param.name = JoinPath(instruction.name, param.name);
      instruction.params.push_back(static_cast<ir::ParamId>(graph_.params.size()));
      graph_.params.push_back(std::move(param));
    }
  }
  graph_.instructions.push_back(std::move(instruction));
  return static_cast<ValueId>(graph_.instructions.size()) - 1;
}

std::optional<ValueId> ChainLowering::Combine(const std::string& combiner,
                                              std::vector<ValueId> operands,
                                              const std::string& name, const Location& location,
                                              const Frame& frame) {
  ir::Instruction instruction;
  instruction.name = name;
  instruction.op = combiner;
  instruction.operands = std::move(operands);
  instruction.location = location;
  return Add(std::move(instruction), frame);
}

std::optional<ir::DecisionId> ChainLowering::FindOrAddDecision(ir::Decision decision,
                                                               const Frame& frame) {
  for (size_t i = 0; i < graph_.decisions.size(); ++i) {
    const ir::Decision& first = graph_.decisions[i];
    if (first.path != decision.path) continue;
    if (first.options == decision.options && first.relaxed_only == decision.relaxed_only &&
        first.take == decision.take && first.parent == decision.parent &&
        first.parent_option == decision.parent_option) {
      return static_cast<ir::DecisionId>(i);
    }
    Diagnostic& diagnostic = diagnostics_.Report(
        kUnlikeDecision, decision.location,
        absl::StrCat("decision ", decision.path, " is another one at ", frame.path,
                     " than where it was first used: ", first.take, " of ",
                     absl::StrJoin(first.options, ", "), " there, ", decision.take, " of ",
                     absl::StrJoin(decision.options, ", "), " here"));
    diagnostic.notes.push_back({first.location, "it was first used here"});
    return std::nullopt;
  }
  graph_.decisions.push_back(std::move(decision));
  return static_cast<ir::DecisionId>(graph_.decisions.size()) - 1;
}

std::optional<ValueId> ChainLowering::Lower(const ast::Chain& chain, ValueId value,
                                            const Frame& frame) {
  return LowerSteps(chain, value, frame, chain.steps.size() == 1);
}

std::optional<ValueId> ChainLowering::LowerSteps(const ast::Chain& chain, ValueId value,
                                                 const Frame& frame, bool alone) {
  std::optional<ValueId> current = value;
  for (const ast::Step& step : chain.steps) {
    current = LowerStep(step, *current, frame, alone);
    if (!current.has_value()) return std::nullopt;
  }
  return current;
}

std::optional<ValueId> ChainLowering::LowerStep(const ast::Step& step, ValueId value,
                                                const Frame& frame, bool alone) {
  switch (step.kind) {
    case ast::Step::Kind::kNone:
      return LowerPrimitive(*FindPrimitive("none"), step, value, frame);
    case ast::Step::Kind::kWhen:
      return LowerWhen(step, value, frame, alone);
    case ast::Step::Kind::kOneOf:
      return LowerOneOf(step, value, frame, alone);
    case ast::Step::Kind::kCall:
      return LowerCall(step, value, frame, alone);
  }
  return std::nullopt;
}

std::optional<ChainLowering::Cases> ChainLowering::Condition(const ast::Expr& expr,
                                                             const Frame& frame) {
  Cases cases;
  for (const bool relaxed : {true, false}) {
    Numbers numbers = frame.numbers;
    numbers["relaxed"] = Number::Truth(frame.relaxed.value_or(relaxed));
    const std::optional<bool> truth = EvaluateTruth(expr, numbers, diagnostics_);
    if (!truth.has_value()) return std::nullopt;
    (relaxed ? cases.relaxed : cases.fixed) = *truth;
  }
  if (cases.relaxed != cases.fixed && frame.decision < 0) {
    diagnostics_.Report(kOutsideDecision, expr.location, "`relaxed` where no decision encloses it");
    return std::nullopt;
  }
  return cases;
}

std::optional<ValueId> ChainLowering::LowerWhen(const ast::Step& step, ValueId value,
                                                const Frame& frame, bool alone) {
  const std::optional<Cases> cases = Condition(step.condition[0], frame);
  if (!cases.has_value()) return std::nullopt;
  const auto branch = [&](bool truth, const Frame& in) -> std::optional<ValueId> {
    if (!truth && step.branches.size() < 2) return value;
    const ast::Chain& chain = step.branches[truth ? 0 : 1];
    return LowerSteps(chain, value, in, alone && chain.steps.size() == 1);
  };
  if (cases->relaxed == cases->fixed) return branch(cases->relaxed, frame);

  Frame inner = frame;
  inner.relaxed = true;
  const std::optional<ValueId> relaxed = branch(cases->relaxed, inner);
  inner.relaxed = false;
  const std::optional<ValueId> fixed = branch(cases->fixed, inner);
  if (!relaxed.has_value() || !fixed.has_value()) return std::nullopt;
  ir::Instruction instruction;
  instruction.name = JoinPath(frame.path, step.label);
  instruction.op = "when_relaxed";
  instruction.operands = {*relaxed, *fixed};
  instruction.labels = {"relaxed", "fixed"};
  instruction.decision = frame.decision;
  instruction.location = step.location;
  return Add(std::move(instruction), frame);
}

std::optional<ValueId> ChainLowering::DropPath(ValueId value, const Location& location,
                                               const Frame& frame) {
  const auto rate = settings_.find("drop_path");
  if (rate == settings_.end() || !(Rational(0) < rate->second.value)) return value;
  ir::Instruction instruction;
  instruction.name = JoinPath(frame.path, "drop_path");
  instruction.op = "drop_path";
  instruction.operands = {value};
  instruction.attributes = {{"rate", rate->second.value.ToDouble()}};
  instruction.location = location;
  return Add(std::move(instruction), frame);
}

std::optional<ValueId> ChainLowering::LowerCandidate(const ast::Candidate& candidate,
                                                     const Module& module, ValueId value,
                                                     const Frame& frame) {
  ast::Step step;
  step.location = candidate.name.location;
  step.callee = candidate.name;
  step.label = candidate.name.text;
  std::optional<ValueId> result;
  Frame inner = frame;
  inner.module = &module;
  if (candidate.none) {
    step.kind = ast::Step::Kind::kNone;
    inner.path = frame.path;
    return LowerStep(step, value, inner, true);
  }
  inner.path = JoinPath(frame.path, candidate.name.text);
  inner.decision_path = JoinPath(frame.decision_path, candidate.name.text);
  SetInFilters(value, inner);
  result = candidate.chain.has_value() ? Lower(*candidate.chain, value, inner)
                                       : LowerStep(step, value, inner, true);
  // As in the papers: a dropped path is one that computes something.
  if (!result.has_value() || graph_.instruction(*result).op == "identity") return result;
  return DropPath(*result, candidate.name.location, inner);
}

std::optional<ValueId> ChainLowering::LowerOneOf(const ast::Step& step, ValueId value,
                                                 const Frame& frame, bool alone) {
  const Module::Found<ast::OpsDecl> set = frame.module->FindOps(step.callee.text);
  if (!set) return std::nullopt;  // the checker reports it
  ir::Decision decision;
  decision.path = JoinPath(frame.decision_path, alone ? "op" : step.label);
  decision.parent = frame.parent;
  decision.parent_option = frame.parent_option;
  decision.location = step.location;
  for (const ast::Candidate& candidate : set.decl->candidates) {
    decision.options.push_back(candidate.name.text);
    decision.relaxed_only.push_back(candidate.relaxed);
  }
  const std::optional<ir::DecisionId> id = FindOrAddDecision(std::move(decision), frame);
  if (!id.has_value()) return std::nullopt;

  Frame inner = frame;
  inner.decision = *id;
  inner.relaxed = std::nullopt;
  inner.parent = *id;
  inner.path = alone ? frame.path : JoinPath(frame.path, step.label);
  ir::Instruction select;
  select.name = inner.path;
  select.op = "select";
  select.decision = *id;
  select.location = step.location;
  bool failed = false;
  for (size_t i = 0; i < set.decl->candidates.size(); ++i) {
    const ast::Candidate& candidate = set.decl->candidates[i];
    inner.parent_option = static_cast<int>(i);
    inner.relaxed = candidate.relaxed ? std::make_optional(true) : std::nullopt;
    const std::optional<ValueId> option = LowerCandidate(candidate, *set.module, value, inner);
    failed |= !option.has_value();
    select.operands.push_back(option.value_or(value));
    select.labels.push_back(candidate.name.text);
  }
  if (failed) return std::nullopt;
  return Add(std::move(select), frame);
}

std::optional<ValueId> ChainLowering::LowerCall(const ast::Step& step, ValueId value,
                                                const Frame& frame, bool alone) {
  const std::string& name = step.callee.text;
  if (const auto it = frame.values.find(name); it != frame.values.end()) return it->second;
  if (const Module::Found<ast::OpDecl> op = frame.module->FindOp(name); op) {
    return LowerOp(*op.decl, *op.module, step, value, frame, alone);
  }
  const Primitive* primitive = FindPrimitive(name);
  if (primitive == nullptr) return std::nullopt;  // the checker reports it
  if (primitive->form != Primitive::Form::kCombiner) {
    return LowerPrimitive(*primitive, step, value, frame);
  }
  std::vector<ValueId> operands;
  for (const ast::Arg& arg : step.args) {
    const std::optional<ast::Chain> chain = ast::AsChain(arg);
    if (!chain.has_value()) return std::nullopt;  // the checker reports it
    const std::optional<ValueId> operand = LowerSteps(*chain, value, frame, false);
    if (!operand.has_value()) return std::nullopt;
    operands.push_back(*operand);
  }
  return Combine(name, std::move(operands), JoinPath(frame.path, step.label), step.location, frame);
}

void ChainLowering::SetInFilters(ValueId value, Frame& frame) const {
  frame.numbers.erase("in_filters");
  const ir::TensorType& type = graph_.instruction(value).type;
  if (type.dims.size() > 1 && type.dims[1].is_constant()) {
    frame.numbers["in_filters"] = Number::Of(type.dims[1].value());
  }
}

std::optional<Numbers> ChainLowering::Arguments(const std::vector<std::string>& params,
                                                const ast::Step& step, const Frame& frame) {
  Numbers numbers;
  size_t position = 0;
  for (const ast::Arg& arg : step.args) {
    if (!arg.expr.has_value() || (!arg.name.has_value() && position >= params.size())) {
      return std::nullopt;  // the checker reports it
    }
    const std::string& name = arg.name.has_value() ? arg.name->text : params[position++];
    const std::optional<Number> number = Evaluate(*arg.expr, frame.numbers, diagnostics_);
    if (!number.has_value()) return std::nullopt;
    numbers[name] = *number;
  }
  return numbers;
}

std::optional<ValueId> ChainLowering::LowerOp(const ast::OpDecl& op, const Module& module,
                                              const ast::Step& step, ValueId value,
                                              const Frame& frame, bool alone) {
  if (frame.calls.size() >= kMaxCalls) {
    diagnostics_.Report(kTooManyCalls, step.location,
                        absl::StrCat("operations that contain each other ", kMaxCalls, " deep"));
    return std::nullopt;
  }
  std::vector<std::string> params;
  for (const ast::Param& param : op.params) params.push_back(param.name.text);
  std::optional<Numbers> arguments = Arguments(params, step, frame);
  if (!arguments.has_value()) return std::nullopt;

  Frame inner = frame;
  inner.module = &module;
  inner.values.clear();
  inner.calls.emplace_back(op.name.text, step.location);
  if (!alone) {
    inner.path = JoinPath(frame.path, step.label);
    inner.decision_path = JoinPath(frame.decision_path, step.label);
  }
  // An operation sees its own arguments, not those of its caller; the step's stride and width pass
  // on.
  if (frame.calls.empty()) inner.outside = frame.numbers;
  inner.numbers = Without(inner.outside, params);
  for (const char* passed : {"stride", "filters"}) {
    const auto it = frame.numbers.find(passed);
    if (it != frame.numbers.end()) inner.numbers[passed] = it->second;
  }
  SetInFilters(value, inner);
  for (const auto& [name, number] : *arguments) inner.numbers[name] = number;
  for (const ast::Param& param : op.params) {
    if (arguments->count(param.name.text) > 0 || !param.default_value.has_value()) continue;
    const std::optional<Number> number =
        Evaluate(*param.default_value, inner.numbers, diagnostics_);
    if (!number.has_value()) return std::nullopt;
    inner.numbers[param.name.text] = *number;
  }
  for (const ast::Let& let : op.lets) {
    const std::optional<ValueId> bound = LowerSteps(let.value, value, inner, false);
    if (!bound.has_value()) return std::nullopt;
    inner.values[let.name.text] = *bound;
  }
  if (!op.lets.empty()) return LowerSteps(op.result, value, inner, false);
  return Lower(op.result, value, inner);
}

std::optional<std::vector<ir::Attribute>> ChainLowering::LowerAttributes(const Primitive& primitive,
                                                                         const ast::Step& step,
                                                                         const Frame& frame) {
  std::vector<std::string> params;
  for (const AttributeSpec& spec : primitive.attributes) params.push_back(spec.name);
  std::optional<Numbers> given = Arguments(params, step, frame);
  if (!given.has_value()) return std::nullopt;

  const auto whole_so_far = [&given](const std::string& name) -> int64_t {
    return given->at(name).value.numerator();
  };
  std::vector<ir::Attribute> attributes;
  for (const AttributeSpec& spec : primitive.attributes) {
    if (given->count(spec.name) == 0) {
      Number number = Number::Of(static_cast<int64_t>(spec.number));
      const Numbers* source = nullptr;
      switch (spec.fallback) {
        case AttributeSpec::Default::kRequired:
          return std::nullopt;  // the checker reports it
        case AttributeSpec::Default::kNumber:
          break;
        case AttributeSpec::Default::kSame: {
          const int64_t dilation = given->count("dilation") > 0 ? whole_so_far("dilation") : 1;
          const int64_t reach = dilation * (whole_so_far("kernel") - 1);
          if (reach % 2 != 0 && whole_so_far("stride") == 1) {
            diagnostics_
                .Report(
                    kAttribute, step.location,
                    absl::StrCat("'", primitive.name, "' with an even window cannot keep the size"))
                .fix = "give a `padding`, or an odd `kernel`";
            return std::nullopt;
          }
          number = Number::Of(reach / 2);
          break;
        }
        case AttributeSpec::Default::kStep:
        case AttributeSpec::Default::kWidth:
          source = &frame.numbers;
          break;
        case AttributeSpec::Default::kSetting:
          source = &settings_;
          break;
      }
      if (source != nullptr && source->count(spec.name) > 0) {
        number = source->at(spec.name);
      } else if (spec.fallback == AttributeSpec::Default::kWidth) {
        diagnostics_
            .Report(kAttribute, step.location,
                    absl::StrCat("'", primitive.name, "' needs `", spec.name, "` here"))
            .fix = absl::StrCat("no cell gives a width in this place: write ", primitive.name,
                                "(..., ", spec.name, " = ...)");
        return std::nullopt;
      }
      (*given)[spec.name] = number;
    }
    Number& number = given->at(spec.name);
    if (number.is_truth) number = Number::Of(number.truth ? 1 : 0);
    constexpr int64_t kMost = 1 << 24;
    const Rational value = number.value;
    if ((spec.whole && !value.is_whole()) || value < Rational(spec.least) ||
        Rational(kMost) < value) {
      diagnostics_.Report(
          kAttribute, step.location,
          absl::StrCat("'", spec.name, "' of '", primitive.name, "' is ", value.ToString(),
                       "; it is a ", spec.whole ? "whole number" : "number", " from ", spec.least,
                       " to ", kMost));
      return std::nullopt;
    }
    if (spec.whole) {
      attributes.push_back({spec.name, ir::Dim(value.numerator())});
    } else {
      attributes.push_back({spec.name, value.ToDouble()});
    }
  }
  return attributes;
}

std::optional<ValueId> ChainLowering::LowerPrimitive(const Primitive& primitive,
                                                     const ast::Step& step, ValueId value,
                                                     const Frame& frame) {
  std::optional<std::vector<ir::Attribute>> attributes = LowerAttributes(primitive, step, frame);
  if (!attributes.has_value()) return std::nullopt;
  ir::Instruction instruction;
  instruction.name = JoinPath(frame.path, step.label);
  instruction.op = primitive.name;
  instruction.operands = {value};
  instruction.attributes = *std::move(attributes);
  instruction.location = step.location;
  return Add(std::move(instruction), frame);
}

}  // namespace nasc
