// The output of a cell: its last node, the nodes that no other takes, or named ones, combined.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/lower_cell.h"

namespace nasc {

using ir::ValueId;

std::optional<ir::Condition> CellLowering::Loose(size_t index, const Location& location,
                                                 const Instance& instance) {
  ir::Condition loose = instance.values[index].alive;
  for (const Taken& taken : instance.taken) {
    if (taken.value != index) continue;
    const absl::StatusOr<ir::Condition> free = ir::Not(taken.when);
    const absl::StatusOr<ir::Condition> both =
        free.ok() ? ir::And(loose, *free) : absl::StatusOr<ir::Condition>(free.status());
    if (!both.ok()) {
      chains_.ReportShape(both.status(), location, instance.frame);
      return std::nullopt;
    }
    loose = *both;
  }
  return loose;
}

std::optional<std::vector<CellLowering::Part>> CellLowering::PartsOf(const std::string& name,
                                                                     const Location& location,
                                                                     const Instance& instance) {
  std::vector<Part> parts;
  for (size_t i = 0; i < instance.values.size(); ++i) {
    const CellValue& value = instance.values[i];
    if (name == "loose") {
      if (value.input) continue;
      const std::optional<ir::Condition> loose = Loose(i, location, instance);
      if (!loose.has_value()) return std::nullopt;
      if (ir::Never(*loose)) continue;
      parts.push_back({i, *loose});
    } else if (value.name == name || value.family == name) {
      parts.push_back({i, value.alive});
    }
  }
  return parts;
}

std::optional<ValueId> CellLowering::LowerOutput(Instance& instance) {
  const ast::Chain& output = *instance.cell.output;
  std::optional<ValueId> value = LowerOutputStep(output.steps.front(), instance);
  if (!value.has_value() || output.steps.size() == 1) return value;
  ast::Chain rest{output.location, {output.steps.begin() + 1, output.steps.end()}};
  Frame frame = instance.frame;
  frame.path = JoinPath(frame.path, "output");
  frame.numbers.Set("stride", Whole(1));
  return chains_.LowerBody(rest, *value, frame);
}

std::optional<ValueId> CellLowering::LowerOutputStep(const ast::Step& step, Instance& instance) {
  const Frame& frame = instance.frame;
  const std::string name = JoinPath(frame.path, "output");
  if (step.callee.text == "last") {
    // The last of those that are there: with fewer nodes, an earlier one.
    const std::string& family = instance.values.back().family;
    std::vector<std::string> labels;
    std::vector<ValueId> operands;
    ir::Dim index = -1;
    for (const CellValue& value : instance.values) {
      if (value.input || value.family != family) continue;
      labels.push_back(value.name);
      operands.push_back(value.value);
      index = index + ir::FromCondition(value.alive);
    }
    if (index.is_constant()) return operands.back();
    return chains_.AddSwitch(index, std::move(labels), std::move(operands), name, step.location,
                             frame);
  }
  const bool concat = step.callee.text == "concat";
  std::vector<ValueId> operands;
  for (const ast::Arg& arg : step.args) {
    if (!arg.expr.has_value()) return std::nullopt;  // the checker reports it
    const auto parts = PartsOf(arg.expr->text, arg.expr->location, instance);
    if (!parts.has_value()) return std::nullopt;
    for (const Part& part : *parts) {
      const CellValue& value = instance.values[part.index];
      // Relative to the cell: where the cell itself is not asked for, nothing is.
      if (part.when == frame.alive || part.when.is_leaf()) {
        operands.push_back(value.value);
        continue;
      }
      const std::string called = absl::StrCat(name, ".", value.name);
      std::optional<ValueId> otherwise;
      if (concat) {
        ir::Instruction absent;
        absent.name = called + ".absent";
        absent.op = "absent";
        absent.operands = {value.value};
        absent.location = arg.expr->location;
        otherwise = chains_.Add(std::move(absent), frame);
      } else {
        otherwise = Zeros(graph_.instruction(value.value).type, called + ".absent", instance,
                          arg.expr->location, frame);
      }
      if (!otherwise.has_value()) return std::nullopt;
      const auto optional =
          chains_.AddSwitch(ir::FromCondition(part.when), {"else", "then"},
                            {*otherwise, value.value}, called, arg.expr->location, frame);
      if (!optional.has_value()) return std::nullopt;
      operands.push_back(*optional);
    }
  }
  return chains_.Combine(step.callee.text, std::move(operands), name, step.location, frame);
}

}  // namespace nasc
