#include "dsl/check_require.h"

#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kNotProvable, "not-provable", kError);
NASC_DIAGNOSTIC(kUnknownScale, "unknown-scale", kError);

bool IsProved(absl::string_view name) {
  return name == "weights" || name == "macs" || name == "activations";
}

bool IsPath(const ast::Expr& expr) {
  return expr.kind == ast::Expr::Kind::kName && absl::StrContains(expr.text, '.');
}

class RequireChecker {
 public:
  RequireChecker(const Scope& scope, NumberChecker& numbers, CheckContext& context)
      : scope_(scope), numbers_(numbers), context_(context) {}

  void Check(const ast::Expr& expr) {
    switch (expr.kind) {
      case ast::Expr::Kind::kNumber:
        break;
      case ast::Expr::Kind::kString:
        numbers_.Check(expr, scope_);
        break;
      case ast::Expr::Kind::kName:
        CheckName(expr);
        break;
      case ast::Expr::Kind::kCall:
        CheckCount(expr);
        break;
      case ast::Expr::Kind::kUnary:
        Check(expr.operands[0]);
        break;
      case ast::Expr::Kind::kBinary:
        CheckBinary(expr);
        break;
    }
  }

 private:
  // `stage1.kind == mbconv`: what a decision is compared with may be one of its options.
  void CheckBinary(const ast::Expr& expr) {
    const ast::Expr& left = expr.operands[0];
    const ast::Expr& right = expr.operands[1];
    const bool equality = expr.text == "==" || expr.text == "!=";
    const auto option = [&](const ast::Expr& path, const ast::Expr& name) {
      return equality && IsPath(path) && name.kind == ast::Expr::Kind::kName;
    };
    if (equality && IsChoice(left) && right.kind == ast::Expr::Kind::kName) {
      numbers_.Check(expr, scope_);
      return;
    }
    if (!option(right, left)) Check(left);
    if (!option(left, right)) Check(right);
  }

  bool IsChoice(const ast::Expr& expr) const {
    if (expr.kind != ast::Expr::Kind::kName) return false;
    const Scope::Name* name = scope_.Find(expr.text);
    return name != nullptr && name->kind == Scope::Kind::kChoice;
  }

  void CheckName(const ast::Expr& expr) {
    if (IsProved(expr.text) || IsPath(expr)) return;
    if (expr.text == "memory") {
      context_.diagnostics
          .Report(kNotProvable, expr.location,
                  "'memory' depends on the batch, which a space has not")
          .fix =
          "a search may bound what a step of training takes: `require memory <= 2e9` inside of it";
      return;
    }
    if (expr.text == "latency") {
      context_.diagnostics.Report(kNotProvable, expr.location, "'latency' is measured, not proven")
          .fix = "the objective of a search may use it";
      return;
    }
    const Scope::Name* name = scope_.Find(expr.text);
    if (name != nullptr || IsConstant(expr.text)) {
      numbers_.Check(expr, scope_);
      return;
    }
    Diagnostic& diagnostic = context_.diagnostics.Report(
        kUnknownName, expr.location, absl::StrCat("unknown name '", expr.text, "'"));
    context_.Suggest(diagnostic, expr.text, [&] {
      std::vector<std::string> known = scope_.Numbers();
      for (const char* word : {"weights", "macs", "activations", "count"}) known.emplace_back(word);
      return known;
    });
  }

  // `count(skip_connect)`, `count(normal.none)`: how often a candidate is taken.
  void CheckCount(const ast::Expr& expr) {
    if (expr.text != "count") {
      context_.diagnostics.Report(kNotANumber, expr.location,
                                  absl::StrCat("'", expr.text, "(...)' is not a number"));
      return;
    }
    const bool fits = expr.args.size() == 1 && !expr.args[0].name.has_value() &&
                      expr.args[0].expr.has_value() &&
                      expr.args[0].expr->kind == ast::Expr::Kind::kName;
    if (fits) return;
    context_.diagnostics
        .Report(kMissingArgument, expr.location, "`count` takes the name of a candidate")
        .fix = "count(none), or count(normal.none) for those below a path";
  }

  const Scope& scope_;
  NumberChecker& numbers_;
  CheckContext& context_;
};

}  // namespace

void CheckRequirements(const Scope& scope, NumberChecker& numbers, CheckContext& context) {
  const ast::File& file = context.module.file;
  NameSet scales;
  for (const ast::ScaleDecl& scale : file.scales) scales.insert(scale.name.text);
  for (const ast::Require& require : file.requirements) {
    RequireChecker(scope, numbers, context).Check(require.condition);
    if (file.networks.empty()) {
      context.diagnostics.Report(kMisplaced, require.location,
                                 "a requirement in a file without a network");
    }
    if (!require.scale.has_value() || scales.contains(require.scale->text)) continue;
    Diagnostic& diagnostic =
        context.diagnostics.Report(kUnknownScale, require.scale->location,
                                   absl::StrCat("unknown scale '", require.scale->text, "'"));
    context.Suggest(diagnostic, require.scale->text, [&] {
      std::vector<std::string> known(scales.begin(), scales.end());
      absl::c_sort(known);
      return known;
    });
  }
}

}  // namespace nasc
