#include "dsl/ast_printer.h"

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

std::string PrintStep(const ast::Step& step) {
  std::string text;
  switch (step.kind) {
    case ast::Step::Kind::kNone:
      text = "none";
      break;
    case ast::Step::Kind::kOneOf:
      text = absl::StrCat("one of ", step.callee.text);
      break;
    case ast::Step::Kind::kWhen:
      text = absl::StrCat("when ", PrintExpr(step.condition[0]), " { ",
                          PrintChain(step.branches[0]), " }");
      if (step.branches.size() > 1) {
        absl::StrAppend(&text, " else { ", PrintChain(step.branches[1]), " }");
      }
      break;
    case ast::Step::Kind::kCall:
      text = step.callee.text;
      if (!step.args.empty()) absl::StrAppend(&text, "(", Join(step.args, ", ", PrintArg), ")");
      break;
  }
  if (!step.with.empty()) absl::StrAppend(&text, " with ", Join(step.with, ", ", PrintAssign));
  return text;
}

void Print(const ast::OpsDecl& ops, std::string* out) {
  absl::StrAppend(out, "(ops ", ops.name.text);
  for (const ast::Candidate& candidate : ops.candidates) {
    absl::StrAppend(out, "\n  (candidate ", candidate.name.text,
                    candidate.relaxed ? " relaxed" : "");
    if (candidate.chain.has_value()) absl::StrAppend(out, " = ", PrintChain(*candidate.chain));
    absl::StrAppend(out, ")");
  }
  absl::StrAppend(out, ")\n");
}

void Print(const ast::OpDecl& op, std::string* out) {
  absl::StrAppend(out, "(op ", op.name.text);
  for (const ast::Param& param : op.params) {
    absl::StrAppend(out, "\n  (param ", param.name.text);
    if (param.default_value.has_value()) {
      absl::StrAppend(out, " = ", PrintExpr(*param.default_value));
    }
    absl::StrAppend(out, ")");
  }
  for (const ast::Let& let : op.lets) {
    absl::StrAppend(out, "\n  (let ", let.name.text, " = ", PrintChain(let.value), ")");
  }
  absl::StrAppend(out, "\n  (return ", PrintChain(op.result), "))\n");
}

void Print(const ast::CellDecl& cell, std::string* out) {
  absl::StrAppend(out, "(cell ", cell.name.text);
  if (cell.like.has_value()) absl::StrAppend(out, " like ", cell.like->text);
  for (const ast::Identifier& input : cell.inputs) {
    absl::StrAppend(out, "\n  (input ", input.text, ")");
  }
  if (cell.adapt.has_value()) absl::StrAppend(out, "\n  (adapt ", PrintChain(*cell.adapt), ")");
  for (const ast::NodeDecl& node : cell.nodes) {
    absl::StrAppend(out, "\n  (node ", node.name.text, "[", PrintExpr(node.count), "]",
                    "\n    (edges ", PrintExpr(node.edges.take), " of earlier ",
                    PrintChain(node.edges.operation), ")", "\n    (merge ", PrintChain(node.merge),
                    "))");
  }
  if (cell.output.has_value()) absl::StrAppend(out, "\n  (output ", PrintChain(*cell.output), ")");
  if (cell.stride.has_value()) absl::StrAppend(out, "\n  (stride ", PrintExpr(*cell.stride), ")");
  absl::StrAppend(out, ")\n");
}

void Print(const ast::NetworkDecl& network, std::string* out) {
  absl::StrAppend(out, "(network");
  if (network.input.has_value()) {
    absl::StrAppend(out, "\n  (input ", network.input->kind.text, "(",
                    Join(network.input->args, ", ", PrintArg), ")");
    if (network.input->classes.has_value()) {
      absl::StrAppend(out, " classes ", PrintExpr(*network.input->classes));
    }
    absl::StrAppend(out, ")");
  }
  if (network.stem.has_value()) absl::StrAppend(out, "\n  (stem ", PrintChain(*network.stem), ")");
  if (network.stack.has_value()) {
    absl::StrAppend(out, "\n  (stack ", PrintExpr(network.stack->count));
    for (const ast::StackRule& rule : network.stack->rules) {
      const std::string where =
          rule.at.empty() ? "else" : absl::StrCat("at ", Join(rule.at, ", ", PrintExpr));
      absl::StrAppend(out, "\n    (", where, ": ", PrintChain(rule.chain), ")");
    }
    absl::StrAppend(out, ")");
  }
  if (network.head.has_value()) absl::StrAppend(out, "\n  (head ", PrintChain(*network.head), ")");
  if (network.auxiliary.has_value()) {
    absl::StrAppend(out, "\n  (auxiliary after ", PrintExpr(network.auxiliary->after), ": ",
                    PrintChain(network.auxiliary->chain), ")");
  }
  absl::StrAppend(out, ")\n");
}

void Print(const ast::SearchDecl& search, std::string* out) {
  absl::StrAppend(out, "(search ", search.name.text);
  if (search.space.has_value()) absl::StrAppend(out, "\n  (space ", search.space->text, ")");
  if (search.scale.has_value()) absl::StrAppend(out, "\n  (scale ", search.scale->text, ")");
  absl::StrAppend(out, PrintCall("data", search.data), PrintCall("strategy", search.strategy),
                  PrintCall("train", search.train));
  for (const ast::Amount& amount : search.budget) {
    absl::StrAppend(out, "\n  (budget ", amount.unit.text, " ", PrintExpr(amount.value), ")");
  }
  if (search.objective.has_value()) {
    absl::StrAppend(out, "\n  (objective ", search.direction->text, " ",
                    PrintExpr(*search.objective), ")");
  }
  if (search.final_location.has_value()) {
    absl::StrAppend(out, "\n  (final",
                    search.final_scale.has_value() ? " at " + search.final_scale->text : "",
                    PrintConfig(search.final_config), ")");
  }
  absl::StrAppend(out, PrintCall("baseline", search.baseline));
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
  for (const ast::ScaleDecl& scale : file.scales) {
    absl::StrAppend(&out, "(scale ", scale.name.text, PrintConfig(scale.assigns), ")\n");
  }
  for (const ast::SearchDecl& search : file.searches) Print(search, &out);
  return out;
}

}  // namespace nasc
