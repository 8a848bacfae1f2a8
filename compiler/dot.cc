#include "compiler/dot.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compiler/ir/printer.h"

namespace nasc {
namespace {

// "stage0.cell1.normal.n0.prev" lies in cell "stage0.cell1.normal", "reduction0.n0" in
// "reduction0".
std::string ClusterOf(absl::string_view name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '.');
  const bool staged = parts.size() > 3 && parts[0].rfind("stage", 0) == 0;
  if (parts.size() < 2) return "";
  return staged ? absl::StrCat(parts[0], ".", parts[1], ".", parts[2]) : parts[0];
}

}  // namespace

std::string PrintDot(const ir::Graph& graph) {
  std::map<std::string, std::vector<int>> clusters;
  for (size_t i = 0; i < graph.instructions.size(); ++i) {
    clusters[ClusterOf(graph.instructions[i].name)].push_back(static_cast<int>(i));
  }
  std::string text = absl::StrCat("digraph \"", graph.space, "\" {\n",
                                  "  node [shape=box, fontname=\"Helvetica\", fontsize=10]\n",
                                  "  edge [fontname=\"Helvetica\", fontsize=8]\n");
  for (const auto& [cluster, members] : clusters) {
    if (!cluster.empty()) {
      absl::StrAppend(&text, "  subgraph \"cluster_", cluster, "\" {\n    label=\"", cluster,
                      "\"\n");
    }
    for (const int i : members) {
      const ir::Instruction& instruction = graph.instructions[i];
      absl::string_view rest = instruction.name;
      if (!cluster.empty() && rest.size() > cluster.size()) rest.remove_prefix(cluster.size() + 1);
      absl::StrAppend(&text, "    v", i, " [label=\"", rest, "\\n", instruction.op, " ",
                      ir::Print(instruction.type, graph), "\"",
                      instruction.decision >= 0 ? ", style=dashed" : "", "]\n");
    }
    if (!cluster.empty()) absl::StrAppend(&text, "  }\n");
  }
  for (size_t i = 0; i < graph.instructions.size(); ++i) {
    const ir::Instruction& instruction = graph.instructions[i];
    for (size_t k = 0; k < instruction.operands.size(); ++k) {
      absl::StrAppend(&text, "  v", instruction.operands[k], " -> v", i);
      if (k < instruction.labels.size()) {
        absl::StrAppend(&text, " [label=\"", instruction.labels[k], "\"]");
      }
      absl::StrAppend(&text, "\n");
    }
  }
  for (const ir::Result& result : graph.results) {
    absl::StrAppend(&text, "  \"", result.name, "\" [shape=oval]\n  v", result.value, " -> \"",
                    result.name, "\"\n");
  }
  return text + "}\n";
}

}  // namespace nasc
