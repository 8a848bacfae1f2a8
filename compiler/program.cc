#include "compiler/program.h"

#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/primitives.h"

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

std::string SlotText(int slot) { return absl::StrCat("s", slot); }

// Hands out slots, the lowest free one first.
class Slots {
 public:
  int Take() {
    for (size_t i = 0; i < used_.size(); ++i) {
      if (!used_[i]) {
        used_[i] = true;
        return static_cast<int>(i);
      }
    }
    used_.push_back(true);
    return static_cast<int>(used_.size()) - 1;
  }
  void Free(int slot) { used_[slot] = false; }
  int count() const { return static_cast<int>(used_.size()); }

 private:
  std::vector<bool> used_;
};

}  // namespace

absl::StatusOr<Program> BuildProgram(const ir::Graph& graph) {
  Program program;
  program.space = graph.space;
  program.scale = graph.scale;
  for (const ir::Param& param : graph.params) {
    absl::StatusOr<std::vector<int64_t>> shape = Shape(param.type, param.name);
    if (!shape.ok()) return shape.status();
    program.params.push_back({param.name, param.role, param.init, param.fan_in, *std::move(shape)});
  }
  std::vector<int> last_use(graph.instructions.size(), -1);
  for (size_t i = 0; i < graph.instructions.size(); ++i) {
    last_use[i] = static_cast<int>(i);
    for (const ir::ValueId operand : graph.instructions[i].operands) {
      last_use[operand] = static_cast<int>(i);
    }
  }
  for (const ir::Result& result : graph.results) last_use[result.value] = -1;

  Slots slots;
  std::vector<int> slot_of(graph.instructions.size(), -1);
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
    for (const ir::ValueId operand : instruction.operands) step.inputs.push_back(slot_of[operand]);
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
    step.shape = *std::move(shape);
    step.output = slot_of[i] = slots.Take();
    if (FindPrimitive(instruction.op)->form == Primitive::Form::kInput) {
      program.input_shape = step.shape;
    }
    std::vector<ir::ValueId> read = instruction.operands;
    read.push_back(static_cast<ir::ValueId>(i));
    for (const ir::ValueId value : read) {
      if (last_use[value] != static_cast<int>(i)) continue;
      last_use[value] = -1;  // an operand that is read twice is freed once
      step.frees.push_back(slot_of[value]);
      slots.Free(slot_of[value]);
    }
    program.steps.push_back(std::move(step));
  }
  for (const ir::Result& result : graph.results) {
    program.results.push_back({result.name, slot_of[result.value], result.loss_weight});
  }
  program.slots = slots.count();
  return program;
}

std::string Print(const Program& program) {
  std::string text = absl::StrCat("program ", program.space, " scale ", program.scale, " slots ",
                                  program.slots, " {\n");
  for (const ProgramStep& step : program.steps) {
    std::vector<std::string> operands;
    for (const int input : step.inputs) operands.push_back(SlotText(input));
    for (const int param : step.params) {
      operands.push_back(absl::StrCat("@", program.params[param].name));
    }
    if (step.decision >= 0) {
      operands.push_back(absl::StrCat("@", program.decisions[step.decision].path));
    }
    absl::StrAppend(&text, "  ", SlotText(step.output), " = ", step.op, "(",
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
    absl::StrAppend(&text, " : ", ShapeText(step.shape));
    if (!step.frees.empty()) {
      absl::StrAppend(&text, "  free ",
                      absl::StrJoin(step.frees, ", ", [](std::string* out, int slot) {
                        absl::StrAppend(out, SlotText(slot));
                      }));
    }
    absl::StrAppend(&text, "\n");
  }
  std::vector<std::string> results;
  for (const ProgramResult& result : program.results) {
    results.push_back(
        absl::StrCat(result.name, " ", SlotText(result.slot), " weight ", result.loss_weight));
  }
  return absl::StrCat(text, "  return ", absl::StrJoin(results, ", "), "\n}\n");
}

}  // namespace nasc
