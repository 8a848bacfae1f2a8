#include "dsl/check_network.h"

#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "dsl/vocabulary.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kNotSet, "not-set", kError);
NASC_DIAGNOSTIC(kUnusedSetting, "unused-setting", kWarning);

// What the input of a network may be.
struct InputKind {
  absl::string_view name;
  size_t args;
  absl::string_view meaning;
  absl::string_view example;
};

constexpr InputKind kInputKinds[] = {
    {"image", 3, "an image has channels, height and width, in this order", "image(3, 32, 32)"},
    {"features", 1, "features have one argument: how many there are", "features(12)"},
};

}  // namespace

void NetworkChecker::Check(const Scope& outer) {
  const ast::File& file = context_.module.file;
  const NameSet* const common = context_.used_settings;
  PartSettings network_uses;
  Scope scope(&outer);
  scope.AddNumber("classes");
  for (const ast::NetworkDecl& network : file.networks) CheckNetwork(network, scope, network_uses);
  std::vector<PartSettings> scale_uses(file.scales.size());
  for (size_t i = 0; i < file.scales.size(); ++i) {
    CheckParts(file.scales[i], scope, scale_uses[i]);
  }
  const auto take = [](const NameSet& from, NameSet& to) { to.insert(from.begin(), from.end()); };
  NameSet anywhere = *common;
  const auto take_all = [&](const PartSettings& uses) {
    for (const NameSet* part : {&uses.input, &uses.stem, &uses.head, &uses.auxiliary}) {
      take(*part, anywhere);
    }
  };
  take_all(network_uses);
  for (const PartSettings& uses : scale_uses) take_all(uses);
  // What a mistyped name would have used is no mistake of its own.
  const bool warn = !context_.diagnostics.has_errors();
  for (size_t i = 0; i < file.scales.size(); ++i) {
    const ast::ScaleDecl& scale = file.scales[i];
    NameSet needed = *common;
    take(scale.input.has_value() ? scale_uses[i].input : network_uses.input, needed);
    take(scale.stem.has_value() ? scale_uses[i].stem : network_uses.stem, needed);
    take(scale.head.has_value() ? scale_uses[i].head : network_uses.head, needed);
    take(scale.auxiliary.has_value() ? scale_uses[i].auxiliary : network_uses.auxiliary, needed);
    CheckSettings(scale, needed, anywhere, warn, outer);
  }
}

template <typename Decl>
void NetworkChecker::CheckParts(const Decl& decl, const Scope& scope, PartSettings& used) {
  NameSet* const common = context_.used_settings;
  if (decl.input.has_value()) {
    context_.used_settings = &used.input;
    CheckInput(*decl.input, scope);
  }
  if (decl.stem.has_value()) {
    context_.used_settings = &used.stem;
    chains_.Check(*decl.stem, scope);
  }
  if (decl.head.has_value()) {
    context_.used_settings = &used.head;
    chains_.Check(*decl.head, scope);
  }
  if (decl.auxiliary.has_value()) {
    context_.used_settings = &used.auxiliary;
    numbers_.Check(decl.auxiliary->after, scope);
    chains_.Check(decl.auxiliary->chain, scope);
  }
  context_.used_settings = common;
}

void NetworkChecker::CheckNetwork(const ast::NetworkDecl& network, Scope& scope,
                                  PartSettings& used) {
  const auto missing = [&](absl::string_view what) {
    context_.diagnostics.Report(kMissingPart, network.location,
                                absl::StrCat("the network has no ", what));
  };
  for (const ast::Choose& choose : network.chooses) numbers_.CheckChoose(choose, scope);
  CheckParts(network, scope, used);
  if (!network.input.has_value()) missing("input");
  if (network.stack.has_value()) CheckStack(*network.stack, scope);
  if (network.body.has_value()) {
    chains_.Check(*network.body, scope, ChainChecker::Place::kBody);
  }
  if (!network.stack.has_value() && !network.body.has_value()) missing("stack or body");
  if (network.stack.has_value() && network.body.has_value()) {
    context_.diagnostics
        .Report(kMisplaced, network.body->location, "a network has a stack or a body, not both")
        .notes.push_back({network.stack->location, "the stack is here"});
  }
  // What a cell gives may be the numbers that are predicted; classes need a layer of their own.
  const bool regression = network.input.has_value() && network.input->regression.has_value();
  if (!network.head.has_value() && !regression) missing("head");
}

