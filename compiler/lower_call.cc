// Calls inside chains: values, operations, primitives, combiners, cells.
#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/lower_chain.h"
#include "dsl/number_functions.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kAttribute, "attribute", kError);
NASC_DIAGNOSTIC(kTooManyCalls, "too-many-calls", kError);

using ir::ValueId;
using Default = AttributeSpec::Default;

constexpr size_t kMaxCalls = 100;

bool IsConstant(const ast::Expr& expr) {
  return expr.text == "on" || expr.text == "off" || expr.text == "true" || expr.text == "false";
}

}  // namespace

std::optional<ValueId> ChainLowering::LowerCall(const ast::Step& step, ValueId value, Frame& frame,
                                                bool alone) {
  const std::string& name = step.callee.text;
  if (const auto it = frame.values.find(name); it != frame.values.end()) return it->second;
  if (const Module::Found<ast::OpDecl> op = frame.module->FindOp(name); op) {
    return LowerOp(*op.decl, *op.module, step, value, frame, alone);
  }
  if (const Primitive* primitive = FindPrimitive(name); primitive != nullptr) {
    return primitive->form == Primitive::Form::kCombiner
               ? LowerCombiner(*primitive, step, value, frame)
               : LowerPrimitive(*primitive, step, value, frame);
  }
  if (cell_rule_ != nullptr && frame.module->FindCell(name)) return cell_rule_(step, value, frame);
  return std::nullopt;  // the checker reports it
}

void ChainLowering::SetInFilters(ValueId value, Frame& frame) const {
  frame.numbers.Erase("in_filters");
  const ir::TensorType& type = graph_.instruction(value).type;
  if (type.dims.size() < 2) return;
  const ir::Dim& width = type.dims[1];
  if (width.is_constant()) {
    frame.numbers.Set("in_filters", Whole(width.value()));
  } else if (const auto diagram = width.ToDiagram(); diagram.ok()) {
    frame.numbers.Set("in_filters", FromDim(*diagram));
  }
}

bool ChainLowering::BindOne(const std::string& name, const ast::Arg& arg, const std::string& label,
                            ValueId value, const Frame& frame, Arguments& arguments) {
  const bool is_name = arg.expr.has_value() && arg.expr->kind == ast::Expr::Kind::kName;
  if (is_name) {
    const auto known = frame.values.find(arg.expr->text);
    if (known != frame.values.end()) {
      arguments.values[name] = known->second;
      return true;
    }
  }
  const bool chain_like = arg.expr.has_value() && arg.expr->kind == ast::Expr::Kind::kCall &&
                          FindNumberFunction(arg.expr->text) == nullptr;
  const bool number = arg.expr.has_value() && !chain_like &&
                      (!is_name || frame.numbers.Has(arg.expr->text) || IsConstant(*arg.expr) ||
                       arg.name.has_value());
  if (number) {
    const std::optional<NumberDiagram> result = evaluator_.Evaluate(*arg.expr, frame.numbers);
    if (!result.has_value()) return false;
    arguments.numbers.Set(name, *result);
    return true;
  }
  const std::optional<ast::Chain> chain = ast::AsChain(arg);
  if (!chain.has_value()) return false;  // the checker reports it
  const bool symbol =
      is_name && !frame.module->FindOp(arg.expr->text) && FindPrimitive(arg.expr->text) == nullptr;
  if (symbol) {
    // Neither an operation nor a number: an option of a decision.
    arguments.numbers.Set(name, NumberDiagram(Number::Symbol(arg.expr->text)));
    return true;
  }
  Frame inner = frame;
  inner.path = JoinPath(frame.path, label);
  inner.decision_path = JoinPath(frame.decision_path, label);
  const std::optional<ValueId> result = LowerSteps(*chain, value, inner, false);
  if (!result.has_value()) return false;
  arguments.values[name] = *result;
  return true;
}

std::optional<ChainLowering::Arguments> ChainLowering::Bind(
    const std::vector<absl::string_view>& params, const ast::Step& step, ValueId value,
    const Frame& frame) {
  Arguments arguments;
  size_t position = 0;
  for (const ast::Arg& arg : step.args) {
    if (!arg.name.has_value() && position >= params.size()) {
      return std::nullopt;  // the checker reports it
    }
    const std::string name(arg.name.has_value() ? arg.name->text : params[position++]);
    if (!BindOne(name, arg, step.label, value, frame, arguments)) return std::nullopt;
  }
  return arguments;
}

bool ChainLowering::BindDefaults(const std::vector<ast::Param>& params, Frame& inner,
                                 const Arguments& given) {
  for (const ast::Param& param : params) {
    const std::string& name = param.name.text;
    if (given.numbers.Has(name) || given.values.count(name) > 0) continue;
    if (!param.default_value.has_value()) continue;
    const std::optional<NumberDiagram> number =
        evaluator_.Evaluate(*param.default_value, inner.numbers);
    if (!number.has_value()) return false;
    inner.numbers.Set(name, *number);
  }
  return true;
}

