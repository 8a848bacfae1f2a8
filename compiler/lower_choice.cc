// Decisions inside chains: `one of`, `choose`, `when`, `repeat`.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/lower_chain.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kOutsideDecision, "outside-decision", kError);
NASC_DIAGNOSTIC(kUnlikeOptions, "unlike-options", kError);
NASC_DIAGNOSTIC(kChoose, "choose", kError);
NASC_DIAGNOSTIC(kTooManyRepeats, "too-many-repeats", kError);

using ir::ValueId;

constexpr int64_t kMaxRepeats = 1000;
constexpr int64_t kMaxOptions = 10000;

// What a condition is wherever it is defined, if that is one thing.
std::optional<bool> ConstantOf(const ir::Condition& condition) {
  bool holds = false;
  bool fails = false;
  ir::ForEachNode(condition, [&](const ir::Condition& node) {
    if (!node.is_leaf() || node.is_undefined()) return;
    (node.leaf() ? holds : fails) = true;
  });
  if (holds && fails) return std::nullopt;
  return holds;
}

bool DependsOn(const NumberDiagram& number, ir::DecisionId decision) {
  return ir::DependsOn(number, [&](const ir::Variable& v) { return v.decision == decision; });
}

bool Names(const ast::Expr& expr, absl::string_view name) {
  if (expr.kind == ast::Expr::Kind::kName) return expr.text == name;
  const auto names = [&](const ast::Expr& part) { return Names(part, name); };
  return absl::c_any_of(expr.operands, names) ||
         absl::c_any_of(expr.args, [&](const ast::Arg& arg) {
           return arg.expr.has_value() && names(*arg.expr);
         });
}

}  // namespace

std::optional<ChainLowering::Cases> ChainLowering::EvaluateCases(const ast::Expr& expr,
                                                                 const Frame& frame) {
  const auto evaluate = [&](bool relaxed) {
    Numbers numbers = frame.numbers;
    numbers.Set("relaxed", Truth(relaxed));
    return evaluator_.EvaluateTruth(expr, numbers);
  };
  const std::optional<ir::Condition> relaxed = evaluate(frame.relaxed.value_or(true));
  if (!relaxed.has_value()) return std::nullopt;
  if (frame.relaxed.has_value() || !Names(expr, "relaxed")) return Cases{*relaxed, *relaxed};
  const std::optional<ir::Condition> fixed = evaluate(false);
  if (!fixed.has_value()) return std::nullopt;
  const Cases cases{*relaxed, *fixed};
  if (cases.relaxed != cases.fixed && frame.decision < 0) {
    diagnostics_.Report(kOutsideDecision, expr.location, "`relaxed` where no decision encloses it");
    return std::nullopt;
  }
  return cases;
}

std::optional<ValueId> ChainLowering::LowerWhen(const ast::Step& step, ValueId value, Frame& frame,
                                                bool alone) {
  const std::optional<Cases> cases = EvaluateCases(step.condition[0], frame);
  if (!cases.has_value()) return std::nullopt;
  const std::string name = JoinPath(frame.path, step.label);
  const auto branch = [&](bool truth, ValueId from, Frame& in) -> std::optional<ValueId> {
    if (!truth && step.branches.size() < 2) return from;
    const ast::Chain& chain = step.branches[truth ? 0 : 1];
    return LowerSteps(chain, from, in, alone && chain.steps.size() == 1);
  };
  // One case: a branch, or, where decisions tell, a switch between both.
  const auto decide = [&](const ir::Condition& condition, const std::string& called,
                          Frame& in) -> std::optional<ValueId> {
    if (const auto constant = ConstantOf(condition)) return branch(*constant, value, in);
    const absl::StatusOr<ir::Condition> opposite = ir::Not(condition);
    if (!opposite.ok()) {
      ReportShape(opposite.status(), step.location, in);
      return std::nullopt;
    }
    std::vector<ValueId> operands;
    for (const bool truth : {false, true}) {
      ValueId from = value;
      std::optional<Frame> under =
          Under(truth ? condition : *opposite, absl::StrCat(called, truth ? ".then" : ".else"),
                from, step.location, in);
      if (!under.has_value()) return std::nullopt;
      const std::optional<ValueId> result = branch(truth, from, *under);
      if (!result.has_value()) return std::nullopt;
      operands.push_back(*result);
    }
    return AddSwitch(ir::FromCondition(condition), {"else", "then"}, std::move(operands), called,
                     step.location, in);
  };
  if (cases->relaxed == cases->fixed) return decide(cases->relaxed, name, frame);

  Frame inner = frame;
  inner.relaxed = true;
  const std::optional<ValueId> relaxed = decide(cases->relaxed, name + ".relaxed", inner);
  inner.relaxed = false;
  const std::optional<ValueId> fixed = decide(cases->fixed, name + ".fixed", inner);
  if (!relaxed.has_value() || !fixed.has_value()) return std::nullopt;
  ir::Instruction instruction;
  instruction.name = name;
  instruction.op = "when_relaxed";
  instruction.operands = {*relaxed, *fixed};
  instruction.labels = {"relaxed", "fixed"};
  instruction.decision = frame.decision;
  instruction.location = step.location;
  return Add(std::move(instruction), frame);
}

