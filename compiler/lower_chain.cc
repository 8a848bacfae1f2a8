#include "compiler/lower_chain.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glog/logging.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kShape, "shape", kError);
NASC_DIAGNOSTIC(kUnlikeDecision, "unlike-decision", kError);
NASC_DIAGNOSTIC(kWith, "with", kError);

using ir::ValueId;

constexpr size_t kMaxInstructions = 1000000;

std::string Options(const ir::Decision& decision) {
  return absl::StrCat(decision.least, decision.least == decision.most ? "" : " to ",
                      decision.least == decision.most ? "" : absl::StrCat(decision.most), " of ",
                      absl::StrJoin(decision.options, ", "));
}

}  // namespace

std::string JoinPath(absl::string_view path, absl::string_view label) {
  if (path.empty()) return std::string(label);
  return label.empty() ? std::string(path) : absl::StrCat(path, ".", label);
}

void ChainLowering::ReportShape(const absl::Status& status, const Location& location,
                                const Frame& frame) {
  Diagnostic& diagnostic = diagnostics_.Report(kShape, location, std::string(status.message()));
  for (const OpCall* call = frame.call.get(); call != nullptr; call = call->outer.get()) {
    diagnostic.notes.push_back({call->location, absl::StrCat("in '", call->op, "'")});
  }
  diagnostic.notes.push_back(
      {Location{}, absl::StrCat("at ", frame.path, " of scale ", graph_.scale)});
  // Which architecture it is: one that asks for this place, and has the shapes.
  ir::Assignment where = ir::CounterexampleOf(status);
  const std::optional<ir::Assignment> here = ir::Witness(frame.alive);
  for (const auto& taken : here.value_or(ir::Assignment{})) {
    const bool known = std::any_of(where.begin(), where.end(),
                                   [&](const auto& other) { return other.first == taken.first; });
    if (!known) where.push_back(taken);
  }
  std::sort(where.begin(), where.end());
  AddCounterexample(where, graph_.decisions, diagnostic);
}

