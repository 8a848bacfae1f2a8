#include "compiler/notation/nasbench201.h"

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace nasc {
namespace {

absl::Status NotOneCell(const ir::Decision& decision) {
  return absl::FailedPreconditionError(
      absl::StrCat("NAS-Bench-201's notation is for one cell whose nodes take all earlier values, "
                   "with one operation an edge; '",
                   decision.path, "' does not fit"));
}

}  // namespace

absl::StatusOr<NasBench201Notation> NasBench201Notation::For(const ir::Graph& graph) {
  NasBench201Notation notation;
  notation.all_ = graph.decisions;
  std::vector<std::string> nodes;
  std::string cell;
  for (size_t d = 0; d < graph.decisions.size(); ++d) {
    const ir::Decision& decision = graph.decisions[d];
    const std::vector<std::string> path = absl::StrSplit(decision.path, '.');
    const bool fits = path.size() == 4 && path[3] == "op" &&
                      decision.kind == ir::Decision::Kind::kOne && decision.alive.is_leaf() &&
                      (d == 0 || path[0] == cell);
    if (!fits) return NotOneCell(decision);
    cell = path[0];
    if (nodes.empty() || nodes.back() != path[1]) {
      nodes.push_back(path[1]);
      notation.decisions_.emplace_back();
    }
    // The input, which is no node, comes first; then the nodes in their order.
    const size_t source = notation.decisions_.back().size();
    const bool in_order =
        source == 0 ? !absl::c_linear_search(nodes, path[2]) : nodes[source - 1] == path[2];
    if (!in_order || source >= nodes.size()) return NotOneCell(decision);
    notation.decisions_.back().push_back(static_cast<ir::DecisionId>(d));
  }
  for (size_t node = 0; node < nodes.size(); ++node) {
    if (notation.decisions_[node].size() != node + 1) {
      return NotOneCell(graph.decisions[notation.decisions_[node][0]]);
    }
  }
  if (nodes.empty()) return absl::FailedPreconditionError("the space decides nothing");
  return notation;
}

const std::string& NasBench201Notation::Operation(const Architecture& architecture, size_t node,
                                                  size_t source) const {
  const ir::DecisionId decision = decisions_[node][source];
  return all_[decision].options[BranchTaken(architecture, {decision, -1})];
}

std::string NasBench201Notation::Write(const Architecture& architecture) const {
  std::vector<std::string> nodes;
  for (size_t node = 0; node < decisions_.size(); ++node) {
    std::string text = "|";
    for (size_t source = 0; source <= node; ++source) {
      absl::StrAppend(&text, Operation(architecture, node, source), "~", source, "|");
    }
    nodes.push_back(std::move(text));
  }
  return absl::StrJoin(nodes, "+");
}

absl::StatusOr<Architecture> NasBench201Notation::Read(absl::string_view text) const {
  Architecture architecture;
  architecture.picks.resize(all_.size());
  const std::vector<absl::string_view> nodes = absl::StrSplit(text, '+');
  if (nodes.size() != decisions_.size()) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' has ", nodes.size(),
                                                   " nodes, the space has ", decisions_.size()));
  }
  for (size_t node = 0; node < nodes.size(); ++node) {
    absl::string_view edges_text = nodes[node];
    const bool framed =
        absl::ConsumePrefix(&edges_text, "|") && absl::ConsumeSuffix(&edges_text, "|");
    const std::vector<absl::string_view> edges = absl::StrSplit(edges_text, '|');
    if (!framed || edges.size() != node + 1) {
      return absl::InvalidArgumentError(absl::StrCat("'", nodes[node], "' of '", text, "' is not ",
                                                     node + 1, " edges between '|'"));
    }
    for (size_t source = 0; source <= node; ++source) {
      absl::string_view operation = edges[source];
      if (!absl::ConsumeSuffix(&operation, absl::StrCat("~", source))) {
        return absl::InvalidArgumentError(
            absl::StrCat("'", edges[source], "' of '", text, "' does not end in '~", source, "'"));
      }
      const ir::DecisionId decision = decisions_[node][source];
      const std::vector<std::string>& options = all_[decision].options;
      const auto option = absl::c_find(options, operation);
      if (option == options.end()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "'", operation, "' of '", text, "' is none of ", absl::StrJoin(options, ", ")));
      }
      architecture.picks[decision] = {static_cast<int>(option - options.begin())};
    }
  }
  return architecture;
}

std::string NasBench201Notation::UniqueText(const Architecture& architecture) const {
  std::vector<std::string> values = {"0"};
  for (size_t node = 0; node < decisions_.size(); ++node) {
    std::vector<std::string> terms;
    for (size_t source = 0; source <= node; ++source) {
      const std::string& operation = Operation(architecture, node, source);
      if (operation == "none" || values[source] == "#") {
        terms.push_back("#");
      } else if (operation == "skip_connect") {
        terms.push_back(values[source]);
      } else {
        terms.push_back(absl::StrCat("(", values[source], ")@", operation));
      }
    }
    absl::c_sort(terms);
    values.push_back(absl::StrJoin(terms, "+"));
  }
  return values.back();
}

}  // namespace nasc
