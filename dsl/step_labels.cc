#include "dsl/step_labels.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

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
  int& Count(std::vector<std::pair<std::string, int>>& counts, const std::string& name) {
    for (auto& [key, count] : counts) {
      if (key == name) return count;
    }
    counts.emplace_back(name, 0);
    return counts.back().second;
  }

  bool IsCallee(const std::string& name) const {
    for (const auto& total : totals_) {
      if (total.first == name) return true;
    }
    return false;
  }

  void Name(const std::string& callee, std::string& label) {
    const int ordinal = ++Count(seen_, callee);
    if (!assign_) return;
    label = callee;
    if (Count(totals_, callee) < 2) return;
    absl::StrAppend(&label, ordinal);
    // `conv -> conv -> conv1`: the label of the first is no other's name.
    while (IsCallee(label) || !taken_.insert(label).second) label += '_';
  }

  void Visit(ast::Chain& chain) {
    for (ast::Step& step : chain.steps) {
      for (ast::Arg& arg : step.args) {
        // A bare call in argument position may turn out to be a chain of one step.
        if (std::optional<ast::Chain> chain_arg = ast::AsChain(arg); chain_arg.has_value()) {
          if (arg.name.has_value()) continue;
          Visit(*chain_arg);
          if (arg.chain.has_value()) {
            arg.chain = std::move(chain_arg);
          } else if (assign_) {
            arg.label = chain_arg->steps[0].label;
            arg.expr->args = std::move(chain_arg->steps[0].args);
          }
        }
      }
      for (ast::Chain& branch : step.branches) Visit(branch);
      if (step.kind == ast::Step::Kind::kCall) Name(step.callee.text, step.label);
      if (step.kind == ast::Step::Kind::kNone) Name("none", step.label);
      if (step.kind == ast::Step::Kind::kOneOf) Name(step.callee.text, step.label);
      if (step.kind == ast::Step::Kind::kWhen) Name("when", step.label);
    }
  }

  bool assign_ = false;
  std::vector<std::pair<std::string, int>> seen_;
  std::vector<std::pair<std::string, int>> totals_;
  std::set<std::string> taken_;  // labels with an ordinal
};

}  // namespace

void LabelSteps(std::vector<ast::Chain*> chains) { Labeler().Label(std::move(chains)); }

}  // namespace nasc
