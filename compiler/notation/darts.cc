#include "compiler/notation/darts.h"

#include <algorithm>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace nasc {
namespace {

constexpr size_t kEdges = 2;   // of a node
constexpr size_t kInputs = 2;  // of a cell

// What the space and the notation call a cell.
constexpr std::pair<absl::string_view, absl::string_view> kCells[] = {{"normal", "normal"},
                                                                      {"reduction", "reduce"}};

absl::Status NotTwoCells(absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat("DARTS's notation is for cells `normal` and `reduction` of nodes that take two "
                   "of all earlier values, with one operation an edge; ",
                   what));
}

absl::Status Unfit(absl::string_view found, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("'", found, "' ", why));
}

// Reads the notation piece by piece; spaces do not count.
class Reader {
 public:
  explicit Reader(absl::string_view text) : rest_(text) {}

  bool Take(absl::string_view piece) {
    Skip();
    return absl::ConsumePrefix(&rest_, piece);
  }
  absl::Status Expect(absl::string_view piece) {
    if (Take(piece)) return absl::OkStatus();
    if (rest_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the genotype ends where '", piece, "' is expected"));
    }
    return Unfit(Ahead(), absl::StrCat("is found where '", piece, "' is expected"));
  }
  std::string Word() {
    Skip();
    size_t size = 0;
    while (size < rest_.size() && (absl::ascii_isalnum(rest_[size]) || rest_[size] == '_')) ++size;
    std::string word(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return word;
  }
  absl::StatusOr<int64_t> Number() {
    const std::string word = Word();
    int64_t number = 0;
    if (absl::SimpleAtoi(word, &number)) return number;
    return Unfit(absl::StrCat(word, Ahead()), "is found where a number is expected");
  }
  // 'name' or "name"
  absl::StatusOr<std::string> Quoted() {
    const absl::string_view quote = Take("\"") ? "\"" : "'";
    if (quote == "'") {
      if (absl::Status status = Expect(quote); !status.ok()) return status;
    }
    std::string word = Word();
    if (absl::Status status = Expect(quote); !status.ok()) return status;
    return word;
  }
  bool AtEnd() {
    Skip();
    return rest_.empty();
  }
  absl::string_view rest() const { return rest_; }

 private:
  // What is shown of what was found.
  absl::string_view Ahead() const {
    constexpr size_t kShown = 24;
    return rest_.substr(0, std::min(kShown, rest_.find('\n')));
  }
  void Skip() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  absl::string_view rest_;
};

// [element, element, ...], where the last may have a comma behind it.
template <typename Element>
absl::Status ReadList(Reader& reader, Element element) {
  if (absl::Status status = reader.Expect("["); !status.ok()) return status;
  while (!reader.Take("]")) {
    if (absl::Status status = element(); !status.ok()) return status;
    if (reader.Take(",")) continue;
    return reader.Expect("]");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::pair<std::string, int64_t>>> ReadEdges(Reader& reader) {
  std::vector<std::pair<std::string, int64_t>> edges;
  const absl::Status status = ReadList(reader, [&]() -> absl::Status {
    if (absl::Status status = reader.Expect("("); !status.ok()) return status;
    absl::StatusOr<std::string> operation = reader.Quoted();
    if (!operation.ok()) return operation.status();
    if (absl::Status status = reader.Expect(","); !status.ok()) return status;
    absl::StatusOr<int64_t> source = reader.Number();
    if (!source.ok()) return source.status();
    edges.emplace_back(*operation, *source);
    return reader.Expect(")");
  });
  if (!status.ok()) return status;
  return edges;
}

// range(2, 6) or [2, 3, 4, 5], as a set.
absl::StatusOr<std::set<int64_t>> ReadJoined(Reader& reader) {
  std::set<int64_t> joined;
  if (!reader.Take("range")) {
    const absl::Status status = ReadList(reader, [&]() -> absl::Status {
      absl::StatusOr<int64_t> number = reader.Number();
      if (number.ok()) joined.insert(*number);
      return number.status();
    });
    if (!status.ok()) return status;
    return joined;
  }
  if (absl::Status status = reader.Expect("("); !status.ok()) return status;
  absl::StatusOr<int64_t> first = reader.Number();
  if (!first.ok()) return first.status();
  if (absl::Status status = reader.Expect(","); !status.ok()) return status;
  absl::StatusOr<int64_t> end = reader.Number();
  if (!end.ok()) return end.status();
  if (absl::Status status = reader.Expect(")"); !status.ok()) return status;
  constexpr int64_t kMost = 1000;
  if (*end > kMost) return Unfit(absl::StrCat("range(", *first, ", ", *end, ")"), "is too long");
  for (int64_t i = *first; i < *end; ++i) joined.insert(i);
  return joined;
}

}  // namespace

absl::StatusOr<DartsNotation> DartsNotation::For(const ir::Graph& graph) {
  DartsNotation notation;
  notation.all_ = graph.decisions;
  for (size_t d = 0; d < graph.decisions.size(); ++d) {
    const ir::Decision& decision = graph.decisions[d];
    const std::string what = absl::StrCat("'", decision.path, "' does not fit");
    const std::vector<std::string> path = absl::StrSplit(decision.path, '.');
    const auto cell =
        absl::c_find_if(kCells, [&](const auto& names) { return names.first == path[0]; });
    if (cell == std::end(kCells)) return NotTwoCells(what);
    std::vector<Cell>& cells = notation.cells_;
    if (path.size() == 3 && path[2] == "edges") {
      if (cells.empty() || cells.back().name != cell->second) {
        cells.push_back({std::string(cell->second), {}});
      }
      std::vector<Node>& nodes = cells.back().nodes;
      const bool fits = decision.kind == ir::Decision::Kind::kSome && decision.least == kEdges &&
                        decision.most == kEdges &&
                        decision.options.size() == kInputs + nodes.size();
      if (!fits) return NotTwoCells(what);
      nodes.push_back({static_cast<ir::DecisionId>(d), {}});
      continue;
    }
    // Operations follow the edges of their node, in the order of the values that may be taken.
    if (cells.empty() || cells.back().name != cell->second) return NotTwoCells(what);
    Node& node = cells.back().nodes.back();
    const ir::Decision& edges = graph.decisions[node.edges];
    const size_t source = node.operations.size();
    const bool fits = path.size() == 4 && path[3] == "op" &&
                      decision.kind == ir::Decision::Kind::kOne && source < edges.options.size() &&
                      path[2] == edges.options[source] &&
                      edges.path == absl::StrCat(path[0], ".", path[1], ".edges");
    if (!fits) return NotTwoCells(what);
    node.operations.push_back(static_cast<ir::DecisionId>(d));
  }
  if (notation.cells_.size() != std::size(kCells)) {
    return NotTwoCells("the space has not both of them");
  }
  for (const Cell& cell : notation.cells_) {
    for (const Node& node : cell.nodes) {
      const ir::Decision& edges = graph.decisions[node.edges];
      if (node.operations.size() == edges.options.size()) continue;
      return NotTwoCells(absl::StrCat("'", edges.path, "' does not fit"));
    }
  }
  return notation;
}

std::string DartsNotation::Write(const Architecture& architecture) const {
  std::vector<std::string> parts;
  for (const Cell& cell : cells_) {
    std::vector<std::string> edges;
    for (const Node& node : cell.nodes) {
      for (const int source : architecture.picks[node.edges]) {
        const ir::DecisionId operation = node.operations[source];
        edges.push_back(absl::StrCat(
            "('", all_[operation].options[architecture.picks[operation][0]], "', ", source, ")"));
      }
    }
    parts.push_back(absl::StrCat(cell.name, "=[", absl::StrJoin(edges, ", "), "]"));
    parts.push_back(absl::StrCat(cell.name, "_concat=range(2, ", kInputs + cell.nodes.size(), ")"));
  }
  return absl::StrCat("Genotype(", absl::StrJoin(parts, ", "), ")");
}

absl::Status DartsNotation::TakeEdges(const Cell& cell, const std::vector<Edge>& edges,
                                      Architecture& architecture) const {
  if (edges.size() != kEdges * cell.nodes.size()) {
    return Unfit(cell.name, absl::StrCat("has ", edges.size(), " edges; the space has ",
                                         cell.nodes.size(), " nodes of two"));
  }
  for (size_t i = 0; i < edges.size(); ++i) {
    const Node& node = cell.nodes[i / kEdges];
    const auto& [operation, source] = edges[i];
    const std::string edge = absl::StrCat("('", operation, "', ", source, ")");
    const std::string where = absl::StrCat("of node ", i / kEdges, " of ", cell.name, " ");
    if (source < 0 || source >= static_cast<int64_t>(node.operations.size())) {
      return Unfit(edge, absl::StrCat(where, "takes no earlier value: those are 0 to ",
                                      node.operations.size() - 1));
    }
    std::vector<int>& taken = architecture.picks[node.edges];
    if (absl::c_linear_search(taken, source)) {
      return Unfit(edge, absl::StrCat(where, "takes the same value as the edge before it"));
    }
    taken.push_back(static_cast<int>(source));
    absl::c_sort(taken);
    const ir::Decision& decision = all_[node.operations[source]];
    const auto option = absl::c_find(decision.options, operation);
    const auto index = static_cast<int>(option - decision.options.begin());
    if (option == decision.options.end()) {
      return Unfit(operation,
                   absl::StrCat(where, "is none of ", absl::StrJoin(decision.options, ", ")));
    }
    if (decision.relaxed_only[index]) {
      return Unfit(operation, absl::StrCat(where, "is relaxed: no architecture has it"));
    }
    architecture.picks[node.operations[source]] = {index};
  }
  return absl::OkStatus();
}

absl::StatusOr<Architecture> DartsNotation::Read(absl::string_view text) const {
  Architecture architecture;
  architecture.picks.resize(all_.size());
  Reader reader(text);
  for (const absl::string_view piece : {"Genotype", "("}) {
    if (absl::Status status = reader.Expect(piece); !status.ok()) return status;
  }
  std::set<std::string> seen;
  while (!reader.Take(")")) {
    const std::string name = reader.Word();
    if (absl::Status status = reader.Expect("="); !status.ok()) return status;
    const auto cell = absl::c_find_if(cells_, [&](const Cell& cell) {
      return name == cell.name || name == absl::StrCat(cell.name, "_concat");
    });
    if (cell == cells_.end()) {
      return Unfit(name, "is no part of a genotype: normal, normal_concat, reduce, reduce_concat");
    }
    if (!seen.insert(name).second) return Unfit(name, "is there twice");
    if (name == cell->name) {
      const absl::StatusOr<std::vector<Edge>> edges = ReadEdges(reader);
      if (!edges.ok()) return edges.status();
      if (absl::Status status = TakeEdges(*cell, *edges, architecture); !status.ok()) return status;
    } else {
      const absl::StatusOr<std::set<int64_t>> joined = ReadJoined(reader);
      if (!joined.ok()) return joined.status();
      const auto last = static_cast<int64_t>(kInputs + cell->nodes.size()) - 1;
      if (joined->size() != cell->nodes.size() || *joined->begin() != kInputs ||
          *joined->rbegin() != last) {
        return Unfit(absl::StrCat(name, " = [", absl::StrJoin(*joined, ", "), "]"),
                     absl::StrCat("does not join all nodes of the space, which are 2 to ", last));
      }
    }
    if (reader.Take(",")) continue;
    if (absl::Status status = reader.Expect(")"); !status.ok()) return status;
    break;
  }
  if (!reader.AtEnd()) return Unfit(reader.rest(), "follows the genotype");
  for (const Cell& cell : cells_) {
    for (const std::string& part : {cell.name, absl::StrCat(cell.name, "_concat")}) {
      if (seen.count(part) == 0) return Unfit(part, "is missing from the genotype");
    }
  }
  return architecture;
}

}  // namespace nasc
