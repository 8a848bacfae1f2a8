#include "dsl/check.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dsl/ast_printer.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kDuplicate, "duplicate", kError);
NASC_DIAGNOSTIC(kUnknownOperation, "unknown-operation", kError);
NASC_DIAGNOSTIC(kUnknownOps, "unknown-ops", kError);
NASC_DIAGNOSTIC(kUnknownCell, "unknown-cell", kError);
NASC_DIAGNOSTIC(kUnknownName, "unknown-name", kError);
NASC_DIAGNOSTIC(kUnknownArgument, "unknown-argument", kError);
NASC_DIAGNOSTIC(kMissingArgument, "missing-argument", kError);
NASC_DIAGNOSTIC(kTooManyArguments, "too-many-arguments", kError);
NASC_DIAGNOSTIC(kNotAChain, "not-a-chain", kError);
NASC_DIAGNOSTIC(kNotANumber, "not-a-number", kError);
NASC_DIAGNOSTIC(kRecursion, "recursion", kError);
NASC_DIAGNOSTIC(kNoCandidates, "no-candidates", kError);
NASC_DIAGNOSTIC(kMisplaced, "misplaced", kError);
NASC_DIAGNOSTIC(kMissingPart, "missing-part", kError);
NASC_DIAGNOSTIC(kNotSet, "not-set", kError);
NASC_DIAGNOSTIC(kUnusedSetting, "unused-setting", kWarning);

// In scope in every operation, whatever calls it.
const std::vector<std::string>& ContextNames() {
  static const auto* const names =
      new std::vector<std::string>{"stride", "filters", "in_filters", "relaxed"};
  return *names;
}

// Arguments that every operation accepts: what its steps pass on. A primitive takes only its own.
const std::vector<std::string>& PassedOn() {
  static const auto* const names = new std::vector<std::string>{"stride", "filters"};
  return *names;
}

const std::vector<std::string>& Constants() {
  static const auto* const names = new std::vector<std::string>{"on", "off", "true", "false"};
  return *names;
}

constexpr size_t kMaxCalls = 100;

class Checker {
 public:
  Checker(const Module& module, const Vocabulary& vocabulary, Diagnostics& diagnostics)
      : module_(module), vocabulary_(vocabulary), diagnostics_(diagnostics) {}

  void Check() {
    CheckDuplicates();
    for (const ast::ScaleDecl& scale : module_.file.scales) {
      for (const ast::Assign& assign : scale.assigns) parameters_.insert(assign.name.text);
    }
    for (const ast::OpDecl& op : module_.file.operations) CheckOp(op);
    for (const ast::OpsDecl& ops : module_.file.ops) CheckOps(ops);
    for (const ast::CellDecl& cell : module_.file.cells) CheckCell(cell);
    CheckHeader();
    for (const ast::NetworkDecl& network : module_.file.networks) CheckNetwork(network);
    CheckScales();
  }

 private:
  using NameSet = std::set<std::string>;

  // What a chain may name.
  struct Scope {
    NameSet numbers;  // parameters, arguments, context
    NameSet values;   // `let` names, a cell's values
    bool cells = false;
  };

  template <typename List>
  void CheckUnique(const List& list, absl::string_view what) {
    std::map<std::string, Location> seen;
    for (const ast::Identifier* name : list) {
      const auto [it, fresh] = seen.emplace(name->text, name->location);
      if (fresh) continue;
      diagnostics_
          .Report(kDuplicate, name->location,
                  absl::StrCat("a second ", what, " '", name->text, "'"))
          .notes.push_back({it->second, "the first is here"});
    }
  }

