#include "compiler/versions/random_edits.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nasc {
namespace {

bool Has(const SpaceModel& model, const std::string& name) {
  return absl::c_any_of(model.candidates, [&](const SpaceModel::Candidate& candidate) {
    return candidate.name == name;
  });
}

std::string RequirementOf(const SpaceModel& model) {
  return model.most_a == 0 ? "" : absl::StrCat(model.candidates[0].name, model.most_a);
}

}  // namespace

std::string SpaceModel::Text() const {
  std::string text = "space tiny version 1.0.0\nops candidates {\n";
  if (strange_layout) text = "// a comment\nspace   tiny version 1.0.0\n\n\nops candidates{\n";
  for (const Candidate& candidate : candidates) {
    absl::StrAppend(&text, "  ", candidate.name);
    if (candidate.relaxed) text += " relaxed";
    if (candidate.kernel > 0) absl::StrAppend(&text, " = conv(", candidate.kernel, ")");
    text += strange_layout ? "  // the same\n" : "\n";
  }
  text += "}\ncell normal(prev_prev, prev) {\n";
  for (const std::string& node : nodes) {
    absl::StrAppend(&text, "  node ", node, " { edges ", edges,
                    " of earlier { one of candidates }  merge sum }\n");
  }
  absl::StrAppend(
      &text, "  output concat(", absl::StrJoin(nodes, ", "),
      ")\n}\nnetwork {\n  input image(3, 8, 8) classes 2\n  stem conv(1, filters = ", stem,
      ")\n  stack depth { else: normal }\n", "  head global_avg_pool -> linear(classes)\n}\n");
  for (const std::string& scale : scales) {
    absl::StrAppend(&text, "scale ", scale, " { width = ", scale == "small" ? 4 : 6,
                    "  depth = 1 }\n");
  }
  if (most_a > 0) {
    absl::StrAppend(&text, "require count(", candidates[0].name, ") <= ", most_a, "\n");
  }
  for (const auto& [from, to] : renamed) {
    absl::StrAppend(&text, "renamed ", from, " -> ", to, "\n");
  }
  return text;
}

void RandomEdits::Edit() {
  before_ = model;
  const std::vector<void (RandomEdits::*)()> edits = {
      &RandomEdits::AddCandidate,       &RandomEdits::DropCandidate,
      &RandomEdits::RenameCandidate,    &RandomEdits::ChangeKernel,
      &RandomEdits::ExchangeCandidates, &RandomEdits::AddNode,
      &RandomEdits::RenameNode,         &RandomEdits::ChangeEdges,
      &RandomEdits::ChangeStem,         &RandomEdits::ChangeRequirement,
      &RandomEdits::ChangeScales,       &RandomEdits::ChangeLayout};
  const int count = Below(4);
  std::vector<size_t> order(edits.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), random_);
  for (int i = 0; i < count; ++i) (this->*edits[order[i]])();
  Expect();
}

void RandomEdits::Expect() {
  const auto renamed = [&](const std::string& name) {
    if (name == "b" && Has(model, "bee")) return std::string("bee");
    return name;
  };
  const bool node_renamed = model.nodes[0] != before_.nodes[0];
  for (const SpaceModel::Candidate& candidate : before_.candidates) {
    if (!Has(model, renamed(candidate.name))) {
      expected.insert(absl::StrCat("option went ", candidate.name, " "));
    } else if (renamed(candidate.name) != candidate.name) {
      expected.insert("option renamed b bee");
    }
  }
  if (Has(model, "d")) expected.insert("option came  d");
  const std::string second = renamed("b");
  if (model.candidates[0].name == second) {
    expected.insert(absl::StrCat("option moved b ", second));
  }
  int kernel = 0;
  for (const SpaceModel::Candidate& each : model.candidates) {
    if (each.name == second) kernel = each.kernel;
  }
  if (kernel != 3) {
    // Padding follows from the kernel.
    expected.insert(absl::StrCat("network b kernel 3 -> ", kernel));
    expected.insert(absl::StrCat("network b padding 1 -> ", kernel / 2));
    expected.insert(absl::StrCat("network b kernel_width 3 -> ", kernel));
    expected.insert(absl::StrCat("network b padding_width 1 -> ", kernel / 2));
  }
  if (model.stem != before_.stem) expected.insert("network stem.conv filters 4 -> 8");
  if (node_renamed) {
    expected.insert("decision renamed normal.n0.edges normal.first.edges");
    for (const char* source : {"prev_prev", "prev"}) {
      expected.insert(
          absl::StrCat("decision renamed normal.n0.", source, ".op normal.first.", source, ".op"));
    }
    for (size_t i = 1; i < before_.nodes.size(); ++i) {
      const std::string& node = before_.nodes[i];
      expected.insert(
          absl::StrCat("decision renamed normal.", node, ".n0.op normal.", node, ".first.op"));
    }
    expected.insert("option renamed n0 first");
  }
  if (model.nodes.back() == "last") {
    expected.insert("decision came  normal.last.edges");
    const size_t operands = before_.nodes.size();
    expected.insert(absl::StrCat("network stage0.cell0.normal.output ", operands, " -> ",
                                 operands + 1, " operands"));
    std::vector<std::string> sources = {"prev_prev", "prev"};
    sources.insert(sources.end(), model.nodes.begin(), model.nodes.end() - 1);
    for (const std::string& source : sources) {
      expected.insert(absl::StrCat("decision came  normal.last.", source, ".op"));
    }
  }
  if (model.edges != before_.edges) {
    for (size_t i = 0; i < before_.nodes.size(); ++i) {
      expected.insert(absl::StrCat("decision changed normal.", before_.nodes[i], ".edges normal.",
                                   model.nodes[i], ".edges"));
    }
  }
  const std::string before = RequirementOf(before_);
  const std::string after = RequirementOf(model);
  if (before != after) {
    if (!before.empty()) expected.insert("requirement went");
    if (!after.empty()) expected.insert("requirement came");
  }
  for (const std::string& scale : before_.scales) {
    if (!absl::c_linear_search(model.scales, scale)) {
      expected.insert(absl::StrCat("scale went ", scale));
    }
  }
  for (const std::string& scale : model.scales) {
    if (!absl::c_linear_search(before_.scales, scale)) {
      expected.insert(absl::StrCat("scale came ", scale));
    }
  }
}

}  // namespace nasc
