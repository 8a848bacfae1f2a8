#include "dsl/ast_printer.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nasc {
namespace {

std::string PrintArg(const ast::Arg& arg) {
  return absl::StrCat(arg.name.has_value() ? arg.name->text + " = " : "",
                      arg.chain.has_value() ? PrintChain(*arg.chain) : PrintExpr(*arg.expr));
}

template <typename List, typename Print>
std::string Join(const List& list, absl::string_view separator, Print print) {
  return absl::StrJoin(list, separator, [&print](std::string* out, const auto& element) {
    absl::StrAppend(out, print(element));
  });
}

std::string PrintAssign(const ast::Assign& assign) {
  return absl::StrCat(assign.name.text, assign.scaled ? " *= " : " = ", PrintExpr(assign.value));
}

std::string PrintConfig(const std::vector<ast::Assign>& config) {
  return Join(config, "",
              [](const ast::Assign& a) { return absl::StrCat(" (", PrintAssign(a), ")"); });
}

std::string PrintCall(absl::string_view word, const std::optional<ast::Call>& call) {
  if (!call.has_value()) return "";
  return absl::StrCat("\n  (", word, " ", call->name.text, PrintConfig(call->config), ")");
}

std::string PrintName(const ast::Identifier& name) { return name.text; }

std::string PrintCandidate(const ast::Candidate& candidate) {
  return absl::StrCat(
      candidate.name.text, candidate.relaxed ? " relaxed" : "",
      candidate.chain.has_value() ? absl::StrCat(" = ", PrintChain(*candidate.chain)) : "");
}

std::string PrintStep(const ast::Step& step) {
  std::string text;
  switch (step.kind) {
    case ast::Step::Kind::kNone:
      text = "none";
      break;
    case ast::Step::Kind::kOneOf:
      text = absl::StrCat("one of", step.callee.text.empty() ? "" : " ", step.callee.text);
      if (step.inline_set) {
        absl::StrAppend(&text, " { ", Join(step.candidates, "; ", PrintCandidate), " }");
      }
      break;
    case ast::Step::Kind::kWhen:
      text = absl::StrCat("when ", PrintExpr(step.condition[0]), " { ",
                          PrintChain(step.branches[0]), " }");
      if (step.branches.size() > 1) {
        absl::StrAppend(&text, " else { ", PrintChain(step.branches[1]), " }");
      }
      break;
    case ast::Step::Kind::kRepeat:
      text = absl::StrCat("repeat ", PrintExpr(step.condition[0]), " { ",
                          PrintChain(step.branches[0]), " }");
      break;
    case ast::Step::Kind::kCall:
      text = step.callee.text;
      break;
  }
  if (!step.args.empty()) absl::StrAppend(&text, "(", Join(step.args, ", ", PrintArg), ")");
  if (!step.with.empty()) absl::StrAppend(&text, " with ", Join(step.with, ", ", PrintAssign));
  return text;
}

std::string PrintParams(const std::vector<ast::Param>& params) {
  return Join(params, "", [](const ast::Param& param) {
    return absl::StrCat(
        "\n  (param ", param.name.text,
        param.default_value.has_value() ? absl::StrCat(" = ", PrintExpr(*param.default_value)) : "",
        ")");
  });
}

std::string PrintChoose(const ast::Choose& choose) {
  return absl::StrCat("(choose ", choose.name.text, " in ",
                      choose.range
                          ? Join(choose.options, "..", PrintExpr)
                          : absl::StrCat("{ ", Join(choose.options, ", ", PrintExpr), " }"),
                      ")");
}

// A part of a definition, where there is one: "\n  (then relu)".
std::string PrintPart(absl::string_view start, const std::optional<ast::Chain>& chain) {
  return chain.has_value() ? absl::StrCat(start, " ", PrintChain(*chain), ")") : "";
}

std::string PrintSource(const ast::Source& source) {
  switch (source.kind) {
    case ast::Source::Kind::kEarlier:
      return "earlier";
    case ast::Source::Kind::kBeforePrevious:
      return "before_previous";
    case ast::Source::Kind::kList:
      return absl::StrCat("[", Join(source.names, ", ", PrintName), "]");
  }
  return "";
}

std::string PrintTake(const ast::Edges& edges) {
  switch (edges.take) {
    case ast::Edges::Take::kNothing:
      return "";
    case ast::Edges::Take::kAll:
      return "all";
    case ast::Edges::Take::kAny:
      return "any";
    case ast::Edges::Take::kSome:
      return absl::StrCat(PrintExpr(*edges.least),
                          edges.most.has_value() ? absl::StrCat("..", PrintExpr(*edges.most)) : "");
  }
  return "";
}

std::string PrintOperation(const std::optional<ast::Chain>& chain) {
  return chain.has_value() ? absl::StrCat(" { ", PrintChain(*chain), " }") : "";
}

std::string PrintEdges(const ast::Edges& edges) {
  std::vector<std::string> parts;
  if (edges.previous) parts.push_back("previous");
  if (edges.source.has_value()) {
    parts.push_back(absl::StrCat(
        PrintTake(edges), " of ", PrintSource(*edges.source),
        edges.otherwise.has_value() ? absl::StrCat(" else ", edges.otherwise->text) : ""));
  }
  return absl::StrCat("(edges ", absl::StrJoin(parts, " and "), PrintOperation(edges.operation),
                      ")");
}

std::string PrintSlots(const ast::Slots& slots) {
  return absl::StrCat(
      "(slots ", PrintExpr(slots.count), " of ", PrintSource(slots.source),
      slots.names.empty() ? "" : absl::StrCat(" as (", Join(slots.names, ", ", PrintName), ")"),
      PrintOperation(slots.operation), ")");
}

std::string PrintNode(const ast::NodeDecl& node) {
  std::string text = absl::StrCat("\n  (node ", node.name.text);
  if (node.count.has_value()) {
    absl::StrAppend(&text, "[", PrintExpr(*node.count),
                    node.most.has_value() ? absl::StrCat("..", PrintExpr(*node.most)) : "", "]");
  }
  for (const ast::Choose& choose : node.chooses) {
    absl::StrAppend(&text, "\n    ", PrintChoose(choose));
  }
  if (node.edges.has_value()) absl::StrAppend(&text, "\n    ", PrintEdges(*node.edges));
  if (node.slots.has_value()) absl::StrAppend(&text, "\n    ", PrintSlots(*node.slots));
  return absl::StrCat(text, PrintPart("\n    (merge", node.merge),
                      PrintPart("\n    (then", node.then), ")");
}

void Print(const ast::OpsDecl& ops, std::string* out) {
  absl::StrAppend(out, "(ops ", ops.name.text, PrintParams(ops.params));
  for (const ast::Candidate& candidate : ops.candidates) {
    absl::StrAppend(out, "\n  (candidate ", PrintCandidate(candidate), ")");
  }
  absl::StrAppend(out, ")\n");
}

void Print(const ast::OpDecl& op, std::string* out) {
  absl::StrAppend(out, "(op ", op.name.text, PrintParams(op.params));
  for (const ast::Choose& choose : op.chooses) absl::StrAppend(out, "\n  ", PrintChoose(choose));
  for (const ast::Let& let : op.lets) {
    absl::StrAppend(out, "\n  (let ", let.name.text, " = ", PrintChain(let.value), ")");
  }
  absl::StrAppend(out, "\n  (return ", PrintChain(op.result), "))\n");
}

void Print(const ast::CellDecl& cell, std::string* out) {
  absl::StrAppend(out, "(cell ", cell.name.text);
  if (cell.like.has_value()) absl::StrAppend(out, " like ", cell.like->text);
  for (const ast::CellInput& input : cell.inputs) {
    absl::StrAppend(out, "\n  (input ", input.each ? "each " : "", input.name.text, ")");
  }
  absl::StrAppend(out, PrintPart("\n  (adapt", cell.adapt));
  for (const ast::Choose& choose : cell.chooses) {
    absl::StrAppend(out, "\n  ", PrintChoose(choose));
  }
  for (const ast::NodeDecl& node : cell.nodes) absl::StrAppend(out, PrintNode(node));
  absl::StrAppend(out, PrintPart("\n  (output", cell.output));
  if (cell.stride.has_value()) absl::StrAppend(out, "\n  (stride ", PrintExpr(*cell.stride), ")");
  absl::StrAppend(out, ")\n");
}

std::string PrintInput(const std::optional<ast::Input>& input) {
  if (!input.has_value()) return "";
  std::string text = absl::StrCat("\n  (input ", input->kind.text);
  if (!input->args.empty()) absl::StrAppend(&text, "(", Join(input->args, ", ", PrintArg), ")");
  if (input->classes.has_value()) {
    absl::StrAppend(&text, " classes ", PrintExpr(*input->classes));
  }
  if (input->regression.has_value()) {
    absl::StrAppend(&text, " regression ", PrintExpr(*input->regression));
  }
  return absl::StrCat(text, ")");
}

std::string PrintAuxiliary(const std::optional<ast::Auxiliary>& auxiliary) {
  if (!auxiliary.has_value()) return "";
  return absl::StrCat("\n  (auxiliary after ", PrintExpr(auxiliary->after), ": ",
                      PrintChain(auxiliary->chain), ")");
}

std::string PrintStack(const std::optional<ast::Stack>& stack) {
  if (!stack.has_value()) return "";
  std::string text = absl::StrCat("\n  (stack ", PrintExpr(stack->count));
  for (const ast::StackRule& rule : stack->rules) {
    const std::string where =
        rule.at.empty() ? "else" : absl::StrCat("at ", Join(rule.at, ", ", PrintExpr));
    absl::StrAppend(&text, "\n    (", where, ": ", PrintChain(rule.chain), ")");
  }
  return absl::StrCat(text, ")");
}

void Print(const ast::NetworkDecl& network, std::string* out) {
  absl::StrAppend(out, "(network");
  for (const ast::Choose& choose : network.chooses) {
    absl::StrAppend(out, "\n  ", PrintChoose(choose));
  }
  absl::StrAppend(out, PrintInput(network.input), PrintPart("\n  (stem", network.stem),
                  PrintStack(network.stack), PrintPart("\n  (body", network.body),
                  PrintPart("\n  (head", network.head), PrintAuxiliary(network.auxiliary), ")\n");
}

void Print(const ast::ScaleDecl& scale, std::string* out) {
  absl::StrAppend(out, "(scale ", scale.name.text, PrintConfig(scale.assigns),
                  PrintInput(scale.input), PrintPart("\n  (stem", scale.stem),
                  PrintPart("\n  (head", scale.head), PrintAuxiliary(scale.auxiliary), ")\n");
}

void Print(const ast::Require& require, std::string* out) {
  absl::StrAppend(out, "(require ", PrintExpr(require.condition),
                  require.scale.has_value() ? absl::StrCat(" at ", require.scale->text) : "",
                  ")\n");
}

void Print(const ast::SearchDecl& search, std::string* out) {
  absl::StrAppend(out, "(search ", search.name.text);
  if (search.space.has_value()) absl::StrAppend(out, "\n  (space ", search.space->text, ")");
  if (search.scale.has_value()) absl::StrAppend(out, "\n  (scale ", search.scale->text, ")");
  absl::StrAppend(out, PrintCall("data", search.data), PrintCall("strategy", search.strategy),
                  PrintCall("schedule", search.schedule));
  for (const ast::Fidelity& fidelity : search.fidelities) {
    absl::StrAppend(out, "\n  (fidelity ", PrintExpr(fidelity.part), PrintConfig(fidelity.axes),
                    ")");
  }
  absl::StrAppend(out, PrintCall("evaluate", search.evaluate), PrintCall("train", search.train));
  if (search.latency_location.has_value()) {
    absl::StrAppend(out, "\n  (latency", PrintConfig(search.latency), ")");
  }
  for (const ast::Amount& amount : search.budget) {
    absl::StrAppend(out, "\n  (budget ", amount.unit.text, " ", PrintExpr(amount.value), ")");
  }
  for (const ast::Objective& objective : search.objectives) {
    absl::StrAppend(out, "\n  (objective ", objective.direction.text, " ",
                    PrintExpr(objective.value), ")");
  }
  if (search.final_location.has_value()) {
    absl::StrAppend(out, "\n  (final",
                    search.final_scale.has_value() ? " at " + search.final_scale->text : "",
                    PrintConfig(search.final_config), ")");
  }
  absl::StrAppend(out, PrintCall("baseline", search.baseline));
  if (search.require.has_value()) {
    absl::StrAppend(out, "\n  (require ", PrintExpr(*search.require), ")");
  }
  if (search.seed.has_value()) absl::StrAppend(out, "\n  (seed ", PrintExpr(*search.seed), ")");
  absl::StrAppend(out, ")\n");
}

}  // namespace

