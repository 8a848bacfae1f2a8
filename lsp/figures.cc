#include "lsp/figures.h"

#include <limits>
#include <map>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/printer.h"
#include "compiler/space_size.h"
#include "lsp/position.h"
#include "lsp/tokens.h"

namespace nasc::lsp {
namespace {

constexpr size_t kMostTypes = 4;

std::string Shapes(const ir::Graph& graph, const std::vector<const ir::Instruction*>& values) {
  struct Type {
    std::string text;
    std::string example;
    int count = 0;
  };
  std::vector<Type> types;  // in the order of the graph
  std::map<std::string, size_t> places;
  for (const ir::Instruction* value : values) {
    const std::string text = ir::Print(value->type, graph);
    const auto [it, added] = places.emplace(text, types.size());
    if (added) types.push_back({text, value->name, 0});
    ++types[it->second].count;
  }
  if (types.empty()) return "";
  std::string shapes = absl::StrCat("At scale `", graph.scale, "`:\n");
  for (size_t i = 0; i < types.size() && i < kMostTypes; ++i) {
    absl::StrAppend(&shapes, "- `", types[i].text, "` at `", types[i].example, "`");
    if (types[i].count > 1) absl::StrAppend(&shapes, " and ", types[i].count - 1, " more");
    shapes += '\n';
  }
  if (types.size() > kMostTypes) {
    absl::StrAppend(&shapes, "- ", types.size() - kMostTypes, " other shapes\n");
  }
  return shapes;
}

bool Names(absl::string_view text, absl::string_view word) {
  for (const Token& token : Scan(text)) {
    if (token.Is(word)) return true;
  }
  return false;
}

}  // namespace

std::string ShapesAt(const ir::Graph& graph, const Location& place) {
  std::vector<const ir::Instruction*> innermost;
  int least = std::numeric_limits<int>::max();
  for (const ir::Instruction& instruction : graph.instructions) {
    const Location& location = instruction.location;
    if (!location.known() || location.line != place.line || place.column < location.column ||
        place.column >= location.column + location.length || location.length > least ||
        location.file->path() != place.file->path()) {
      continue;
    }
    if (location.length < least) innermost.clear();
    least = location.length;
    innermost.push_back(&instruction);
  }
  return Shapes(graph, innermost);
}

std::string ShapesOfCandidate(const ir::Graph& graph, absl::string_view set,
                              absl::string_view candidate) {
  std::vector<const ir::Instruction*> values;
  for (const ir::Instruction& instruction : graph.instructions) {
    if (instruction.op != "select" || !Names(TextOf(instruction.location), set)) continue;
    for (size_t i = 0; i < instruction.labels.size() && i < instruction.operands.size(); ++i) {
      if (instruction.labels[i] == candidate) {
        values.push_back(&graph.instruction(instruction.operands[i]));
      }
    }
  }
  return Shapes(graph, values);
}

std::string Counts(const ir::Graph& graph, absl::string_view cell) {
  const std::string prefix = cell.empty() ? "" : absl::StrCat(cell, ".");
  int count = 0;
  std::vector<ir::Decision> decisions = graph.decisions;
  for (ir::Decision& decision : decisions) {
    if (absl::StartsWith(decision.path, prefix)) {
      ++count;
    } else {
      decision.alive = ir::Condition(false);  // others have no value
    }
  }
  const SpaceSize size = CountArchitectures(
      decisions, cell.empty() ? graph.constraints : std::vector<ir::Constraint>());
  return absl::StrCat(count, count == 1 ? " decision, " : " decisions, ", size.ToString(),
                      count == 0 ? " architecture\n" : " architectures\n");
}

}  // namespace nasc::lsp