  void CheckDuplicates() {
    const ast::File& file = module_.file;
    std::vector<const ast::Identifier*> names;
    for (const auto& op : file.operations) {
      names.push_back(&op.name);
      std::vector<const ast::Identifier*> values;
      for (const auto& param : op.params) values.push_back(&param.name);
      for (const auto& let : op.lets) values.push_back(&let.name);
      CheckUnique(values, "value");
    }
    CheckUnique(names, "operation");
    names.clear();
    for (const auto& ops : file.ops) {
      names.push_back(&ops.name);
      std::vector<const ast::Identifier*> candidates;
      for (const auto& candidate : ops.candidates) candidates.push_back(&candidate.name);
      CheckUnique(candidates, "candidate");
    }
    CheckUnique(names, "set of operations");
    names.clear();
    for (const auto& cell : file.cells) {
      names.push_back(&cell.name);
      std::vector<const ast::Identifier*> values;
      for (const auto& input : cell.inputs) values.push_back(&input);
      for (const auto& node : cell.nodes) values.push_back(&node.name);
      CheckUnique(values, "value");
    }
    CheckUnique(names, "cell");
    names.clear();
    for (const auto& scale : file.scales) {
      names.push_back(&scale.name);
      std::vector<const ast::Identifier*> settings;
      for (const auto& assign : scale.assigns) settings.push_back(&assign.name);
      CheckUnique(settings, "setting");
    }
    CheckUnique(names, "scale");
    names.clear();
    for (const auto& search : file.searches) names.push_back(&search.name);
    CheckUnique(names, "search");
    for (size_t i = 1; i < file.networks.size(); ++i) {
      diagnostics_.Report(kDuplicate, file.networks[i].location, "a second network")
          .notes.push_back({file.networks[0].location, "the first is here"});
    }
  }

  NameSet OperationNumbers() const {
    NameSet names(ContextNames().begin(), ContextNames().end());
    names.insert(parameters_.begin(), parameters_.end());
    return names;
  }

  void CheckOp(const ast::OpDecl& op) {
    Scope scope;
    scope.numbers = OperationNumbers();
    for (const ast::Param& param : op.params) {
      if (param.default_value.has_value()) CheckNumber(*param.default_value, scope);
      scope.numbers.insert(param.name.text);
    }
    for (const ast::Let& let : op.lets) {
      CheckChain(let.value, scope);
      scope.values.insert(let.name.text);
    }
    CheckChain(op.result, scope);
    std::vector<const ast::OpDecl*> path;
    std::set<const ast::OpDecl*> visited;
    if (in_circle_.count(&op) > 0 || !FindCircle(op, op, module_, path, visited)) return;
    in_circle_.insert(path.begin(), path.end());
    path.push_back(&op);
    const std::string names = absl::StrJoin(
        path, " -> ",
        [](std::string* out, const ast::OpDecl* part) { absl::StrAppend(out, part->name.text); });
    diagnostics_.Report(kRecursion, op.name.location,
                        absl::StrCat("operation '", op.name.text, "' contains itself: ", names));
  }

  // Whether calls lead from `op` back to `start`, into libraries as well; `path` is how. Visits
  // every operation once.
  bool FindCircle(const ast::OpDecl& start, const ast::OpDecl& op, const Module& in,
                  std::vector<const ast::OpDecl*>& path, std::set<const ast::OpDecl*>& visited) {
    if (path.size() > kMaxCalls) return false;  // lowering reports calls that nest so deep
    path.push_back(&op);
    bool circle = false;
    const auto follow = [&](const std::string& callee) {
      if (circle) return;
      const Module::Found<ast::OpDecl> found = in.FindOp(callee);
      if (!found) return;
      circle =
          found.decl == &start || (visited.insert(found.decl).second &&
                                   FindCircle(start, *found.decl, *found.module, path, visited));
    };
    for (const ast::Let& let : op.lets) VisitCalls(let.value, follow);
    VisitCalls(op.result, follow);
    if (!circle) path.pop_back();
    return circle;
  }

  static void VisitCalls(const ast::Chain& chain,
                         const std::function<void(const std::string&)>& visit) {
    for (const ast::Step& step : chain.steps) {
      if (step.kind == ast::Step::Kind::kCall) visit(step.callee.text);
      for (const ast::Arg& arg : step.args) {
        if (const auto inner = ast::AsChain(arg); inner.has_value()) VisitCalls(*inner, visit);
      }
      for (const ast::Chain& branch : step.branches) VisitCalls(branch, visit);
    }
  }

  void CheckOps(const ast::OpsDecl& ops) {
    Scope scope;
    scope.numbers = OperationNumbers();
    bool real = false;
    for (const ast::Candidate& candidate : ops.candidates) {
      real |= !candidate.relaxed;
      if (candidate.chain.has_value()) {
        CheckChain(*candidate.chain, scope);
      } else if (!candidate.none) {
        CheckCall(candidate.name, {}, candidate.name.location, scope);
      }
    }
    if (!real) {
      diagnostics_.Report(
          kNoCandidates, ops.name.location,
          absl::StrCat("'", ops.name.text, "' has no candidate that a result may contain"));
    }
  }

