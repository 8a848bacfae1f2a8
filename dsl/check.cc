#include "dsl/check.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dsl/ast_printer.h"
#include "dsl/check_chain.h"
#include "dsl/check_duplicates.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kUnknownCell, "unknown-cell", kError);
NASC_DIAGNOSTIC(kRecursion, "recursion", kError);
NASC_DIAGNOSTIC(kNoCandidates, "no-candidates", kError);
NASC_DIAGNOSTIC(kMissingPart, "missing-part", kError);
NASC_DIAGNOSTIC(kNotSet, "not-set", kError);
NASC_DIAGNOSTIC(kUnusedSetting, "unused-setting", kWarning);

// In scope in every operation, whatever calls it.
const std::vector<std::string>& ContextNames() {
  static const auto* const names =
      new std::vector<std::string>{"stride", "filters", "in_filters", "relaxed"};
  return *names;
}

constexpr size_t kMaxCalls = 100;

class Checker {
 public:
  Checker(const Module& module, const Vocabulary& vocabulary, Diagnostics& diagnostics)
      : module_(module),
        vocabulary_(vocabulary),
        diagnostics_(diagnostics),
        chains_(module, vocabulary, diagnostics) {}

  void Check() {
    CheckDuplicates(module_.file, diagnostics_);
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
  using NameSet = ChainChecker::NameSet;
  using Scope = ChainChecker::Scope;

  NameSet OperationNumbers() const {
    NameSet names(ContextNames().begin(), ContextNames().end());
    names.insert(parameters_.begin(), parameters_.end());
    return names;
  }

  void CheckOp(const ast::OpDecl& op) {
    Scope scope;
    scope.numbers = OperationNumbers();
    for (const ast::Param& param : op.params) {
      if (param.default_value.has_value()) chains_.CheckNumber(*param.default_value, scope);
      scope.numbers.insert(param.name.text);
    }
    for (const ast::Let& let : op.lets) {
      chains_.Check(let.value, scope);
      scope.values.insert(let.name.text);
    }
    chains_.Check(op.result, scope);
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
        chains_.Check(*candidate.chain, scope);
      } else if (!candidate.none) {
        chains_.CheckCall(candidate.name, {}, candidate.name.location, scope);
      }
    }
    if (!real) {
      diagnostics_.Report(
          kNoCandidates, ops.name.location,
          absl::StrCat("'", ops.name.text, "' has no candidate that a result may contain"));
    }
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
    if (decl.stride.has_value()) chains_.CheckNumber(*decl.stride, scope);
    if (decl.adapt.has_value()) {
      Scope adapt = scope;
      adapt.numbers.insert("same_size");
      chains_.Check(*decl.adapt, adapt);
    }
    for (const ast::NodeDecl& node : decl.nodes) {
      chains_.CheckNumber(node.count, scope);
      chains_.CheckNumber(node.edges.take, scope);
      chains_.Check(node.edges.operation, scope);
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
        for (const ast::Arg& arg : input.args) chains_.CheckNumber(*arg.expr, scope);
      }
      if (input.classes.has_value()) chains_.CheckNumber(*input.classes, scope);
      if (!input.classes.has_value()) missing("`classes` after its input");
    } else {
      missing("input");
    }
    if (network.stem.has_value()) chains_.Check(*network.stem, scope);
    if (network.stack.has_value()) {
      CheckStack(*network.stack, scope);
    } else {
      missing("stack");
    }
    if (network.head.has_value()) {
      chains_.Check(*network.head, scope);
    } else {
      missing("head");
    }
    if (network.auxiliary.has_value()) {
      chains_.CheckNumber(network.auxiliary->after, scope);
      chains_.Check(network.auxiliary->chain, scope);
    }
  }

  void CheckStack(const ast::Stack& stack, const Scope& scope) {
    chains_.CheckNumber(stack.count, scope);
    chains_.used().insert("width");  // of every cell
    int others = 0;
    for (const ast::StackRule& rule : stack.rules) {
      for (const ast::Expr& at : rule.at) chains_.CheckNumber(at, scope);
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
        chains_.CheckNumber(assign.value, scope);
        chains_.used().insert(assign.name.text);
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
        chains_.CheckNumber(assign.value, scope);
        set.insert(assign.name.text);
        const bool setting = absl::c_any_of(
            ScaleSettings(), [&](const ScaleSetting& s) { return s.name == assign.name.text; });
        if (warn && !setting && chains_.used().count(assign.name.text) == 0) {
          std::vector<std::string> known(chains_.used().begin(), chains_.used().end());
          for (const ScaleSetting& s : ScaleSettings()) known.emplace_back(s.name);
          diagnostics_
              .Report(kUnusedSetting, assign.name.location,
                      absl::StrCat("nothing uses '", assign.name.text, "'"))
              .fix = DidYouMean(assign.name.text, known);
        }
      }
      for (const std::string& name : parameters_) {
        if (set.count(name) > 0 || chains_.used().count(name) == 0) continue;
        diagnostics_.Report(
            kNotSet, scale.name.location,
            absl::StrCat("scale '", scale.name.text, "' does not set '", name, "'"));
      }
    }
  }

  const Module& module_;
  const Vocabulary& vocabulary_;
  Diagnostics& diagnostics_;
  ChainChecker chains_;
  NameSet parameters_;                      // what any scale sets
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