std::optional<ValueId> ChainLowering::Add(ir::Instruction instruction, const Frame& frame) {
  const Primitive* primitive = FindPrimitive(instruction.op);
  CHECK(primitive != nullptr) << instruction.op;
  if (graph_.instructions.size() >= kMaxInstructions) {
    ReportShape(absl::ResourceExhaustedError(
                    absl::StrCat("the supernet has more than ", kMaxInstructions, " instructions")),
                instruction.location, frame);
    return std::nullopt;
  }
  absl::StatusOr<ir::TensorType> type = primitive->shape(graph_, instruction);
  for (size_t i = 0; type.ok() && i < type->dims.size(); ++i) {
    if (type->dims[i].is_too_complex()) {
      type = absl::ResourceExhaustedError("the shape depends on too many decisions at once");
    }
  }
  if (!type.ok()) {
    ReportShape(type.status(), instruction.location, frame);
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

std::optional<ValueId> ChainLowering::AddSwitch(const ir::Dim& index,
                                                std::vector<std::string> labels,
                                                std::vector<ValueId> operands,
                                                const std::string& name, const Location& location,
                                                const Frame& frame) {
  ir::Instruction instruction;
  instruction.name = name;
  instruction.op = "switch";
  instruction.operands = std::move(operands);
  instruction.labels = std::move(labels);
  instruction.attributes = {{"index", index}};
  instruction.location = location;
  return Add(std::move(instruction), frame);
}

std::optional<ir::DecisionId> ChainLowering::FindOrAddDecision(ir::Decision decision,
                                                               const Frame& frame) {
  decision.alive = frame.alive;
  const auto [it, fresh] =
      decision_of_path_.emplace(decision.path, static_cast<int>(graph_.decisions.size()));
  if (fresh) {
    graph_.decisions.push_back(std::move(decision));
    return it->second;
  }
  const ir::Decision& first = graph_.decisions[it->second];
  if (first.options == decision.options && first.relaxed_only == decision.relaxed_only &&
      first.kind == decision.kind && first.least == decision.least && first.most == decision.most &&
      first.alive == decision.alive) {
    return it->second;
  }
  const bool same = Options(first) == Options(decision);
  Diagnostic& diagnostic = diagnostics_.Report(
      kUnlikeDecision, decision.location,
      absl::StrCat("decision ", decision.path, " is another one at ", frame.path,
                   " than where it was first used: ",
                   same ? "it counts for other architectures"
                        : absl::StrCat(Options(first), " there, ", Options(decision), " here")));
  diagnostic.notes.push_back({first.location, "it was first used here"});
  return std::nullopt;
}

std::optional<ir::Condition> ChainLowering::Both(const ir::Condition& a, const ir::Condition& b,
                                                 const Location& location) {
  absl::StatusOr<ir::Condition> both = ir::And(a, b);
  if (both.ok()) return *std::move(both);
  diagnostics_.Report(kShape, location,
                      absl::StrCat("which architectures need this: ", both.status().message()));
  return std::nullopt;
}

std::optional<ir::Condition> ChainLowering::Taking(const ir::Decision& decision, ir::DecisionId id,
                                                   size_t option, const Location& location,
                                                   const Frame& frame) {
  const auto key = std::make_tuple(frame.alive.identity(), id, option);
  if (const auto known = taken_.find(key); known != taken_.end()) return known->second.both;
  const auto both = Both(frame.alive, ir::Takes(decision, id, static_cast<int>(option)), location);
  if (both.has_value()) taken_.emplace(key, Taken{frame.alive, *both});
  return both;
}

std::optional<Frame> ChainLowering::Under(const ir::Condition& condition, const std::string& name,
                                          ValueId& value, const Location& location,
                                          const Frame& frame) {
  const auto alive = Both(frame.alive, condition, location);
  if (!alive.has_value()) return std::nullopt;
  Frame under = frame;
  under.alive = *alive;
  if (condition.is_leaf()) return under;
  // What depends on the same decisions is known more exactly here.
  for (Numbers* numbers : {&under.numbers, &under.outside}) {
    const Numbers before = *numbers;
    for (const auto& [key, number] : before.entries()) {
      if (!number.is_choice()) continue;
      absl::StatusOr<NumberDiagram> restricted = ir::Restrict(number, condition);
      if (restricted.ok()) numbers->Set(key, *std::move(restricted));
    }
  }
  const ir::Dim dim = ir::FromCondition(condition);
  const auto assume = [&](ValueId id, const std::string& called) -> std::optional<ValueId> {
    const ir::TensorType& type = graph_.instruction(id).type;
    const bool open = std::any_of(type.dims.begin(), type.dims.end(),
                                  [](const ir::Dim& size) { return size.is_open(); });
    if (!open) return id;
    ir::Instruction instruction;
    instruction.name = called;
    instruction.op = "assume";
    instruction.operands = {id};
    instruction.attributes = {{"condition", dim}};
    instruction.location = location;
    return Add(std::move(instruction), under);
  };
  const auto given = assume(value, name);
  if (!given.has_value()) return std::nullopt;
  value = *given;
  for (auto& [key, known] : under.values) {
    const auto narrowed = assume(known, JoinPath(name, key));
    if (!narrowed.has_value()) return std::nullopt;
    known = *narrowed;
  }
  return under;
}

std::optional<ValueId> ChainLowering::Lower(const ast::Chain& chain, ValueId value, Frame frame) {
  return LowerSteps(chain, value, frame, chain.steps.size() == 1);
}

std::optional<ValueId> ChainLowering::LowerBody(const ast::Chain& chain, ValueId value,
                                                Frame frame) {
  return LowerSteps(chain, value, frame, false);
}

std::optional<ValueId> ChainLowering::LowerSteps(const ast::Chain& chain, ValueId value,
                                                 Frame& frame, bool alone) {
  std::optional<ValueId> current = value;
  for (const ast::Step& step : chain.steps) {
    if (step.with.empty()) {
      current = LowerStep(step, *current, frame, alone);
    } else {
      Frame here = frame;
      if (!Assign(step.with, frame, here)) return std::nullopt;
      here.outside = here.numbers;
      frame.outside = frame.numbers;
      current = LowerStep(step, *current, here, alone);
    }
    if (!current.has_value()) return std::nullopt;
  }
  return current;
}

bool ChainLowering::Assign(const std::vector<ast::Assign>& assigns, Frame& from_here_on,
                           Frame& here) {
  for (const ast::Assign& assign : assigns) {
    std::optional<NumberDiagram> value = evaluator_.Evaluate(assign.value, from_here_on.numbers);
    const NumberDiagram* old = from_here_on.numbers.Find(assign.name.text);
    if (!value.has_value() || old == nullptr) return false;
    if (assign.scaled) {
      const absl::StatusOr<NumberDiagram> product = ir::Apply<Number, Number, Number>(
          *old, *value, [](const Number& a, const Number& b) -> absl::StatusOr<Number> {
            if (!a.is_number() || !b.is_number()) {
              return absl::InvalidArgumentError("`*=` multiplies numbers");
            }
            const absl::StatusOr<Rational> both = Multiply(a.value, b.value);
            if (!both.ok()) return both.status();
            return Number::Of(*both);
          });
      if (!product.ok()) {
        diagnostics_.Report(kWith, assign.value.location, std::string(product.status().message()));
        return false;
      }
      from_here_on.numbers.Set(assign.name.text, *product);
      value = *product;
    }
    here.numbers.Set(assign.name.text, *value);
  }
  return true;
}

std::optional<ValueId> ChainLowering::LowerStep(const ast::Step& step, ValueId value, Frame& frame,
                                                bool alone) {
  switch (step.kind) {
    case ast::Step::Kind::kNone:
      return LowerPrimitive(*FindPrimitive("none"), step, value, frame);
    case ast::Step::Kind::kWhen:
      return LowerWhen(step, value, frame, alone);
    case ast::Step::Kind::kRepeat:
      return LowerRepeat(step, value, frame);
    case ast::Step::Kind::kOneOf:
      return LowerOneOf(step, value, frame, alone);
    case ast::Step::Kind::kCall:
      return LowerCall(step, value, frame, alone);
  }
  return std::nullopt;
}

}  // namespace nasc