  void CheckChain(const ast::Chain& chain, const Scope& scope) {
    for (const ast::Step& step : chain.steps) {
      for (const ast::Assign& assign : step.with) {
        diagnostics_.Report(kMisplaced, assign.name.location,
                            "`with` stands after the cell of a rule of a stack, nowhere else");
      }
      switch (step.kind) {
        case ast::Step::Kind::kNone:
          break;
        case ast::Step::Kind::kWhen:
          CheckNumber(step.condition[0], scope);
          for (const ast::Chain& branch : step.branches) CheckChain(branch, scope);
          break;
        case ast::Step::Kind::kOneOf:
          if (!module_.FindOps(step.callee.text)) {
            diagnostics_
                .Report(kUnknownOps, step.callee.location,
                        absl::StrCat("unknown set of operations '", step.callee.text, "'"))
                .fix = DidYouMean(step.callee.text, module_.OpsNames());
          }
          break;
        case ast::Step::Kind::kCall:
          CheckCall(step.callee, step.args, step.location, scope);
          break;
      }
    }
  }

  void CheckCall(const ast::Identifier& callee, const std::vector<ast::Arg>& args,
                 const Location& location, const Scope& scope) {
    if (scope.values.count(callee.text) > 0 || (scope.cells && module_.FindCell(callee.text))) {
      if (!args.empty()) {
        diagnostics_.Report(kTooManyArguments, location,
                            absl::StrCat("'", callee.text, "' takes no arguments"));
      }
      return;
    }
    const Module::Found<ast::OpDecl> op = module_.FindOp(callee.text);
    const Signature* primitive = vocabulary_.Find(callee.text);
    if (op) {
      std::vector<Signature::Param> params;
      for (const ast::Param& param : op.decl->params) {
        params.push_back({param.name.text, !param.default_value.has_value()});
      }
      CheckArgs(callee, params, PassedOn(), args, scope, op.decl->name.location);
    } else if (primitive != nullptr && primitive->combiner) {
      for (const ast::Arg& arg : args) {
        const std::optional<ast::Chain> chain = ast::AsChain(arg);
        if (!chain.has_value() || arg.name.has_value()) {
          diagnostics_.Report(
              kNotAChain, arg.expr.has_value() ? arg.expr->location : location,
              absl::StrCat("'", callee.text, "' combines chains, found ",
                           arg.name.has_value() ? "a named argument" : PrintExpr(*arg.expr)));
        } else {
          CheckChain(*chain, scope);
        }
      }
      if (args.empty()) {
        diagnostics_.Report(kMissingArgument, location,
                            absl::StrCat("'", callee.text, "' needs something to combine"));
      }
    } else if (primitive != nullptr) {
      CheckArgs(callee, primitive->params, {}, args, scope, Location{});
    } else {
      std::vector<std::string> known = module_.OpNames();
      for (const Signature& signature : vocabulary_.signatures()) known.push_back(signature.name);
      known.insert(known.end(), scope.values.begin(), scope.values.end());
      if (scope.cells) absl::c_copy(module_.CellNames(), std::back_inserter(known));
      diagnostics_
          .Report(kUnknownOperation, callee.location,
                  absl::StrCat("unknown operation '", callee.text, "'"))
          .fix = DidYouMean(callee.text, known);
    }
  }