std::string PrintExpr(const ast::Expr& expr) {
  switch (expr.kind) {
    case ast::Expr::Kind::kNumber:
      return expr.number.ToString();
    case ast::Expr::Kind::kString:
      return absl::StrCat("\"", expr.text, "\"");
    case ast::Expr::Kind::kName:
      return expr.text;
    case ast::Expr::Kind::kCall:
      return absl::StrCat(expr.text, "(", Join(expr.args, ", ", PrintArg), ")");
    case ast::Expr::Kind::kUnary:
      return absl::StrCat("(", expr.text, expr.text == "-" ? "" : " ", PrintExpr(expr.operands[0]),
                          ")");
    case ast::Expr::Kind::kBinary:
      return absl::StrCat("(", PrintExpr(expr.operands[0]), " ", expr.text, " ",
                          PrintExpr(expr.operands[1]), ")");
  }
  return "";
}

std::string PrintChain(const ast::Chain& chain) { return Join(chain.steps, " -> ", PrintStep); }

std::string PrintAst(const ast::File& file) {
  std::string out;
  if (file.header.has_value()) {
    absl::StrAppend(&out, "(", file.header->library ? "library " : "space ", file.header->name.text,
                    " version ", file.header->version, ")\n");
  }
  for (const ast::Import& import : file.imports) {
    absl::StrAppend(&out, "(import ", import.is_path ? "\"" + import.target + "\"" : import.target,
                    ")\n");
  }
  for (const ast::OpsDecl& ops : file.ops) Print(ops, &out);
  for (const ast::OpDecl& op : file.operations) Print(op, &out);
  for (const ast::CellDecl& cell : file.cells) Print(cell, &out);
  for (const ast::NetworkDecl& network : file.networks) Print(network, &out);
  for (const ast::ScaleDecl& scale : file.scales) Print(scale, &out);
  for (const ast::Require& require : file.requirements) Print(require, &out);
  for (const ast::Renamed& renamed : file.renamed) {
    absl::StrAppend(&out, "(renamed ", renamed.from.text, " -> ", renamed.to.text, ")\n");
  }
  for (const ast::SearchDecl& search : file.searches) Print(search, &out);
  return out;
}

}  // namespace nasc