std::optional<ValueId> ChainLowering::LowerRepeat(const ast::Step& step, ValueId value,
                                                  Frame& frame) {
  const std::optional<ir::Dim> count = evaluator_.EvaluateSize(step.condition[0], 0, frame.numbers);
  if (!count.has_value()) return std::nullopt;
  if (count->Max() > kMaxRepeats) {
    diagnostics_.Report(kTooManyRepeats, step.condition[0].location,
                        absl::StrCat("repeated ", count->Max(), " times; at most ", kMaxRepeats));
    return std::nullopt;
  }
  const std::string path = frame.path;
  const std::string decision_path = frame.decision_path;
  const std::string name = JoinPath(path, step.label);
  std::vector<ValueId> values = {value};
  std::vector<std::string> labels = {"0"};
  for (int64_t i = 0; i < count->Max(); ++i) {
    frame.path = absl::StrCat(name, ".step", i);
    frame.decision_path = absl::StrCat(JoinPath(decision_path, step.label), ".step", i);
    std::optional<ValueId> next;
    if (count->Min() > i) {
      next = LowerSteps(step.branches[0], values.back(), frame, true);
    } else {
      const auto more = ir::ToCondition(
          *ir::Apply(*count, [i](int64_t n) -> absl::StatusOr<int64_t> { return n > i ? 1 : 0; }));
      ValueId from = values.back();
      std::optional<Frame> under = Under(*more, frame.path + ".given", from, step.location, frame);
      if (!under.has_value()) return std::nullopt;
      next = LowerSteps(step.branches[0], from, *under, true);
    }
    if (!next.has_value()) return std::nullopt;
    values.push_back(*next);
    labels.push_back(absl::StrCat(i + 1));
  }
  frame.path = path;
  frame.decision_path = decision_path;
  if (count->is_constant()) return values.back();
  return AddSwitch(*count, std::move(labels), std::move(values), name, step.location, frame);
}

std::optional<ValueId> ChainLowering::LowerOneOf(const ast::Step& step, ValueId value,
                                                 const Frame& frame, bool alone) {
  if (step.inline_set) {
    const NumberDiagram* chosen = frame.numbers.Find(step.callee.text);
    if (!step.callee.text.empty() && chosen != nullptr) {
      return LowerChosen(step, *chosen, value, frame, alone);
    }
    return LowerNewDecision(step, step.candidates, value, frame, frame, alone);
  }
  const Module::Found<ast::OpsDecl> set = frame.module->FindOps(step.callee.text);
  if (!set) return std::nullopt;  // the checker reports it
  Frame inner = frame;
  inner.module = set.module;
  std::vector<absl::string_view> params;
  for (const ast::Param& param : set.decl->params) params.emplace_back(param.name.text);
  std::optional<Arguments> arguments = Bind(params, step, value, frame);
  if (!arguments.has_value()) return std::nullopt;
  inner.values = arguments->values;
  inner.numbers.SetAll(arguments->numbers);
  if (!BindDefaults(set.decl->params, inner, *arguments)) return std::nullopt;
  return LowerNewDecision(step, set.decl->candidates, value, inner, frame, alone);
}