  void CheckArgs(const ast::Identifier& callee, const std::vector<Signature::Param>& params,
                 const std::vector<std::string>& passed_on, const std::vector<ast::Arg>& args,
                 const Scope& scope, const Location& defined) {
    NameSet given;
    size_t position = 0;
    for (const ast::Arg& arg : args) {
      if (!arg.expr.has_value()) {
        diagnostics_.Report(kNotANumber, arg.chain->location,
                            absl::StrCat("'", callee.text, "' takes numbers, not chains"));
        return;
      }
      CheckNumber(*arg.expr, scope);
      if (arg.name.has_value()) {
        const std::string& name = arg.name->text;
        const bool known = absl::c_linear_search(passed_on, name) ||
                           absl::c_any_of(params, [&](const auto& p) { return p.name == name; });
        if (!known) {
          std::vector<std::string> names;
          for (const auto& param : params) names.push_back(param.name);
          names.insert(names.end(), passed_on.begin(), passed_on.end());
          diagnostics_
              .Report(kUnknownArgument, arg.name->location,
                      absl::StrCat("'", callee.text, "' has no argument '", name, "'"))
              .fix = DidYouMean(name, names);
        } else if (!given.insert(name).second) {
          diagnostics_.Report(kDuplicate, arg.name->location,
                              absl::StrCat("a second value for '", name, "'"));
        }
      } else if (position < params.size()) {
        given.insert(params[position++].name);
      } else {
        diagnostics_.Report(
            kTooManyArguments, arg.expr->location,
            absl::StrCat("'", callee.text, "' takes ",
                         params.empty() ? "no arguments" : absl::StrCat("at most ", params.size()),
                         params.empty()       ? ""
                         : params.size() == 1 ? " argument"
                                              : " arguments"));
        return;
      }
    }
    for (const Signature::Param& param : params) {
      if (!param.required || given.count(param.name) > 0) continue;
      Diagnostic& diagnostic = diagnostics_.Report(
          kMissingArgument, callee.location,
          absl::StrCat("'", callee.text, "' needs a value for '", param.name, "'"));
      if (defined.known()) diagnostic.notes.push_back({defined, "it is defined here"});
    }
  }

  void CheckNumber(const ast::Expr& expr, const Scope& scope) {
    for (const ast::Expr& operand : expr.operands) CheckNumber(operand, scope);
    if (expr.kind == ast::Expr::Kind::kCall) {
      diagnostics_.Report(kNotANumber, expr.location,
                          absl::StrCat("'", expr.text, "(...)' is not a number"));
    }
    if (expr.kind == ast::Expr::Kind::kString) {
      diagnostics_.Report(kNotANumber, expr.location, "a text where a number is needed");
    }
    if (expr.kind != ast::Expr::Kind::kName) return;
    used_.insert(expr.text);
    if (scope.numbers.count(expr.text) > 0 || absl::c_linear_search(Constants(), expr.text)) return;
    std::vector<std::string> known(scope.numbers.begin(), scope.numbers.end());
    diagnostics_.Report(kUnknownName, expr.location, absl::StrCat("unknown name '", expr.text, "'"))
        .fix = DidYouMean(expr.text, known);
  }

  void CheckCell(const ast::CellDecl& decl) {
    if (decl.like.has_value() && !module_.FindCell(decl.like->text)) {
      diagnostics_
          .Report(kUnknownCell, decl.like->location,
                  absl::StrCat("unknown cell '", decl.like->text, "'"))
          .fix = DidYouMean(decl.like->text, module_.CellNames());
      return;
    }
    const std::optional<Cell> cell = ResolveCell(module_, decl.name.text);
    if (!cell.has_value()) {
      diagnostics_.Report(kRecursion, decl.name.location,
                          absl::StrCat("cell '", decl.name.text, "' is like itself"));
      return;
    }
    const auto missing = [&](absl::string_view what) {
      diagnostics_.Report(kMissingPart, decl.name.location,
                          absl::StrCat("cell '", decl.name.text, "' has no ", what));
    };
    if (cell->inputs.empty()) missing("inputs");
    if (cell->nodes.empty()) missing("nodes");
    if (cell->output == nullptr) missing("output");
    if (cell->inputs.size() > 2) {
      diagnostics_.Report(kMisplaced, decl.inputs[2].location,
                          "a cell takes the outputs of the last one or two cells, not more");
    }
    Scope scope;
    scope.numbers = OperationNumbers();
    if (decl.stride.has_value()) CheckNumber(*decl.stride, scope);
    if (decl.adapt.has_value()) {
      Scope adapt = scope;
      adapt.numbers.insert("same_size");
      CheckChain(*decl.adapt, adapt);
    }
    for (const ast::NodeDecl& node : decl.nodes) {
      CheckNumber(node.count, scope);
      CheckNumber(node.edges.take, scope);
      CheckChain(node.edges.operation, scope);
      CheckCombiner(node.merge, "merge");
    }
    if (decl.output.has_value()) CheckOutput(*decl.output, *cell);
  }