std::optional<ValueId> ChainLowering::LowerOp(const ast::OpDecl& op, const Module& module,
                                              const ast::Step& step, ValueId value,
                                              const Frame& frame, bool alone) {
  const size_t depth = frame.call == nullptr ? 0 : frame.call->depth;
  if (depth >= kMaxCalls) {
    diagnostics_.Report(kTooManyCalls, step.location,
                        absl::StrCat("operations that contain each other ", kMaxCalls, " deep"));
    return std::nullopt;
  }
  std::vector<absl::string_view> params;
  for (const ast::Param& param : op.params) params.emplace_back(param.name.text);
  std::optional<Arguments> arguments = Bind(params, step, value, frame);
  if (!arguments.has_value()) return std::nullopt;

  Frame inner = frame;
  inner.module = &module;
  inner.values = arguments->values;
  inner.call =
      std::make_shared<const OpCall>(OpCall{op.name.text, step.location, frame.call, depth + 1});
  if (!alone) {
    inner.path = JoinPath(frame.path, step.label);
    inner.decision_path = JoinPath(frame.decision_path, step.label);
  }
  // An operation sees its own arguments, not those of its caller; the step's stride and width pass
  // on.
  if (frame.call == nullptr) inner.outside = frame.numbers;
  inner.numbers = inner.outside;
  for (const absl::string_view param : params) inner.numbers.Erase(param);
  for (const char* passed : {"stride", "filters"}) {
    const NumberDiagram* number = frame.numbers.Find(passed);
    if (number != nullptr) inner.numbers.Set(passed, *number);
  }
  SetInFilters(value, inner);
  inner.numbers.SetAll(arguments->numbers);
  if (!BindDefaults(op.params, inner, *arguments)) return std::nullopt;
  for (const ast::Choose& choose : op.chooses) {
    if (!LowerChoose(choose, inner)) return std::nullopt;
  }
  for (const ast::Let& let : op.lets) {
    Frame of_let = inner;
    const std::optional<ValueId> bound = LowerSteps(let.value, value, of_let, false);
    if (!bound.has_value()) return std::nullopt;
    inner.values[let.name.text] = *bound;
  }
  return LowerSteps(op.result, value, inner, op.lets.empty() && op.result.steps.size() == 1);
}

std::optional<ValueId> ChainLowering::LowerCombiner(const Primitive& primitive,
                                                    const ast::Step& step, ValueId value,
                                                    const Frame& frame) {
  std::vector<ValueId> operands;
  for (const ast::Arg& arg : step.args) {
    const std::optional<ast::Chain> chain = ast::AsChain(arg);
    if (!chain.has_value()) return std::nullopt;  // the checker reports it
    Frame inner = frame;
    const std::optional<ValueId> operand = LowerSteps(*chain, value, inner, false);
    if (!operand.has_value()) return std::nullopt;
    operands.push_back(*operand);
  }
  return Combine(primitive.name, std::move(operands), JoinPath(frame.path, step.label),
                 step.location, frame);
}

const NumberDiagram* ChainLowering::FirstAttributes::Find(absl::string_view name) const {
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (primitive.attributes[i].name == name) return &numbers[i];
  }
  return nullptr;
}

