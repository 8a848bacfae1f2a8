#include "compiler/ir/printer.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nasc::ir {
namespace {

// What goes between the elements of a list.
class Separator {
 public:
  explicit Separator(absl::string_view text) : text_(text) {}
  absl::string_view Next() { return first_ ? (first_ = false, "") : text_; }

 private:
  absl::string_view text_;
  bool first_ = true;
};

// The shortest text that parses back to the same number, with a point or an exponent, since that
// tells a real from a whole number.
std::string Real(double value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  std::string text(buffer.data(), end);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

class Printer {
 public:
  explicit Printer(const Graph& graph) : graph_(graph) {}

  std::string PrintGraph() {
    absl::StrAppend(&out_, "supernet @", graph_.space, " version ", graph_.version, " scale ",
                    graph_.scale, " {\n");
    for (const Decision& decision : graph_.decisions) PrintDecision(decision);
    for (const Constraint& constraint : graph_.constraints) PrintConstraint(constraint);
    for (const Param& param : graph_.params) PrintParam(param);
    for (const Instruction& instruction : graph_.instructions) PrintInstruction(instruction);
    PrintResults();
    out_ += "}\n";
    return std::move(out_);
  }

  std::string Text(const Dim& dim) const {
    return ToString(
        dim, [this](const Variable& variable) { return ir::NameOf(variable, graph_.decisions); });
  }

  std::string Text(const TensorType& type) const {
    return absl::StrCat("f32[",
                        absl::StrJoin(type.dims, ",",
                                      [this](std::string* out, const Dim& dim) {
                                        absl::StrAppend(out, Text(dim));
                                      }),
                        "]");
  }

 private:
  // A message about a wrong graph prints it, so ids that name nothing print as "?".
  template <typename T>
  static const T* At(const std::vector<T>& list, int id) {
    return id >= 0 && static_cast<size_t>(id) < list.size() ? &list[id] : nullptr;
  }
  std::string PathOf(DecisionId id) const {
    const Decision* decision = At(graph_.decisions, id);
    return decision != nullptr ? decision->path : "?";
  }
  std::string NameOf(ValueId id) const {
    const Instruction* instruction = At(graph_.instructions, id);
    return absl::StrCat("%", instruction != nullptr ? instruction->name : "?");
  }

  void PrintDecision(const Decision& decision) {
    absl::StrAppend(&out_, "  decision @", decision.path, " : ");
    if (decision.kind == Decision::Kind::kOne) {
      out_ += "one";
    } else if (decision.least == decision.most) {
      absl::StrAppend(&out_, decision.most);
    } else {
      absl::StrAppend(&out_, decision.least, " to ", decision.most);
    }
    out_ += " of [";
    Separator separator(", ");
    for (size_t i = 0; i < decision.options.size(); ++i) {
      const bool relaxed_only = i < decision.relaxed_only.size() && decision.relaxed_only[i];
      absl::StrAppend(&out_, separator.Next(), decision.options[i], relaxed_only ? " relaxed" : "");
    }
    out_ += "]";
    PrintAlive(decision.alive);
    EndLine(decision.location);
  }

  // `if prev in @normal.n0.edges and 2|3 in @grown.n`, or any other condition as a dim.
  void PrintAlive(const Condition& alive) {
    if (alive.is_leaf() && alive.maybe_leaf().value_or(false)) return;
    std::vector<std::string> parts;
    Condition rest = alive;
    while (rest.is_choice()) {
      const Variable variable = rest.variable();
      const Decision* decision = At(graph_.decisions, variable.decision);
      const std::vector<Condition> branches = rest.branches();
      std::vector<std::string> taken;
      std::optional<Condition> next;
      for (size_t i = 0; i < branches.size(); ++i) {
        const Condition& branch = branches[i];
        if (branch.is_leaf() && !branch.maybe_leaf().value_or(true)) continue;
        if (next.has_value() && *next != branch) return PrintAsDim(alive);
        next = branch;
        const int option = variable.option < 0 ? static_cast<int>(i) : variable.option;
        const std::string* name = decision != nullptr ? At(decision->options, option) : nullptr;
        taken.push_back(name != nullptr ? *name : "?");
        // Where an option of several is left out.
        if (variable.option >= 0 && i == 0) return PrintAsDim(alive);
      }
      if (!next.has_value()) return PrintAsDim(alive);
      parts.push_back(absl::StrCat(absl::StrJoin(taken, "|"), " in @", PathOf(variable.decision)));
      rest = *next;
    }
    if (!rest.maybe_leaf().value_or(false)) return PrintAsDim(alive);
    absl::StrAppend(&out_, " if ", absl::StrJoin(parts, " and "));
  }

  void PrintAsDim(const Condition& condition) {
    absl::StrAppend(&out_, " if ", Text(FromCondition(condition)));
  }

  void PrintConstraint(const Constraint& constraint) {
    absl::StrAppend(&out_, "  require \"", absl::Utf8SafeCEscape(constraint.text), "\" ",
                    constraint.least, " to ", constraint.most, " : ", Text(constraint.value));
    EndLine(constraint.location);
  }

  static std::string WholeName(const Param& param) {
    return param.whole_name.empty() ? "" : absl::StrCat("@", param.whole_name, " ");
  }

  void PrintParam(const Param& param) {
    absl::StrAppend(
        &out_, "  ", param.role == Param::Role::kWeight ? "weight" : "buffer", " @", param.name,
        " : ", Text(param.type),
        param.whole.dims.empty() ? "" : absl::StrCat(" of ", WholeName(param), Text(param.whole)),
        " init ");
    switch (param.init) {
      case Param::Init::kFanIn:
        absl::StrAppend(&out_, "fan_in ", param.fan_in);
        break;
      case Param::Init::kZeros:
        out_ += "zeros";
        break;
      case Param::Init::kOnes:
        out_ += "ones";
        break;
    }
    out_ += "\n";
  }

  void PrintInstruction(const Instruction& instruction) {
    absl::StrAppend(&out_, "  %", instruction.name, " = ", instruction.op);
    if (instruction.decision >= 0) absl::StrAppend(&out_, " @", PathOf(instruction.decision));
    if (!instruction.combiner.empty()) absl::StrAppend(&out_, " ", instruction.combiner);
    if (!instruction.labels.empty()) {
      PrintCases(instruction);
    } else if (!instruction.operands.empty() || !instruction.params.empty()) {
      PrintArguments(instruction);
    }
    PrintAttributes(instruction);
    absl::StrAppend(&out_, " : ", Text(instruction.type));
    EndLine(instruction.location);
  }

  void PrintCases(const Instruction& instruction) {
    out_ += " [ ";
    Separator separator(", ");
    for (size_t i = 0; i < instruction.operands.size(); ++i) {
      absl::StrAppend(&out_, separator.Next(),
                      i < instruction.labels.size() ? instruction.labels[i] : "?", ": ",
                      NameOf(instruction.operands[i]));
    }
    out_ += " ]";
  }

  void PrintArguments(const Instruction& instruction) {
    out_ += "(";
    Separator separator(", ");
    for (const ValueId operand : instruction.operands) {
      absl::StrAppend(&out_, separator.Next(), NameOf(operand));
    }
    for (const ParamId id : instruction.params) {
      const Param* param = At(graph_.params, id);
      absl::StrAppend(&out_, separator.Next(), "@", param != nullptr ? param->name : "?");
    }
    out_ += ")";
  }

  void PrintAttributes(const Instruction& instruction) {
    if (instruction.attributes.empty()) return;
    out_ += " { ";
    Separator separator(", ");
    for (const Attribute& attribute : instruction.attributes) {
      const Dim* dim = std::get_if<Dim>(&attribute.value);
      absl::StrAppend(&out_, separator.Next(), attribute.name, " = ",
                      dim != nullptr ? Text(*dim) : Real(std::get<double>(attribute.value)));
    }
    out_ += " }";
  }

  void PrintResults() {
    out_ += "  return";
    Separator separator(",");
    for (const Result& result : graph_.results) {
      absl::StrAppend(&out_, separator.Next(), " ", result.name, " ", NameOf(result.value),
                      " weight ", Real(result.loss_weight));
    }
    out_ += "\n";
  }

  void EndLine(const Location& location) {
    if (location.known()) {
      absl::StrAppend(&out_, "  loc(\"", absl::Utf8SafeCEscape(location.file->path()),
                      "\":", location.line, ":", location.column, ")");
    }
    out_ += "\n";
  }

  const Graph& graph_;
  std::string out_;
};

}  // namespace

std::string Print(const Graph& graph) { return Printer(graph).PrintGraph(); }

std::string Print(const TensorType& type, const Graph& graph) { return Printer(graph).Text(type); }

}  // namespace nasc::ir
