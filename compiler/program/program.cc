#include "compiler/program/program.h"

#include <map>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/primitives.h"
#include "glog/logging.h"

namespace nasc {
namespace {

absl::StatusOr<std::vector<int64_t>> Shape(const ir::TensorType& type, const std::string& name) {
  std::vector<int64_t> shape;
  for (const ir::Dim& dim : type.dims) {
    if (dim.is_open()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, " has a shape that depends on a decision"));
    }
    shape.push_back(dim.is_batch() ? -1 : dim.value());
  }
  return shape;
}

std::string ShapeText(const std::vector<int64_t>& shape) {
  return absl::StrCat("[",
                      absl::StrJoin(shape, ",",
                                    [](std::string* out, int64_t size) {
                                      absl::StrAppend(out, size < 0 ? "N" : absl::StrCat(size));
                                    }),
                      "]");
}

std::string ValueText(int value) { return value < 0 ? "_" : absl::StrCat("%", value); }

std::string ValueTexts(const std::vector<int>& values) {
  return absl::StrJoin(values, ", ",
                       [](std::string* out, int value) { absl::StrAppend(out, ValueText(value)); });
}

const std::variant<int64_t, double>& Attribute(const ProgramStep& step, absl::string_view name) {
  const auto found = absl::c_find_if(
      step.attributes, [name](const ProgramAttribute& entry) { return entry.first == name; });
  CHECK(found != step.attributes.end()) << step.op << " has no attribute " << name;
  return found->second;
}

// Every value that must be there at the end.
std::vector<int> Kept(const Program& program) {
  std::vector<int> kept;
  if (program.loss >= 0) kept.push_back(program.loss);
  for (const ProgramResult& result : program.results) kept.push_back(result.value);
  for (const ProgramGradient& gradient : program.weight_gradients) kept.push_back(gradient.value);
  for (const ProgramGradient& gradient : program.decision_gradients) {
    kept.push_back(gradient.value);
  }
  return kept;
}

}  // namespace

absl::StatusOr<Program> BuildProgram(const ir::Graph& graph) {
  Program program;
  program.space = graph.space;
  program.scale = graph.scale;
  for (const ir::Param& param : graph.params) {
    absl::StatusOr<std::vector<int64_t>> shape = Shape(param.type, param.name);
    if (!shape.ok()) return shape.status();
    absl::StatusOr<std::vector<int64_t>> whole = Shape(param.whole, param.name);
    if (!whole.ok()) return whole.status();
    program.params.push_back({param.whole_name.empty() ? param.name : param.whole_name, param.role,
                              param.init, param.fan_in, *std::move(shape), *std::move(whole)});
  }
  std::map<ir::DecisionId, int> decision_of;
  for (size_t i = 0; i < graph.instructions.size(); ++i) {
    const ir::Instruction& instruction = graph.instructions[i];
    if (instruction.op == "select" || instruction.op == "subset" ||
        instruction.op == "when_relaxed") {
      return absl::InvalidArgumentError(
          absl::StrCat("decision ", graph.decisions[instruction.decision].path, " is open"));
    }
    ProgramStep step;
    step.name = instruction.name;
    step.op = instruction.op;
    step.inputs.assign(instruction.operands.begin(), instruction.operands.end());
    step.params.assign(instruction.params.begin(), instruction.params.end());
    if (instruction.decision >= 0) {
      const auto [it, fresh] = decision_of.emplace(instruction.decision, program.decisions.size());
      if (fresh) {
        const ir::Decision& decision = graph.decisions[instruction.decision];
        program.decisions.push_back({decision.path, static_cast<int64_t>(decision.options.size())});
      }
      step.decision = it->second;
    }
    for (const ir::Attribute& attribute : instruction.attributes) {
      if (const auto* real = std::get_if<double>(&attribute.value); real != nullptr) {
        step.attributes.emplace_back(attribute.name, *real);
        continue;
      }
      const ir::Dim& whole = std::get<ir::Dim>(attribute.value);
      if (!whole.is_constant()) {
        return absl::InvalidArgumentError(
            absl::StrCat(instruction.name, " depends on a decision in '", attribute.name, "'"));
      }
      step.attributes.emplace_back(attribute.name, whole.value());
    }
    absl::StatusOr<std::vector<int64_t>> shape = Shape(instruction.type, instruction.name);
    if (!shape.ok()) return shape.status();
    if (FindPrimitive(instruction.op)->form == Primitive::Form::kInput) {
      program.input_shape = *shape;
    }
    step.outputs = {static_cast<int>(i)};
    program.values.push_back({*std::move(shape)});
    program.steps.push_back(std::move(step));
  }
  for (const ir::Result& result : graph.results) {
    program.results.push_back({result.name, result.value, result.loss_weight});
  }
  SetLifetimes(program);
  return program;
}