std::optional<NumberDiagram> ChainLowering::DefaultOf(const AttributeSpec& spec,
                                                      const FirstAttributes& first,
                                                      const ast::Step& step, const Frame& frame) {
  const Primitive& primitive = first.primitive;
  const Numbers* source = nullptr;
  switch (spec.fallback) {
    case Default::kRequired:
      return std::nullopt;  // the checker reports it
    case Default::kNumber:
      break;
    case Default::kKernel:
      return *first.Find("kernel");
    case Default::kSameWidth:
      if (*first.Find("kernel_width") == *first.Find("kernel")) return *first.Find("padding");
      ABSL_FALLTHROUGH_INTENDED;
    case Default::kSame: {
      const char* window = spec.fallback == Default::kSameWidth ? "kernel_width" : "kernel";
      const NumberDiagram* dilation = first.Find("dilation");
      ir::Assignment where;
      // Half of what the window reaches beyond its middle; that must be whole where the size is to
      // stay.
      const auto reach = ir::Apply<Number, Number, Number>(
          *first.Find(window), dilation == nullptr ? Whole(1) : *dilation,
          [](const Number& kernel, const Number& taps) -> absl::StatusOr<Number> {
            return Number::Of(taps.value.numerator() * (kernel.value.numerator() - 1));
          });
      if (!reach.ok()) {
        ReportShape(reach.status(), step.location, frame);
        return std::nullopt;
      }
      const auto padding = ir::Apply<Number, Number, Number>(
          *reach, *first.Find("stride"),
          [](const Number& total, const Number& stride) -> absl::StatusOr<Number> {
            if (total.value.numerator() % 2 != 0 && stride.value == Rational(1)) {
              return absl::InvalidArgumentError("even");
            }
            return Number::Of(total.value.numerator() / 2);
          },
          ir::kMostNodes, &where);
      if (padding.ok()) return *padding;
      Diagnostic& diagnostic = diagnostics_.Report(
          kAttribute, step.location,
          absl::StrCat("'", primitive.name, "' with an even window cannot keep the size"));
      diagnostic.fix = absl::StrCat("give a `", spec.name, "`, or an odd `", window, "`");
      AddCounterexample(where, graph_.decisions, diagnostic);
      return std::nullopt;
    }
    case Default::kStep:
    case Default::kWidth:
      source = &frame.numbers;
      break;
    case Default::kSetting:
      source = &settings_;
      break;
  }
  if (source != nullptr) {
    const NumberDiagram* known = source->Find(spec.name);
    if (known != nullptr) return *known;
  }
  if (spec.fallback == Default::kWidth) {
    diagnostics_
        .Report(kAttribute, step.location,
                absl::StrCat("'", primitive.name, "' needs `", spec.name, "` here"))
        .fix = absl::StrCat("no cell gives a width in this place: write ", primitive.name, "(..., ",
                            spec.name, " = ...)");
    return std::nullopt;
  }
  return Whole(static_cast<int64_t>(spec.number));
}

std::optional<ir::AttributeValue> ChainLowering::AttributeOf(const AttributeSpec& spec,
                                                             const NumberDiagram& number,
                                                             const Primitive& primitive,
                                                             const ast::Step& step) {
  const auto check = [&](const Number& found) -> absl::Status {
    const Rational value = found.is_truth() ? Rational(found.truth ? 1 : 0) : found.value;
    if (found.kind != Number::Kind::kSymbol && (!spec.whole || value.is_whole()) &&
        Rational(spec.least) <= value && value <= Rational(spec.most)) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "'", spec.name, "' of '", primitive.name, "' is ",
        found.is_truth() ? value.ToString() : ToString(found), "; it is a ",
        spec.whole ? "whole number" : "number", " from ", spec.least, " to ", spec.most));
  };
  ir::Assignment where;
  const auto whole = ir::Apply<int64_t, Number, Number>(
      number, Whole(0),
      [&](const Number& found, const Number&) -> absl::StatusOr<int64_t> {
        if (absl::Status status = check(found); !status.ok()) return status;
        return found.is_truth() ? int64_t{found.truth} : found.value.Floor();
      },
      ir::kMostNodes, &where);
  if (!whole.ok()) {
    AddCounterexample(
        where, graph_.decisions,
        diagnostics_.Report(kAttribute, step.location, std::string(whole.status().message())));
    return std::nullopt;
  }
  if (spec.whole) return ir::Dim(*whole);
  if (number.is_leaf() && !number.is_undefined()) {
    return number.leaf().is_truth() ? (number.leaf().truth ? 1.0 : 0.0)
                                    : number.leaf().value.ToDouble();
  }
  diagnostics_.Report(
      kAttribute, step.location,
      absl::StrCat("'", spec.name, "' of '", primitive.name, "' cannot depend on a decision"));
  return std::nullopt;
}

std::optional<std::vector<ir::Attribute>> ChainLowering::LowerAttributes(const Primitive& primitive,
                                                                         const ast::Step& step,
                                                                         const Frame& frame) {
  std::vector<absl::string_view> params;
  params.reserve(primitive.attributes.size());
  for (const AttributeSpec& spec : primitive.attributes) params.emplace_back(spec.name);
  std::optional<Arguments> arguments = Bind(params, step, 0, frame);
  if (!arguments.has_value()) return std::nullopt;
  std::vector<ir::Attribute> attributes;
  attributes.reserve(primitive.attributes.size());
  FirstAttributes first{primitive, {}};
  first.numbers.reserve(primitive.attributes.size());
  for (const AttributeSpec& spec : primitive.attributes) {
    if (arguments->values.count(spec.name) > 0) {
      diagnostics_.Report(
          kAttribute, step.location,
          absl::StrCat("'", spec.name, "' of '", primitive.name, "' is a number, found a value"));
      return std::nullopt;
    }
    const NumberDiagram* given = arguments->numbers.Find(spec.name);
    std::optional<NumberDiagram> number =
        given != nullptr ? *given : DefaultOf(spec, first, step, frame);
    if (!number.has_value()) return std::nullopt;
    std::optional<ir::AttributeValue> value = AttributeOf(spec, *number, primitive, step);
    if (!value.has_value()) return std::nullopt;
    attributes.push_back({spec.name, *std::move(value)});
    first.numbers.push_back(*std::move(number));
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
