#include "compiler/algebra/term_builder.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/taken.h"
#include "glog/logging.h"

namespace nasc {
namespace {

constexpr TermId kAbsent = -1;  // what is left out of a concatenation

bool IsOpen(const ir::Instruction& instruction) {
  return absl::c_any_of(instruction.type.dims, [](const ir::Dim& dim) { return dim.is_open(); }) ||
         absl::c_any_of(instruction.attributes, [](const ir::Attribute& attribute) {
           const ir::Dim* dim = std::get_if<ir::Dim>(&attribute.value);
           return dim != nullptr && dim->is_open();
         });
}

// A window of one pixel, without padding or offset.
bool IsOnePixel(const ir::Instruction& instruction) {
  for (const auto& [name, value] :
       {std::make_pair("kernel", 1), std::make_pair("kernel_width", 1),
        std::make_pair("padding", 0), std::make_pair("padding_width", 0)}) {
    const ir::AttributeValue* attribute = ir::FindAttribute(instruction, name);
    if (attribute != nullptr && std::get<ir::Dim>(*attribute) != ir::Dim(value)) return false;
  }
  return true;
}

int FirstWeight(const ir::Graph& graph, const ir::Instruction& instruction) {
  for (const ir::ParamId id : instruction.params) {
    if (graph.params[id].role == ir::Param::Role::kWeight) return id;
  }
  return -1;
}

}  // namespace

TermBuilder::TermBuilder(const ir::Graph& graph, const RuleSet& rules)
    : graph_(graph), sharing_(rules.sharing), value_(graph.instructions.size(), kAbsent) {
  CHECK_EQ(graph.results.size(), 1u);
  const auto params = static_cast<int>(graph.params.size());
  for (size_t i = 0; i < graph.instructions.size(); ++i) {
    const ir::Instruction& instruction = graph.instructions[i];
    const Primitive* primitive = FindPrimitive(instruction.op);
    Step step;
    step.algebra = primitive->algebra;
    step.zero_to_zero = primitive->zero_to_zero != nullptr && primitive->zero_to_zero(instruction);
    step.open = IsOpen(instruction);
    step.identity = FirstWeight(graph, instruction);
    if (step.algebra == Algebra::kWindow) {
      step.algebra = IsOnePixel(instruction) ? Algebra::kPixel : Algebra::kNone;
    }
    if (step.algebra == Algebra::kRandom) step.identity = params + static_cast<int>(i);
    if (!sharing_) step.identity = -1;
    if (!step.open) {
      step.label = LabelOf(instruction, nullptr);
      step.zeros = ZerosOf(instruction.type, nullptr);
    }
    steps_.push_back(step);
  }
  sum_ = hasher_.Add("sum").Take();
  if (rules.whole_candidates) FindRegions();
}

// Lowering names what belongs to a candidate below the choice and the candidate, and writes it just
// before the choice. Of choices inside choices the outer one counts.
void TermBuilder::FindRegions() {
  for (size_t i = 0; i < graph_.instructions.size(); ++i) {
    const ir::Instruction& choice = graph_.instructions[i];
    if (choice.op != "select" && choice.op != "switch") continue;
    const std::string below = absl::StrCat(choice.name, ".");
    const int first = static_cast<int>(regions_.size());
    regions_.resize(first + choice.labels.size());
    for (size_t k = i; k-- > 0;) {
      const std::string& name = graph_.instructions[k].name;
      if (!absl::StartsWith(name, below)) break;
      const absl::string_view rest = absl::string_view(name).substr(below.size());
      const absl::string_view candidate = rest.substr(0, rest.find('.'));
      const auto label = absl::c_find(choice.labels, candidate);
      if (label == choice.labels.end()) continue;
      steps_[k].region = first + static_cast<int>(label - choice.labels.begin());
    }
  }
}

Hash128 TermBuilder::LabelOf(const ir::Instruction& instruction, const Architecture* architecture) {
  hasher_.Add(instruction.op == "subset" ? instruction.combiner : instruction.op);
  for (const ir::Attribute& attribute : instruction.attributes) {
    hasher_.Add(attribute.name);
    if (const double* real = std::get_if<double>(&attribute.value)) {
      hasher_.Add(absl::StrCat(*real));
    } else {
      hasher_.Add(
          static_cast<uint64_t>(FixDim(std::get<ir::Dim>(attribute.value), architecture).value()));
    }
  }
  return hasher_.Take();
}

Hash128 TermBuilder::ZerosOf(const ir::TensorType& type, const Architecture* architecture) {
  hasher_.Add("zeros");
  for (const ir::Dim& dim : type.dims) {
    hasher_.Add(dim.is_batch() ? 0 : static_cast<uint64_t>(FixDim(dim, architecture).value()));
  }
  return hasher_.Take();
}

TermId TermBuilder::Build(const Architecture& architecture) {
  terms_.Clear();
  facts_.clear();
  for (Region& region : regions_) {
    region.arguments.clear();
    region.places.clear();
  }
  const std::vector<bool> needed = Needed(graph_, &architecture);
  for (size_t i = 0; i < needed.size(); ++i) {
    if (needed[i]) value_[i] = Write(static_cast<ir::ValueId>(i), architecture);
  }
  return value_[graph_.results[0].value];
}

TermId TermBuilder::Add(const Hash128& label, TermIds operands, bool unordered, int identity,
                        const Fact& fact) {
  const TermId term = terms_.Add(label, std::move(operands), unordered, identity);
  if (static_cast<size_t>(term) == facts_.size()) facts_.push_back(fact);
  return term;
}

TermId TermBuilder::Write(ir::ValueId id, const Architecture& architecture) {
  const ir::Instruction& instruction = graph_.instruction(id);
  const Step& step = steps_[id];
  const absl::string_view op = instruction.op;
  if (op == "absent") return kAbsent;
  TermIds operands = OperandsOf(instruction, step, architecture);
  if (step.algebra == Algebra::kSame) return operands[0];
  const Algebra algebra =
      op == "subset" ? FindPrimitive(instruction.combiner)->algebra : step.algebra;
  const Hash128 label = step.open ? LabelOf(instruction, &architecture) : step.label;
  return Combine(instruction, algebra, label, std::move(operands), step, architecture);
}

TermIds TermBuilder::OperandsOf(const ir::Instruction& instruction, const Step& step,
                                const Architecture& architecture) {
  TermIds operands;
  for (const ir::ValueId taken : OperandsTaken(graph_, instruction, &architecture)) {
    const int from = steps_[taken].region;
    TermId operand = value_[taken];
    if (from != step.region) {
      if (from >= 0) operand = Outside(instruction, taken, step, architecture);
      if (step.region >= 0) operand = PlaceOf(regions_[step.region], operand);
    }
    operands.push_back(operand);
  }
  return operands;
}

// What the candidate is where it is used.
TermId TermBuilder::Outside(const ir::Instruction& instruction, ir::ValueId taken, const Step& step,
                            const Architecture& architecture) {
  const Region& region = regions_[steps_[taken].region];
  const TermId inside = value_[taken];
  if (inside == kAbsent || IsZeros(inside)) return inside;
  const auto place = absl::c_find(region.places, inside);
  if (place != region.places.end()) return region.arguments[place - region.places.begin()];
  const bool of_zeros =
      absl::c_all_of(region.arguments, [this](TermId argument) { return IsZeros(argument); });
  if (of_zeros && facts_[inside].passes) {
    return Zeros(step.open ? ZerosOf(instruction.type, &architecture) : step.zeros);
  }
  hasher_.Add("candidate").Add(terms_[inside].tree);
  const Hash128 label = hasher_.Take();
  return Add(label, region.arguments, false, sharing_ ? static_cast<int>(taken) : -1, {});
}

TermId TermBuilder::PlaceOf(Region& region, TermId argument) {
  if (argument == kAbsent) return kAbsent;
  const auto known = absl::c_find(region.arguments, argument);
  const size_t index = known - region.arguments.begin();
  if (known != region.arguments.end()) return region.places[index];
  hasher_.Add("argument").Add(index);
  const Hash128 label = hasher_.Take();
  Fact fact;
  fact.passes = true;
  const TermId place = Add(label, {}, false, -1, fact);
  region.arguments.push_back(argument);
  region.places.push_back(place);
  return place;
}

TermId TermBuilder::Combine(const ir::Instruction& instruction, Algebra algebra, Hash128 label,
                            TermIds operands, const Step& step, const Architecture& architecture) {
  const Hash128 zeros = step.open ? ZerosOf(instruction.type, &architecture) : step.zeros;
  const auto is_zeros = [this](TermId term) { return IsZeros(term); };
  if (algebra == Algebra::kZeros) return Zeros(zeros);
  if (algebra == Algebra::kSum) {
    Counts counts;
    for (const TermId operand : operands) Count(operand, 1, counts);
    return SumOf(counts, zeros);
  }
  if (algebra == Algebra::kJoin) {
    operands.erase(std::remove(operands.begin(), operands.end(), kAbsent), operands.end());
  }
  if (algebra == Algebra::kNormal) operands = {WithoutConstants(operands[0], zeros)};
  const bool product = algebra == Algebra::kProduct;
  if ((product || algebra == Algebra::kJoin) && operands.size() == 1) return operands[0];
  if (product && absl::c_any_of(operands, is_zeros)) return Zeros(zeros);
  if (!operands.empty() && step.zero_to_zero && absl::c_all_of(operands, is_zeros)) {
    return Zeros(zeros);
  }
  Fact fact;
  fact.linear = algebra == Algebra::kLinear || algebra == Algebra::kMean;
  fact.passes = step.zero_to_zero && !operands.empty() &&
                absl::c_all_of(operands, [this](TermId term) { return facts_[term].passes; });
  const bool of_constants = !operands.empty() && absl::c_all_of(operands, [this](TermId term) {
    return facts_[term].constant;
  });
  fact.constant = of_constants && (algebra == Algebra::kPixel || algebra == Algebra::kNormal);
  if (algebra == Algebra::kMean && IsSum(operands[0]) && SameShapes(instruction, architecture)) {
    // The mean of a + c is that of a, and c, where c is constant.
    Counts counts;
    Count(operands[0], 1, counts);
    const TermId varying = WithoutConstants(operands[0], zeros);
    if (varying != operands[0]) {
      for (auto it = counts.begin(); it != counts.end();) {
        it = facts_[it->first].constant ? std::next(it) : counts.erase(it);
      }
      Count(Combine(instruction, algebra, label, {varying}, step, architecture), 1, counts);
      return SumOf(counts, zeros);
    }
  }
  if (of_constants && (algebra == Algebra::kMean || algebra == Algebra::kGreatest) &&
      SameShapes(instruction, architecture)) {
    return operands[0];
  }
  bool unordered = algebra == Algebra::kUnordered;
  if (product && SameShapes(instruction, architecture)) {
    unordered = true;
    TermIds flat;
    for (const TermId operand : operands) {
      const bool inner = terms_[operand].label == label && terms_[operand].unordered;
      if (inner) {
        absl::c_copy(terms_[operand].operands, std::back_inserter(flat));
      } else {
        flat.push_back(operand);
      }
    }
    operands = std::move(flat);
  }
  return Add(label, std::move(operands), unordered, step.identity, fact);
}

void TermBuilder::Count(TermId term, uint64_t times, Counts& counts) const {
  if (IsZeros(term)) return;
  if (facts_[term].repeated >= 0) {
    Count(facts_[term].repeated, times * facts_[term].times, counts);
  } else if (IsSum(term)) {
    for (const TermId operand : terms_[term].operands) Count(operand, times, counts);
  } else {
    counts[term] += times;
  }
}

TermId TermBuilder::SumOf(const Counts& counts, const Hash128& zeros) {
  // By linear operation, what it is applied to; what stands alone stays as it is.
  absl::btree_map<Hash128, Counts> applied;
  Counts rest;
  for (const auto& [term, times] : counts) {
    if (facts_[term].linear) {
      Count(terms_[term].operands[0], times, applied[terms_[term].label]);
    } else {
      rest[term] += times;
    }
  }
  for (const auto& [label, inner] : applied) {
    Fact fact;
    fact.linear = true;
    const TermId operand = SumOf(inner, zeros);
    fact.passes = facts_[operand].passes;
    rest[Add(label, {operand}, false, -1, fact)] += 1;
  }
  if (rest.empty()) return Zeros(zeros);
  TermIds operands;
  for (const auto& [term, times] : rest) operands.push_back(Times(term, times));
  if (operands.size() == 1) return operands[0];
  Fact fact;
  fact.passes = absl::c_all_of(operands, [this](TermId term) { return facts_[term].passes; });
  fact.constant = absl::c_all_of(operands, [this](TermId term) { return facts_[term].constant; });
  return Add(sum_, std::move(operands), true, -1, fact);
}

TermId TermBuilder::WithoutConstants(TermId term, const Hash128& zeros) {
  if (facts_[term].constant) return Zeros(zeros);
  if (!IsSum(term)) return term;
  Counts counts;
  Count(term, 1, counts);
  for (auto it = counts.begin(); it != counts.end();) {
    it = facts_[it->first].constant ? counts.erase(it) : std::next(it);
  }
  return SumOf(counts, zeros);
}

TermId TermBuilder::Times(TermId term, uint64_t times) {
  if (times == 1) return term;
  Fact fact = facts_[term];
  fact.linear = false;
  fact.repeated = term;
  fact.times = times;
  hasher_.Add("times").Add(times);
  const Hash128 label = hasher_.Take();
  return Add(label, {term}, false, -1, fact);
}

bool TermBuilder::SameShapes(const ir::Instruction& instruction,
                             const Architecture& architecture) const {
  const auto fixed = [&](const ir::TensorType& type) {
    std::vector<int64_t> dims;
    for (const ir::Dim& dim : type.dims) {
      dims.push_back(dim.is_batch() ? 0 : FixDim(dim, &architecture).value());
    }
    return dims;
  };
  const std::vector<int64_t> result = fixed(instruction.type);
  return absl::c_all_of(
      OperandsTaken(graph_, instruction, &architecture),
      [&](ir::ValueId operand) { return fixed(graph_.instruction(operand).type) == result; });
}

}  // namespace nasc