  // `merge sum`
  void CheckCombiner(const ast::Chain& chain, absl::string_view word) {
    const ast::Step& step = chain.steps.front();
    const Signature* primitive =
        step.kind == ast::Step::Kind::kCall ? vocabulary_.Find(step.callee.text) : nullptr;
    if (chain.steps.size() == 1 && step.args.empty() && primitive != nullptr &&
        primitive->combiner) {
      return;
    }
    std::vector<std::string> combiners;
    for (const Signature& signature : vocabulary_.signatures()) {
      if (signature.combiner) combiners.push_back(signature.name);
    }
    diagnostics_
        .Report(
            kMisplaced, chain.location,
            absl::StrCat("after `", word, "` stands a combiner: ", absl::StrJoin(combiners, ", ")))
        .fix = DidYouMean(step.callee.text, combiners);
  }

  // `output concat(n)`: a combiner over the nodes of a family.
  void CheckOutput(const ast::Chain& chain, const Cell& cell) {
    const ast::Step& step = chain.steps.front();
    const Signature* primitive =
        step.kind == ast::Step::Kind::kCall ? vocabulary_.Find(step.callee.text) : nullptr;
    if (chain.steps.size() != 1 || primitive == nullptr || !primitive->combiner ||
        step.args.empty()) {
      diagnostics_.Report(kMisplaced, chain.location,
                          "after `output` stands a combiner over nodes, such as concat(n)");
      return;
    }
    std::vector<std::string> nodes;
    for (const ast::NodeDecl* node : cell.nodes) nodes.push_back(node->name.text);
    for (const ast::Arg& arg : step.args) {
      const bool known = arg.expr.has_value() && absl::c_linear_search(nodes, arg.expr->text);
      if (known) continue;
      diagnostics_
          .Report(kUnknownName, arg.expr.has_value() ? arg.expr->location : arg.chain->location,
                  absl::StrCat(arg.expr.has_value() ? absl::StrCat("'", PrintExpr(*arg.expr), "' ")
                                                    : "a chain ",
                               "is not a node of the cell"))
          .fix = arg.expr.has_value() ? DidYouMean(arg.expr->text, nodes) : "";
    }
  }

  void CheckHeader() {
    const ast::File& file = module_.file;
    const bool library = file.header.has_value() && file.header->library;
    if (file.networks.empty() && file.header.has_value() && !library) {
      diagnostics_.Report(kMissingPart, file.header->name.location,
                          absl::StrCat("space '", file.header->name.text, "' has no network"));
    }
    if (!file.networks.empty() && (library || !file.header.has_value())) {
      Diagnostic& diagnostic =
          diagnostics_.Report(kMisplaced, file.networks[0].location,
                              library ? "a library has no network"
                                      : "a network in a file that does not name its space");
      diagnostic.fix = "begin the file with `space <name> version 1.0.0`";
    }
  }

  void CheckNetwork(const ast::NetworkDecl& network) {
    Scope scope;
    scope.numbers = OperationNumbers();
    scope.numbers.insert("classes");
    const auto missing = [&](absl::string_view what) {
      diagnostics_.Report(kMissingPart, network.location,
                          absl::StrCat("the network has no ", what));
    };
    if (network.input.has_value()) {
      const ast::Input& input = *network.input;
      if (input.kind.text != "image") {
        diagnostics_
            .Report(kUnknownName, input.kind.location,
                    absl::StrCat("unknown kind of input '", input.kind.text, "'"))
            .fix = "image(channels, height, width)";
      } else if (input.args.size() != 3 || absl::c_any_of(input.args, [](const auto& arg) {
                   return !arg.expr.has_value() || arg.name.has_value();
                 })) {
        diagnostics_
            .Report(kMissingArgument, input.kind.location,
                    "an image has channels, height and width, in this order")
            .fix = "image(3, 32, 32)";
      } else {
        for (const ast::Arg& arg : input.args) CheckNumber(*arg.expr, scope);
      }
      if (input.classes.has_value()) CheckNumber(*input.classes, scope);
      if (!input.classes.has_value()) missing("`classes` after its input");
    } else {
      missing("input");
    }
    if (network.stem.has_value()) CheckChain(*network.stem, scope);
    if (network.stack.has_value()) {
      CheckStack(*network.stack, scope);
    } else {
      missing("stack");
    }
    if (network.head.has_value()) {
      CheckChain(*network.head, scope);
    } else {
      missing("head");
    }
    if (network.auxiliary.has_value()) {
      CheckNumber(network.auxiliary->after, scope);
      CheckChain(network.auxiliary->chain, scope);
    }
  }