std::optional<ValueId> ChainLowering::LowerNewDecision(
    const ast::Step& step, const std::vector<ast::Candidate>& candidates, ValueId value,
    const Frame& scope, const Frame& frame, bool alone) {
  const bool named = step.inline_set && !step.callee.text.empty();
  ir::Decision decision;
  decision.path = JoinPath(frame.decision_path, alone && !named ? "op" : step.label);
  decision.location = step.location;
  for (const ast::Candidate& candidate : candidates) {
    decision.options.push_back(candidate.name.text);
    decision.relaxed_only.push_back(candidate.relaxed);
  }
  const ir::Decision kept = decision;
  const std::optional<ir::DecisionId> id = FindOrAddDecision(std::move(decision), frame);
  if (!id.has_value()) return std::nullopt;

  Frame inner = scope;
  inner.decision = *id;
  inner.relaxed = std::nullopt;
  inner.path = alone ? frame.path : JoinPath(frame.path, step.label);
  ir::Instruction select;
  select.name = inner.path;
  select.op = "select";
  select.decision = *id;
  select.location = step.location;
  bool failed = false;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const ast::Candidate& candidate = candidates[i];
    const auto alive = Taking(kept, *id, i, step.location, frame);
    if (!alive.has_value()) return std::nullopt;
    inner.alive = *alive;
    inner.relaxed = candidate.relaxed ? std::make_optional(true) : std::nullopt;
    const std::optional<ValueId> option = LowerCandidate(candidate, value, inner);
    failed |= !option.has_value();
    select.operands.push_back(option.value_or(value));
    select.labels.push_back(candidate.name.text);
  }
  if (failed) return std::nullopt;
  return Add(std::move(select), frame);
}

// `one of kind { ... }` where `kind` was chosen before: no new decision.
std::optional<ValueId> ChainLowering::LowerChosen(const ast::Step& step,
                                                  const NumberDiagram& chosen, ValueId value,
                                                  const Frame& frame, bool alone) {
  std::vector<std::string> names;
  for (const ast::Candidate& candidate : step.candidates) names.push_back(candidate.name.text);
  const absl::StatusOr<ir::Diagram<int64_t>> index = ir::Apply<int64_t, Number, Number>(
      chosen, Whole(0), [&](const Number& option, const Number&) -> absl::StatusOr<int64_t> {
        const std::string name =
            option.kind == Number::Kind::kSymbol ? option.symbol : ToString(option);
        const auto found = absl::c_find(names, name);
        if (found != names.end()) return found - names.begin();
        return absl::NotFoundError(absl::StrCat("'", step.callee.text, "' may be ", name,
                                                ", for which there is no candidate"));
      });
  if (!index.ok()) {
    diagnostics_.Report(kUnlikeOptions, step.location, std::string(index.status().message()));
    return std::nullopt;
  }
  Frame scope = frame;
  scope.path = alone ? frame.path : JoinPath(frame.path, step.label);
  std::vector<ValueId> operands;
  for (size_t i = 0; i < step.candidates.size(); ++i) {
    const auto condition =
        ir::ToCondition(*ir::Apply(ir::Dim(*index), [i](int64_t k) -> absl::StatusOr<int64_t> {
          return k == static_cast<int64_t>(i) ? 1 : 0;
        }));
    ValueId from = value;
    const std::optional<Frame> under =
        Under(*condition, absl::StrCat(JoinPath(scope.path, names[i]), ".given"), from,
              step.location, scope);
    if (!under.has_value()) return std::nullopt;
    const std::optional<ValueId> operand = LowerCandidate(step.candidates[i], from, *under);
    if (!operand.has_value()) return std::nullopt;
    operands.push_back(*operand);
  }
  if (index->is_leaf() && !index->is_undefined()) return operands[index->leaf()];
  // A decision's own options: the select of that decision, which can be relaxed.
  const ir::Variable& top = index->variable();
  bool own = top.option < 0 && index->branches().size() == operands.size();
  for (size_t i = 0; own && i < operands.size(); ++i) {
    own = index->branches()[i] == ir::Diagram<int64_t>(static_cast<int64_t>(i));
  }
  if (!own) {
    return AddSwitch(ir::Dim(*index), std::move(names), std::move(operands), scope.path,
                     step.location, frame);
  }
  ir::Instruction select;
  select.name = scope.path;
  select.op = "select";
  select.decision = top.decision;
  select.operands = std::move(operands);
  select.labels = std::move(names);
  select.location = step.location;
  return Add(std::move(select), frame);
}