void SetLifetimes(Program& program) {
  std::vector<bool> live(program.values.size());
  for (const int value : Kept(program)) live[value] = true;
  for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
    step->frees.clear();
    for (const std::vector<int>* values : {&step->inputs, &step->outputs}) {
      for (const int value : *values) {
        if (value < 0 || live[value]) continue;
        live[value] = true;
        step->frees.push_back(value);
      }
    }
  }
}

bool IsInput(const ProgramStep& step) {
  const Primitive* primitive = FindPrimitive(step.op);
  return primitive != nullptr && primitive->form == Primitive::Form::kInput;
}

bool IsGiven(const ProgramStep& step) { return IsInput(step) || step.op == "logits"; }

bool RemoveDeadSteps(Program& program) {
  std::vector<bool> needed(program.values.size());
  for (const int value : Kept(program)) needed[value] = true;
  std::vector<ProgramStep> kept;
  for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
    if (!IsInput(*step) &&
        absl::c_none_of(step->outputs, [&](int value) { return value >= 0 && needed[value]; })) {
      continue;
    }
    for (const int value : step->inputs) {
      if (value >= 0) needed[value] = true;
    }
    kept.push_back(std::move(*step));
  }
  absl::c_reverse(kept);
  const bool changed = kept.size() != program.steps.size();
  program.steps = std::move(kept);
  return changed;
}

int64_t Whole(const ProgramStep& step, absl::string_view name) {
  return std::get<int64_t>(Attribute(step, name));
}

double Real(const ProgramStep& step, absl::string_view name) {
  return std::get<double>(Attribute(step, name));
}

std::string Print(const Program& program) {
  std::string text = absl::StrCat("program ", program.space, " scale ", program.scale, " {\n");
  for (const ProgramStep& step : program.steps) {
    std::vector<std::string> operands;
    for (const int input : step.inputs) operands.push_back(ValueText(input));
    for (const int param : step.params) {
      operands.push_back(absl::StrCat("@", program.params[param].name));
    }
    if (step.decision >= 0) {
      operands.push_back(absl::StrCat("@", program.decisions[step.decision].path));
    }
    absl::StrAppend(&text, "  ", ValueTexts(step.outputs), " = ", step.op, "(",
                    absl::StrJoin(operands, ", "), ")");
    if (!step.attributes.empty()) {
      absl::StrAppend(&text, " { ",
                      absl::StrJoin(step.attributes, ", ",
                                    [](std::string* out, const auto& attribute) {
                                      absl::StrAppend(out, attribute.first, " = ");
                                      std::visit([out](auto value) { absl::StrAppend(out, value); },
                                                 attribute.second);
                                    }),
                      " }");
    }
    absl::StrAppend(
        &text, " : ", absl::StrJoin(step.outputs, ", ", [&program](std::string* out, int value) {
          absl::StrAppend(out, value < 0 ? "_" : ShapeText(program.values[value].shape));
        }));
    if (!step.frees.empty()) absl::StrAppend(&text, "  free ", ValueTexts(step.frees));
    absl::StrAppend(&text, "\n");
  }
  std::vector<std::string> results;
  for (const ProgramResult& result : program.results) {
    results.push_back(
        absl::StrCat(result.name, " ", ValueText(result.value), " weight ", result.loss_weight));
  }
  if (program.loss >= 0) results.push_back(absl::StrCat("loss ", ValueText(program.loss)));
  for (const ProgramGradient& gradient : program.weight_gradients) {
    results.push_back(absl::StrCat("gradient @", program.params[gradient.of].name, " ",
                                   ValueText(gradient.value)));
  }
  for (const ProgramGradient& gradient : program.decision_gradients) {
    results.push_back(absl::StrCat("gradient @", program.decisions[gradient.of].path, " ",
                                   ValueText(gradient.value)));
  }
  return absl::StrCat(text, "  return ", absl::StrJoin(results, ", "), "\n}\n");
}

}  // namespace nasc
