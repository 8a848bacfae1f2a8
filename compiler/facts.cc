#include "compiler/facts.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compiler/ir/printer.h"
#include "compiler/primitives.h"
#include "compiler/relax.h"

namespace nasc {
namespace {

std::string InputOf(const ir::Graph& graph) {
  for (const ir::Instruction& instruction : graph.instructions) {
    if (FindPrimitive(instruction.op)->form == Primitive::Form::kInput) {
      return ir::Print(instruction.type, graph);
    }
  }
  return "";
}

// The cell that an instruction belongs to by its name, or the part of the network. Cells are
// numbered where one stands several times: "repeat1.step0.normal1.n0.x" is of
// "repeat1.step0.normal1".
std::string PartOf(const std::string& name, const std::vector<std::string>& cells) {
  const std::vector<absl::string_view> path = absl::StrSplit(name, '.');
  for (size_t i = 0; i < path.size(); ++i) {
    absl::string_view bare = path[i];
    while (!bare.empty() && absl::ascii_isdigit(bare.back())) bare.remove_suffix(1);
    if (absl::c_linear_search(cells, path[i]) || absl::c_linear_search(cells, bare)) {
      return absl::StrJoin(path.begin(), path.begin() + i + 1, ".");
    }
  }
  return std::string(path[0]);
}

// Decisions belong to cells, or to what else a network is made of; their paths begin with it.
std::vector<std::string> CellsOf(const ir::Graph& supernet) {
  std::vector<std::string> cells;
  for (const ir::Decision& decision : supernet.decisions) {
    std::string cell = decision.path.substr(0, decision.path.find('.'));
    if (!absl::c_linear_search(cells, cell)) cells.push_back(std::move(cell));
  }
  return cells;
}

void SetCost(const ir::Graph& graph, ScaleFacts& facts) {
  facts.cost = CostOf(graph, {"logits"});
  if (graph.results.size() > 1) facts.with_auxiliary = CostOf(graph, {"logits", "auxiliary"});
}

}  // namespace

ScaleFacts FactsOfSpace(const ir::Graph& supernet) {
  ScaleFacts facts;
  facts.scale = supernet.scale;
  facts.input = InputOf(supernet);
  const absl::StatusOr<ir::Graph> mixture = RelaxToMixture(supernet);
  if (mixture.ok()) {
    SetCost(*mixture, facts);
  } else {
    facts.no_supernet = std::string(mixture.status().message());
  }
  // Where it takes more to tell what is needed, bounds and a search are quicker.
  constexpr size_t kMostNodes = 1000;
  const CostTerms terms = CostTermsOf(supernet, {"logits"}, kMostNodes);
  const CostMeter meter(supernet, {"logits"});
  const Cost at_least = meter.AtLeast();
  const auto extremes = [&](ir::Dim CostTerms::*sum, int64_t Cost::*figure) {
    const auto cost = [&](const Architecture& architecture) {
      return meter.Of(architecture).*figure;
    };
    std::optional<Extremes> found =
        terms.exact ? ExtremesOf(terms.*sum, supernet.decisions, supernet.constraints)
                    : ExtremesBetween(at_least.*figure, terms.*sum, cost, supernet.decisions,
                                      supernet.constraints);
    if (found.has_value()) found->least.bound = std::max<int64_t>(found->least.bound, 0);
    return found;
  };
  const auto weights = extremes(&CostTerms::weights, &Cost::weights);
  const auto macs = extremes(&CostTerms::macs, &Cost::macs);
  const auto activations = extremes(&CostTerms::activations, &Cost::activations);
  if (weights.has_value() && macs.has_value() && activations.has_value()) {
    facts.range = CostRange{*weights, *macs, *activations};
  }
  return facts;
}

absl::StatusOr<ScaleFacts> FactsOfArchitecture(const ir::Graph& supernet,
                                               const Architecture& architecture) {
  const absl::StatusOr<ir::Graph> graph = Fix(supernet, architecture);
  if (!graph.ok()) return graph.status();
  ScaleFacts facts;
  facts.scale = supernet.scale;
  facts.input = InputOf(*graph);
  SetCost(*graph, facts);
  const std::vector<std::string> cells = CellsOf(supernet);
  const ir::Graph network = KeepResults(*graph, {"logits"});
  for (const ir::Instruction& instruction : network.instructions) {
    const std::string part = PartOf(instruction.name, cells);
    if (FindPrimitive(instruction.op)->form == Primitive::Form::kInput) continue;
    const auto known =
        absl::c_find_if(facts.parts, [&](const PartCost& other) { return other.name == part; });
    PartCost& entry = known != facts.parts.end() ? *known : facts.parts.emplace_back();
    entry.name = part;
    const Cost cost = ShareOf(network, instruction);
    entry.cost.weights += cost.weights;
    entry.cost.macs += cost.macs;
    entry.cost.activations += cost.activations;
  }
  return facts;
}

}  // namespace nasc
