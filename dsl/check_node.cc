#include <optional>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dsl/ast_printer.h"
#include "dsl/check_cell.h"

// Nodes of cells, and what joins their values.
namespace nasc {
namespace {

const Location& PlaceOf(const ast::Arg& arg) {
  return arg.expr.has_value() ? arg.expr->location : arg.chain->location;
}

std::string Printed(const ast::Arg& arg) {
  return arg.expr.has_value() ? absl::StrCat("'", PrintExpr(*arg.expr), "'") : "a chain";
}

bool IsOne(const ast::Expr& expr) {
  const std::optional<Rational> literal = LiteralOf(expr);
  return literal.has_value() && *literal == Rational(1);
}

// Whether several values come into the node, which something must join.
bool HasSeveral(const ast::NodeDecl& node) {
  if (node.edges.has_value()) return node.edges->take != ast::Edges::Take::kNothing;
  return node.slots.has_value() && !IsOne(node.slots->count);
}

}  // namespace

void CellChecker::CheckNode(const ast::NodeDecl& node, const Scope& outer, CellValues& values) {
  if (node.most.has_value()) {
    numbers_.CheckRange(*node.count, *node.most, outer);
  } else if (node.count.has_value()) {
    numbers_.Check(*node.count, outer);
  }
  Scope scope(&outer);
  for (const ast::Choose& choose : node.chooses) numbers_.CheckChoose(choose, scope);
  if (node.edges.has_value()) {
    CheckEdges(node, scope, values);
  } else if (node.slots.has_value()) {
    CheckSlots(node, scope, values);
  } else {
    context_.diagnostics.Report(kMissingPart, node.name.location,
                                absl::StrCat("node '", node.name.text, "' has no edges or slots"));
  }
  const bool named = node.slots.has_value() && !node.slots->names.empty();
  if (node.merge.has_value()) {
    CheckMerge(node);
  } else if (HasSeveral(node) && !(named && node.then.has_value())) {
    context_.diagnostics
        .Report(kMissingPart, node.name.location,
                absl::StrCat("node '", node.name.text, "' takes several values and has no ",
                             named ? "`merge` or `then`" : "`merge`", " that makes one of them"))
        .fix = "merge sum";
  }
  if (node.then.has_value()) {
    if (named) {
      for (const ast::Identifier& name : node.slots->names) scope.AddValue(name);
    }
    chains_.Check(*node.then, scope);
  }
  values.AddNode(node);
}

void CellChecker::CheckEdges(const ast::NodeDecl& node, const Scope& scope,
                             const CellValues& values) {
  const ast::Edges& edges = *node.edges;
  if (edges.most.has_value()) {
    numbers_.CheckRange(*edges.least, *edges.most, scope);
  } else if (edges.least.has_value()) {
    numbers_.Check(*edges.least, scope);
  }
  if (edges.source.has_value()) CheckSource(*edges.source, values, node);
  if (edges.otherwise.has_value()) CheckSourceName(*edges.otherwise, values, nullptr);
  if (edges.operation.has_value()) chains_.Check(*edges.operation, scope);
}

void CellChecker::CheckSlots(const ast::NodeDecl& node, const Scope& scope,
                             const CellValues& values) {
  const ast::Slots& slots = *node.slots;
  numbers_.Check(slots.count, scope);
  CheckSource(slots.source, values, node);
  if (slots.operation.has_value()) chains_.Check(*slots.operation, scope);
  std::vector<const ast::Identifier*> names;
  for (const ast::Identifier& name : slots.names) names.push_back(&name);
  CheckUnique(names, "value", context_.diagnostics);
  const std::optional<Rational> count = LiteralOf(slots.count);
  if (names.empty() || !count.has_value()) return;
  if (*count == Rational(static_cast<int64_t>(names.size()))) return;
  context_.diagnostics.Report(
      kMisplaced, slots.names.back().location,
      absl::StrCat(count->ToString(), count == Rational(1) ? " slot has " : " slots have ",
                   names.size(), names.size() == 1 ? " name" : " names"));
}

void CellChecker::CheckSource(const ast::Source& source, const CellValues& values,
                              const ast::NodeDecl& node) {
  std::vector<const ast::Identifier*> names;
  for (const ast::Identifier& name : source.names) {
    CheckSourceName(name, values, &node);
    names.push_back(&name);
  }
  CheckUnique(names, "source", context_.diagnostics);
}

// A family may name itself: its nodes take those of it that are before them.
void CellChecker::CheckSourceName(const ast::Identifier& name, const CellValues& values,
                                  const ast::NodeDecl* own) {
  if (values.IsInput(name.text) || values.IsNode(name.text)) return;
  if (own != nullptr && own->count.has_value() && name.text == own->name.text) return;
  Diagnostic& diagnostic = context_.diagnostics.Report(
      kUnknownName, name.location,
      absl::StrCat("'", name.text, "' is no input of the cell and no node before this one"));
  context_.Suggest(diagnostic, name.text, [&] { return values.Names(); });
}

std::vector<std::string> CellChecker::Combiners() const {
  std::vector<std::string> combiners;
  for (const Signature& signature : context_.vocabulary.signatures()) {
    if (signature.combiner) combiners.push_back(signature.name);
  }
  return combiners;
}

const ast::Step* CellChecker::CombinerCall(const ast::Chain& chain) const {
  const ast::Step& step = chain.steps.front();
  if (chain.steps.size() != 1 || step.kind != ast::Step::Kind::kCall) return nullptr;
  const Signature* primitive = context_.vocabulary.Find(step.callee.text);
  return primitive != nullptr && primitive->combiner ? &step : nullptr;
}

bool CellChecker::IsCombiner(const ast::Chain& chain) const {
  const ast::Step* call = CombinerCall(chain);
  return call != nullptr && call->args.empty();
}

// `merge sum`, `merge one of { sum concat }`, `merge sum(a, b)` over the names of slots.
void CellChecker::CheckMerge(const ast::NodeDecl& node) {
  const ast::Chain& chain = *node.merge;
  const ast::Step& first = chain.steps.front();
  for (const ast::Step& step : chain.steps) {
    for (const ast::Assign& assign : step.with) {
      context_.diagnostics.Report(kMisplaced, assign.name.location,
                                  "`with` does not stand after a combiner");
    }
  }
  if (IsCombiner(chain)) return;
  const auto report = [&](const Location& location, const std::string& found) {
    Diagnostic& diagnostic = context_.diagnostics.Report(
        kMisplaced, location,
        absl::StrCat("after `merge` stands a combiner: ", absl::StrJoin(Combiners(), ", ")));
    context_.Suggest(diagnostic, found, [&] { return Combiners(); });
  };
  if (chain.steps.size() == 1 && first.kind == ast::Step::Kind::kOneOf && first.inline_set) {
    std::vector<const ast::Identifier*> names;
    for (const ast::Candidate& candidate : first.candidates) {
      names.push_back(&candidate.name);
      const Signature* primitive = context_.vocabulary.Find(candidate.name.text);
      const bool combiner = candidate.chain.has_value()
                                ? IsCombiner(*candidate.chain)
                                : primitive != nullptr && primitive->combiner;
      if (!combiner) report(candidate.name.location, candidate.name.text);
    }
    CheckUnique(names, "candidate", context_.diagnostics);
    if (first.candidates.empty()) report(chain.location, "");
    return;
  }
  const ast::Step* call = CombinerCall(chain);
  if (call == nullptr) return report(chain.location, first.callee.text);
  absl::flat_hash_set<absl::string_view> slots;
  if (node.slots.has_value()) {
    for (const ast::Identifier& name : node.slots->names) slots.insert(name.text);
  }
  for (const ast::Arg& arg : call->args) {
    if (!arg.name.has_value() && arg.expr.has_value() && arg.expr->kind == ast::Expr::Kind::kName &&
        slots.contains(arg.expr->text)) {
      continue;
    }
    Diagnostic& diagnostic = context_.diagnostics.Report(
        kUnknownName, PlaceOf(arg), absl::StrCat(Printed(arg), " is not the name of a slot"));
    if (!arg.expr.has_value() || slots.empty()) continue;
    context_.Suggest(diagnostic, arg.expr->text, [&] {
      std::vector<std::string> names;
      for (const ast::Identifier& name : node.slots->names) names.push_back(name.text);
      return names;
    });
  }
}

// `output concat(n)`, `output concat(loose)`, `output last`.
void CellChecker::CheckOutput(const ast::Chain& chain, const CellValues& values) {
  const ast::Step& first = chain.steps.front();
  const bool single = chain.steps.size() == 1 && first.with.empty();
  if (single && first.kind == ast::Step::Kind::kOneOf && first.inline_set &&
      !first.candidates.empty() && absl::c_all_of(first.candidates, [](const auto& candidate) {
        return candidate.chain.has_value() && !candidate.none;
      })) {
    std::vector<const ast::Identifier*> names;
    for (const ast::Candidate& candidate : first.candidates) {
      names.push_back(&candidate.name);
      CheckOutput(*candidate.chain, values);
    }
    CheckUnique(names, "candidate", context_.diagnostics);
    return;
  }
  if (single && first.kind == ast::Step::Kind::kCall && first.callee.text == "last" &&
      first.args.empty()) {
    return;
  }
  const ast::Step* call = single ? CombinerCall(chain) : nullptr;
  if (call == nullptr || call->args.empty()) {
    context_.diagnostics.Report(kMisplaced, chain.location,
                                "after `output` stands `last`, or a combiner over nodes, such as "
                                "concat(n) or concat(loose)");
    return;
  }
  for (const ast::Arg& arg : call->args) {
    if (!arg.name.has_value() && arg.expr.has_value() && arg.expr->kind == ast::Expr::Kind::kName &&
        (arg.expr->text == "loose" || values.IsNode(arg.expr->text))) {
      continue;
    }
    Diagnostic& diagnostic = context_.diagnostics.Report(
        kUnknownName, PlaceOf(arg), absl::StrCat(Printed(arg), " is not a node of the cell"));
    if (!arg.expr.has_value()) continue;
    context_.Suggest(diagnostic, arg.expr->text, [&] { return values.NodeNames(); });
  }
}

}  // namespace nasc
