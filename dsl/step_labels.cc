#include "dsl/step_labels.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace nasc {
namespace {

class Labeler {
 public:
  void Label(std::vector<ast::Chain*> chains) {
    for (const bool assign : {false, true}) {
      assign_ = assign;
      seen_.clear();
      for (ast::Chain* chain : chains) Visit(*chain);
      if (!assign) totals_ = seen_;
    }
  }

 private:
  void Name(const std::string& callee, std::string& label) {
    const int ordinal = ++seen_[callee];
    if (!assign_) return;
    label = callee;
    if (totals_[callee] < 2) return;
    absl::StrAppend(&label, ordinal);
    // `conv -> conv -> conv1`: the label of the first is no other's name.
    while (totals_.contains(label) || !taken_.insert(label).second) label += '_';
  }

  void Visit(std::vector<ast::Arg>& args) {
    for (ast::Arg& arg : args) {
      if (arg.chain.has_value()) {
        Visit(*arg.chain);
      } else if (arg.expr->kind == ast::Expr::Kind::kName ||
                 arg.expr->kind == ast::Expr::Kind::kCall) {
        // A bare name or call may turn out to be a chain of one step.
        Visit(arg.expr->args);
        Name(arg.expr->text, arg.label);
      }
    }
  }

  // Candidates on the spot are scopes of their own, labelled where they are built.
  void Visit(ast::Chain& chain) {
    for (ast::Step& step : chain.steps) {
      Visit(step.args);
      for (ast::Chain& branch : step.branches) Visit(branch);
      Name(Word(step), step.label);
    }
  }

  static std::string Word(const ast::Step& step) {
    switch (step.kind) {
      case ast::Step::Kind::kCall:
        return step.callee.text;
      case ast::Step::Kind::kWhen:
        return "when";
      case ast::Step::Kind::kRepeat:
        return "repeat";
      case ast::Step::Kind::kOneOf:
        return step.callee.text.empty() ? "op" : step.callee.text;
      case ast::Step::Kind::kNone:
        return "none";
    }
    return "";
  }

  bool assign_ = false;
  absl::flat_hash_map<std::string, int> seen_;
  absl::flat_hash_map<std::string, int> totals_;
  absl::flat_hash_set<std::string> taken_;  // labels with an ordinal
};

}  // namespace

void LabelSteps(std::vector<ast::Chain*> chains) { Labeler().Label(std::move(chains)); }

}  // namespace nasc