  void CheckStack(const ast::Stack& stack, const Scope& scope) {
    CheckNumber(stack.count, scope);
    used_.insert("width");  // of every cell
    int others = 0;
    for (const ast::StackRule& rule : stack.rules) {
      for (const ast::Expr& at : rule.at) CheckNumber(at, scope);
      if (rule.at.empty() && ++others > 1) {
        diagnostics_.Report(kDuplicate, rule.location, "a second `else`");
      }
      const ast::Step& step = rule.chain.steps.front();
      if (rule.chain.steps.size() != 1 || step.kind != ast::Step::Kind::kCall) {
        diagnostics_.Report(kMisplaced, rule.chain.location, "a rule of a stack names one cell");
        continue;
      }
      if (!step.args.empty()) {
        diagnostics_
            .Report(kTooManyArguments, step.location,
                    absl::StrCat("cell '", step.callee.text, "' takes no arguments"))
            .fix = "`with width = ...` sets what a cell uses";
      }
      if (!module_.FindCell(step.callee.text)) {
        diagnostics_
            .Report(kUnknownCell, step.callee.location,
                    absl::StrCat("unknown cell '", step.callee.text, "'"))
            .fix = DidYouMean(step.callee.text, module_.CellNames());
      }
      for (const ast::Assign& assign : step.with) {
        CheckNumber(assign.value, scope);
        used_.insert(assign.name.text);
        if (parameters_.count(assign.name.text) == 0) {
          diagnostics_
              .Report(kUnknownName, assign.name.location,
                      absl::StrCat("no scale sets '", assign.name.text, "'"))
              .fix = DidYouMean(assign.name.text, {parameters_.begin(), parameters_.end()});
        }
      }
    }
    if (others == 0) {
      diagnostics_.Report(kMissingPart, stack.location, "the stack has no `else` cell");
    }
  }

  void CheckScales() {
    const std::vector<ast::ScaleDecl>& scales = module_.file.scales;
    // What a mistyped name would have used is no mistake of its own.
    const bool warn = !diagnostics_.has_errors();
    Scope scope;
    for (const ast::ScaleDecl& scale : scales) {
      NameSet set;
      for (const ast::Assign& assign : scale.assigns) {
        CheckNumber(assign.value, scope);
        set.insert(assign.name.text);
        const bool setting = absl::c_any_of(
            ScaleSettings(), [&](const ScaleSetting& s) { return s.name == assign.name.text; });
        if (warn && !setting && used_.count(assign.name.text) == 0) {
          std::vector<std::string> known(used_.begin(), used_.end());
          for (const ScaleSetting& s : ScaleSettings()) known.emplace_back(s.name);
          diagnostics_
              .Report(kUnusedSetting, assign.name.location,
                      absl::StrCat("nothing uses '", assign.name.text, "'"))
              .fix = DidYouMean(assign.name.text, known);
        }
      }
      for (const std::string& name : parameters_) {
        if (set.count(name) > 0 || used_.count(name) == 0) continue;
        diagnostics_.Report(
            kNotSet, scale.name.location,
            absl::StrCat("scale '", scale.name.text, "' does not set '", name, "'"));
      }
    }
  }

  const Module& module_;
  const Vocabulary& vocabulary_;
  Diagnostics& diagnostics_;
  NameSet parameters_;                      // what any scale sets
  NameSet used_;                            // names in the numbers of this file
  std::set<const ast::OpDecl*> in_circle_;  // operations whose circle is reported
};

}  // namespace

void CheckSources(const Sources& sources, const Vocabulary& vocabulary, Diagnostics& diagnostics) {
  for (const std::unique_ptr<Module>& module : sources.modules()) {
    Checker(*module, vocabulary, diagnostics).Check();
  }
}

std::optional<Space> SpaceOf(const Module& module) {
  const ast::File& file = module.file;
  if (!file.header.has_value() || file.header->library || file.networks.empty()) {
    return std::nullopt;
  }
  Space space;
  space.name = file.header->name.text;
  space.version = file.header->version;
  space.doc = file.header->doc;
  space.module = &module;
  space.network = &file.networks.front();
  for (const ast::ScaleDecl& scale : file.scales) space.scales.push_back(&scale);
  return space;
}

}  // namespace nasc
