#include "compiler/decision_weights.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nasc {

ir::ValueId DecisionWeights::Of(ir::DecisionId decision, const Location& location) {
  const auto [it, fresh] = made_.emplace(decision, 0);
  if (!fresh) return it->second;
  const std::string& path = graph_.decisions[decision].path;
  ir::Instruction logits;
  logits.name = absl::StrCat("logits.", path);
  logits.op = "logits";
  logits.decision = decision;
  logits.type.dims = {static_cast<int64_t>(graph_.decisions[decision].options.size())};
  logits.location = location;
  ir::Instruction softmax;
  softmax.name = absl::StrCat("weights.", path);
  softmax.op = "softmax";
  softmax.operands = {static_cast<ir::ValueId>(graph_.instructions.size())};
  softmax.type = logits.type;
  softmax.location = location;
  graph_.instructions.push_back(std::move(logits));
  graph_.instructions.push_back(std::move(softmax));
  it->second = static_cast<ir::ValueId>(graph_.instructions.size()) - 1;
  return it->second;
}

}  // namespace nasc