void NetworkChecker::CheckInput(const ast::Input& input, const Scope& scope) {
  const auto* kind = absl::c_find_if(
      kInputKinds, [&](const InputKind& kind) { return kind.name == input.kind.text; });
  if (kind == std::end(kInputKinds)) {
    std::string examples;
    for (const InputKind& known : kInputKinds) {
      absl::StrAppend(&examples, examples.empty() ? "" : " or ", known.example);
    }
    context_.diagnostics
        .Report(kUnknownName, input.kind.location,
                absl::StrCat("unknown kind of input '", input.kind.text, "'"))
        .fix = examples;
  } else if (input.args.size() != kind->args || absl::c_any_of(input.args, [](const auto& arg) {
               return !arg.expr.has_value() || arg.name.has_value();
             })) {
    context_.diagnostics.Report(kMissingArgument, input.kind.location, std::string(kind->meaning))
        .fix = std::string(kind->example);
  } else {
    for (const ast::Arg& arg : input.args) numbers_.Check(*arg.expr, scope);
  }
  if (input.classes.has_value()) numbers_.Check(*input.classes, scope);
  if (input.regression.has_value()) numbers_.Check(*input.regression, scope);
  if (!input.classes.has_value() && !input.regression.has_value()) {
    context_.diagnostics.Report(kMissingPart, input.kind.location,
                                "the input says neither `classes` nor `regression`");
  }
}

void NetworkChecker::CheckStack(const ast::Stack& stack, const Scope& scope) {
  numbers_.Check(stack.count, scope);
  int others = 0;
  for (const ast::StackRule& rule : stack.rules) {
    for (const ast::Expr& at : rule.at) numbers_.Check(at, scope);
    if (rule.at.empty() && ++others > 1) {
      context_.diagnostics.Report(kDuplicate, rule.location, "a second `else`");
    }
    const ast::Step& step = rule.chain.steps.front();
    if (rule.chain.steps.size() != 1 || step.kind != ast::Step::Kind::kCall) {
      context_.diagnostics.Report(kMisplaced, rule.chain.location,
                                  "a rule of a stack names one cell");
      continue;
    }
    chains_.CheckCell(step);
    chains_.CheckWith(step.with, scope);
  }
  if (others == 0) {
    context_.diagnostics.Report(kMissingPart, stack.location, "the stack has no `else` cell");
  }
}

// Whether the scale sets what is needed at it, and nothing that is used nowhere.
void NetworkChecker::CheckSettings(const ast::ScaleDecl& scale, const NameSet& needed,
                                   const NameSet& anywhere, bool warn, const Scope& settings) {
  const Scope constants;
  NameSet set;
  for (const ast::Assign& assign : scale.assigns) {
    numbers_.Check(assign.value, constants);
    set.insert(assign.name.text);
    const bool known = absl::c_any_of(
        ScaleSettings(), [&](const ScaleSetting& s) { return s.name == assign.name.text; });
    if (!warn || known || anywhere.contains(assign.name.text)) continue;
    Diagnostic& diagnostic =
        context_.diagnostics.Report(kUnusedSetting, assign.name.location,
                                    absl::StrCat("nothing uses '", assign.name.text, "'"));
    context_.Suggest(diagnostic, assign.name.text, [&] {
      std::vector<std::string> known_names(anywhere.begin(), anywhere.end());
      for (const ScaleSetting& s : ScaleSettings()) known_names.emplace_back(s.name);
      absl::c_sort(known_names);
      return known_names;
    });
  }
  std::vector<std::string> missing;
  for (const std::string& name : needed) {
    const Scope::Name* setting = settings.Find(name);
    if (setting == nullptr || setting->kind != Scope::Kind::kSetting || set.contains(name)) {
      continue;
    }
    missing.push_back(name);
  }
  absl::c_sort(missing);
  for (const std::string& name : missing) {
    context_.diagnostics.Report(
        kNotSet, scale.name.location,
        absl::StrCat("scale '", scale.name.text, "' does not set '", name, "'"));
  }
}

}  // namespace nasc