std::optional<ValueId> ChainLowering::LowerCandidate(const ast::Candidate& candidate, ValueId value,
                                                     const Frame& frame) {
  ast::Step step;
  step.location = candidate.name.location;
  step.callee = candidate.name;
  step.label = candidate.name.text;
  Frame inner = frame;
  // What depends on the decision is known here.
  const auto depends = [&](const NumberDiagram& number) {
    return number.is_choice() && frame.decision >= 0 && DependsOn(number, frame.decision);
  };
  for (const auto& [key, number] : frame.numbers.entries()) {
    if (!depends(number)) continue;
    absl::StatusOr<NumberDiagram> known = ir::Restrict(number, frame.alive);
    if (known.ok()) inner.numbers.Set(key, *std::move(known));
  }
  if (candidate.none) {
    step.kind = ast::Step::Kind::kNone;
    return LowerStep(step, value, inner, true);
  }
  inner.path = JoinPath(frame.path, candidate.name.text);
  inner.decision_path = JoinPath(frame.decision_path, candidate.name.text);
  SetInFilters(value, inner);
  const ast::Chain* chain = candidate.chain.has_value() ? &*candidate.chain : nullptr;
  const std::optional<ValueId> result =
      chain != nullptr ? LowerSteps(*chain, value, inner, chain->steps.size() == 1)
                       : LowerStep(step, value, inner, true);
  // As in the papers: a dropped path is one that computes something.
  if (!result.has_value() || graph_.instruction(*result).op == "identity") return result;
  return DropPath(*result, candidate.name.location, inner);
}

std::optional<ValueId> ChainLowering::DropPath(ValueId value, const Location& location,
                                               const Frame& frame) {
  const NumberDiagram* rate = settings_.Find("drop_path");
  if (rate == nullptr || frame.decision < 0 || !(Rational(0) < rate->leaf().value)) {
    return value;
  }
  ir::Instruction instruction;
  instruction.name = JoinPath(frame.path, "drop_path");
  instruction.op = "drop_path";
  instruction.operands = {value};
  instruction.attributes = {{"rate", rate->leaf().value.ToDouble()}};
  instruction.location = location;
  return Add(std::move(instruction), frame);
}

bool ChainLowering::LowerChooses(const std::vector<const ast::Choose*>& chooses, Frame& frame) {
  return absl::c_all_of(chooses,
                        [&](const ast::Choose* choose) { return LowerChoose(*choose, frame); });
}

bool ChainLowering::LowerChoose(const ast::Choose& choose, Frame& frame) {
  std::vector<Number> values;
  const auto fail = [&](const Location& location, const std::string& message) {
    diagnostics_.Report(kChoose, location, message);
    return false;
  };
  if (choose.range) {
    const auto first = evaluator_.EvaluateNumber(choose.options[0], frame.numbers);
    const auto last = evaluator_.EvaluateNumber(choose.options[1], frame.numbers);
    if (!first.has_value() || !last.has_value()) return false;
    if (!first->is_whole() || !last->is_whole() || *last < *first) {
      return fail(choose.options[0].location,
                  absl::StrCat("a range goes from a whole number up to another, found ",
                               first->ToString(), "..", last->ToString()));
    }
    if (last->numerator() - first->numerator() >= kMaxOptions) {
      return fail(choose.options[0].location,
                  absl::StrCat("a decision has at most ", kMaxOptions, " options"));
    }
    for (int64_t i = first->numerator(); i <= last->numerator(); ++i)
      values.push_back(Number::Of(i));
  } else {
    for (const ast::Expr& option : choose.options) {
      const bool name = option.kind == ast::Expr::Kind::kName && !frame.numbers.Has(option.text) &&
                        option.text != "on" && option.text != "off" && option.text != "true" &&
                        option.text != "false";
      if (name) {
        values.push_back(Number::Symbol(option.text));
        continue;
      }
      const std::optional<NumberDiagram> value = evaluator_.Evaluate(option, frame.numbers);
      if (!value.has_value()) return false;
      if (value->is_choice() || value->is_undefined()) {
        return fail(option.location, "an option cannot depend on another decision");
      }
      values.push_back(value->leaf());
    }
  }
  ir::Decision decision;
  decision.path = JoinPath(frame.decision_path, choose.name.text);
  decision.location = choose.name.location;
  for (const Number& value : values) {
    const std::string name = value.kind == Number::Kind::kSymbol ? value.symbol
                             : value.is_truth()                  ? ToString(value)
                                                                 : value.value.ToDecimal();
    if (absl::c_linear_search(decision.options, name)) {
      return fail(choose.name.location,
                  absl::StrCat("'", choose.name.text, "' has option ", name, " twice"));
    }
    decision.options.push_back(name);
    decision.relaxed_only.push_back(false);
  }
  const std::optional<ir::DecisionId> id = FindOrAddDecision(std::move(decision), frame);
  if (!id.has_value()) return false;
  std::vector<NumberDiagram> branches(values.begin(), values.end());
  frame.numbers.Set(choose.name.text,
                    NumberDiagram::Choice(ir::Variable{*id, -1}, std::move(branches)));
  return true;
}

}  // namespace nasc
