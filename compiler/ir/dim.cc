#include "compiler/ir/dim.h"

#include <limits>
#include <sstream>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"

namespace nasc::ir {
namespace {

using Number = Diagram<int64_t>;
using Leaf = std::optional<int64_t>;

// Names the payload of a status that holds an assignment as numbers.
constexpr char kCounterexample[] = "nasc/counterexample";

// A sum that is one diagram of more nodes stays a sum of several.
constexpr size_t kMostNodesOfSum = 200;
constexpr size_t kMostParts = 1000;  // of a product of sums

// Sums, differences and products of dims that come from a text may be too large. They become the
// greatest or least number then, which nobody takes for a size that fits.
int64_t Limit(bool negative) {
  return negative ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

int64_t Add(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? Limit(a < 0) : sum;
}

int64_t Multiply(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? Limit((a < 0) != (b < 0)) : product;
}

absl::StatusOr<Number> Sum(const Number& a, const Number& b, size_t most) {
  return Apply<int64_t, int64_t, int64_t>(
      a, b, [](int64_t x, int64_t y) -> absl::StatusOr<int64_t> { return Add(x, y); }, most);
}

absl::StatusOr<Number> Product(const Number& a, const Number& b) {
  return Apply<int64_t, int64_t, int64_t>(
      a, b, [](int64_t x, int64_t y) -> absl::StatusOr<int64_t> { return Multiply(x, y); });
}

absl::flat_hash_set<Variable> Support(const Number& diagram) {
  absl::flat_hash_set<Variable> variables;
  ForEachNode(diagram, [&](const Number& node) {
    if (node.is_choice()) variables.insert(node.variable());
  });
  return variables;
}

// Of a diagram, the leaf that always taking the first defined branch leads to.
int64_t FirstLeaf(const Number& diagram) {
  std::optional<int64_t> first;
  absl::flat_hash_set<const void*> seen;
  const std::function<void(const Number&)> visit = [&](const Number& node) {
    if (first.has_value() || !seen.insert(node.identity()).second) return;
    if (node.is_leaf()) first = node.maybe_leaf();
    for (const Number& branch : node.branches()) visit(branch);
  };
  visit(diagram);
  return first.value_or(0);
}

Number Plus(const Number& diagram, int64_t constant) {
  if (constant == 0) return diagram;
  // No more nodes than before.
  return *Sum(diagram, Number(constant), std::numeric_limits<size_t>::max() / 16);
}

}  // namespace

void DimSum::Add(const Dim& dim) {
  constant_ = ir::Add(constant_, dim.constant_);
  for (const Number& term : dim.terms_) Add(term);
  if (dim.kind_ != Dim::Kind::kNumber) kind_ = Dim::Kind::kTooComplex;
}

void DimSum::Add(Number term) {
  if (kind_ != Dim::Kind::kNumber) return;
  if (term.is_leaf() && !term.is_undefined()) {
    constant_ = ir::Add(constant_, term.leaf());
    return;
  }
  const absl::flat_hash_set<Variable> support = Support(term);
  std::vector<Variable> variables(support.begin(), support.end());
  std::sort(variables.begin(), variables.end());
  const auto [it, fresh] = added_index_.try_emplace(std::move(variables), added_.size());
  if (!fresh) {
    Number& alike = added_[it->second];
    absl::StatusOr<Number> both = Sum(term, alike, kMostNodesOfSum);
    if (both.ok()) {
      alike = *std::move(both);
      return;
    }
    it->second = added_.size();
  }
  added_.push_back(std::move(term));
}

void DimSum::AddApart(Number term) {
  if (term.is_leaf() && !term.is_undefined()) {
    constant_ = ir::Add(constant_, term.leaf());
  } else {
    parts_.push_back({term, Support(term)});
  }
}

void DimSum::Join(Number term) {
  if (term.is_leaf() && !term.is_undefined()) {  // terms that together are a number
    constant_ = ir::Add(constant_, term.leaf());
    return;
  }
  absl::flat_hash_set<Variable> support = Support(term);
  for (size_t i = 0; i < parts_.size();) {
    Part& part = parts_[i];
    const auto& smaller = support.size() < part.support.size() ? support : part.support;
    const auto& larger = support.size() < part.support.size() ? part.support : support;
    const bool apart = std::none_of(smaller.begin(), smaller.end(),
                                    [&](const Variable& v) { return larger.contains(v); });
    if (apart && !term.is_undefined() && !part.diagram.is_undefined()) {
      ++i;
      continue;
    }
    absl::StatusOr<Number> both = Sum(term, part.diagram, kMostNodesOfSum);
    if (!both.ok()) break;  // with others it would be larger still
    parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(i));
    term = *std::move(both);
    if (term.is_leaf() && !term.is_undefined()) {
      constant_ = ir::Add(constant_, term.leaf());
      return;
    }
    support = Support(term);
    i = 0;
  }
  parts_.push_back({std::move(term), std::move(support)});
}

Dim DimSum::Take() {
  for (Number& term : std::exchange(added_, {})) Join(std::move(term));
  Dim dim(constant_);
  dim.kind_ = kind_;
  std::vector<Part> parts = std::move(parts_);
  *this = DimSum();
  if (dim.kind_ != Dim::Kind::kNumber || parts.empty()) return dim;
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
    if (!a.diagram.is_choice() || !b.diagram.is_choice()) return b.diagram.is_choice();
    return a.diagram.variable() < b.diagram.variable();
  });
  if (parts.size() == 1) {
    dim.terms_.push_back(Plus(parts[0].diagram, dim.constant_));
    dim.constant_ = 0;
    return dim;
  }
  for (Part& part : parts) {
    const int64_t first = FirstLeaf(part.diagram);
    dim.constant_ = ir::Add(dim.constant_, first);
    dim.terms_.push_back(Plus(part.diagram, -first));
  }
  return dim;
}

Dim DimSum::TakeApart() {
  for (Number& term : std::exchange(added_, {})) AddApart(std::move(term));
  return Take();
}

Dim::Dim(const Diagram<int64_t>& diagram) {
  if (diagram.is_leaf() && !diagram.is_undefined()) {
    constant_ = diagram.leaf();
  } else {
    terms_.push_back(diagram);
  }
}

Dim Dim::Batch() {
  Dim dim;
  dim.kind_ = Kind::kBatch;
  return dim;
}

Dim Dim::TooComplex() {
  Dim dim;
  dim.kind_ = Kind::kTooComplex;
  return dim;
}

absl::StatusOr<Diagram<int64_t>> Dim::ToDiagram() const {
  if (is_batch()) return absl::InvalidArgumentError("the batch is no number");
  if (is_too_complex()) {
    return absl::ResourceExhaustedError("it depends on too many decisions at once");
  }
  Number sum(constant_);
  if (terms_.size() == 1) return Plus(terms_[0], constant_);
  for (const Number& term : terms_) {
    absl::StatusOr<Number> next = Sum(sum, term, kMostNodes);
    if (!next.ok()) return next.status();
    sum = *std::move(next);
  }
  return sum;
}

Dim Dim::Fix(const Pick& pick) const {
  if (kind_ != Kind::kNumber || terms_.empty()) return *this;
  DimSum sum;
  sum.Add(Dim(constant_));
  for (const Number& term : terms_) sum.Add(ir::Fix(term, pick));
  return sum.Take();
}

std::optional<int64_t> Dim::At(const Pick& pick) const {
  if (kind_ != Kind::kNumber) return std::nullopt;
  int64_t sum = constant_;
  for (const Number& term : terms_) {
    const Leaf& leaf = ir::At(term, pick);
    if (!leaf.has_value()) return std::nullopt;
    sum = Add(sum, *leaf);
  }
  return sum;
}

namespace {

// The least or greatest leaf of a diagram.
int64_t Extreme(const Number& diagram, bool greatest) {
  std::optional<int64_t> extreme;
  ForEachNode(diagram, [&](const Number& node) {
    if (!node.is_leaf() || node.is_undefined()) return;
    if (!extreme.has_value() || (node.leaf() > *extreme) == greatest) extreme = node.leaf();
  });
  return extreme.value_or(0);
}

}  // namespace

int64_t Dim::Min() const {
  int64_t sum = constant_;
  for (const Number& term : terms_) sum = Add(sum, Extreme(term, false));
  return sum;
}

int64_t Dim::Max() const {
  int64_t sum = constant_;
  for (const Number& term : terms_) sum = Add(sum, Extreme(term, true));
  return sum;
}

bool Dim::DependsOn(DecisionId decision) const {
  return std::any_of(terms_.begin(), terms_.end(), [&](const Number& term) {
    return ir::DependsOn(term, [&](const Variable& v) { return v.decision == decision; });
  });
}

bool operator==(const Dim& a, const Dim& b) {
  if (a.kind_ != b.kind_) return false;
  if (a.kind_ == Dim::Kind::kBatch) return true;
  if (a.kind_ == Dim::Kind::kTooComplex) return false;
  if (a.constant_ == b.constant_ && a.terms_ == b.terms_) return true;
  if (a.terms_.size() <= 1 && b.terms_.size() <= 1) return false;
  const absl::StatusOr<Number> x = a.ToDiagram();
  const absl::StatusOr<Number> y = b.ToDiagram();
  return x.ok() && y.ok() && *x == *y;
}

absl::StatusOr<Dim> Apply(const Dim& a, const Dim& b,
                          const std::function<absl::StatusOr<int64_t>(int64_t, int64_t)>& f) {
  if (a.is_constant() && b.is_constant()) {
    const absl::StatusOr<int64_t> value = f(a.value(), b.value());
    if (!value.ok()) return value.status();
    return Dim(*value);
  }
  const absl::StatusOr<Number> x = a.ToDiagram();
  if (!x.ok()) return x.status();
  const absl::StatusOr<Number> y = b.ToDiagram();
  if (!y.ok()) return y.status();
  Assignment failed;
  const absl::StatusOr<Number> result =
      Apply<int64_t, int64_t, int64_t>(*x, *y, f, kMostNodes, &failed);
  if (!result.ok()) return WithCounterexample(result.status(), failed);
  return Dim(*result);
}

absl::StatusOr<Dim> Apply(const Dim& a, const std::function<absl::StatusOr<int64_t>(int64_t)>& f) {
  return Apply(a, Dim(0), [&f](int64_t x, int64_t) { return f(x); });
}

absl::Status WithCounterexample(absl::Status status, const Assignment& assignment) {
  if (assignment.empty()) return status;
  std::string text;
  for (const auto& [variable, branch] : assignment) {
    absl::StrAppend(&text, variable.decision, " ", variable.option, " ", branch, " ");
  }
  status.SetPayload(kCounterexample, absl::Cord(text));
  return status;
}

Assignment CounterexampleOf(const absl::Status& status) {
  Assignment assignment;
  const absl::optional<absl::Cord> payload = status.GetPayload(kCounterexample);
  if (!payload.has_value()) return assignment;
  std::istringstream numbers{std::string(*payload)};
  std::pair<Variable, int> next;
  while (numbers >> next.first.decision >> next.first.option >> next.second) {
    assignment.push_back(next);
  }
  return assignment;
}

Dim operator+(const Dim& a, const Dim& b) {
  if (a.is_constant() && b.is_constant()) return Dim(Add(a.value(), b.value()));
  DimSum sum;
  sum.Add(a);
  sum.Add(b);
  return sum.Take();
}

Dim operator-(const Dim& a, const Dim& b) {
  int64_t negative = 0;
  if (b.is_constant() && !__builtin_sub_overflow(0, b.value(), &negative)) return a + negative;
  return a + b * Dim(-1);
}

Dim operator*(const Dim& a, const Dim& b) {
  if (a.is_constant() && b.is_constant()) return Dim(Multiply(a.value(), b.value()));
  // Each part of one sum with each of the other.
  const auto parts = [](const Dim& dim) {
    std::vector<Number> list = dim.terms();
    if (dim.constant() != 0 || list.empty()) list.emplace_back(dim.constant());
    return list;
  };
  if (!a.is_number() || !b.is_number()) return Dim::TooComplex();
  const std::vector<Number> of_a = parts(a);
  const std::vector<Number> of_b = parts(b);
  if (of_a.size() * of_b.size() > kMostParts) return Dim::TooComplex();
  DimSum sum;
  for (const Number& x : of_a) {
    for (const Number& y : of_b) {
      absl::StatusOr<Number> product = Product(x, y);
      if (!product.ok()) return Dim::TooComplex();
      sum.Add(*std::move(product));
    }
  }
  return sum.Take();
}

Dim Restrict(const Dim& dim, const Condition& condition) {
  if (!dim.is_number() || (condition.is_leaf() && condition.maybe_leaf().value_or(false))) {
    return dim;
  }
  const absl::StatusOr<Number> diagram = dim.ToDiagram();
  if (!diagram.ok()) return dim;
  const absl::StatusOr<Number> restricted = Restrict(*diagram, condition);
  // What is known of more places than needed is right, too.
  return restricted.ok() ? Dim(*restricted) : dim;
}

Dim Switch(const Dim& index, const std::vector<Dim>& options) {
  if (index.is_constant()) {
    const bool known = index.value() >= 0 && index.value() < static_cast<int64_t>(options.size());
    return known ? options[index.value()] : Dim::Undefined();
  }
  const bool all_equal = std::all_of(options.begin(), options.end(),
                                     [&](const Dim& option) { return option == options[0]; });
  if (all_equal) return options[0];
  const absl::StatusOr<Number> which = index.ToDiagram();
  const bool numbers = std::all_of(options.begin(), options.end(),
                                   [](const Dim& option) { return option.is_number(); });
  if (!which.ok() || !numbers) return Dim::TooComplex();
  const auto is = [&](int64_t k) {
    return ApplyToLeaves<int64_t, int64_t, bool>(
        *which, Condition(true), [k](const Leaf& i, const std::optional<bool>&) {
          return absl::StatusOr<Leaf>(i.has_value() ? Leaf(*i == k ? 1 : 0) : Leaf());
        });
  };
  // First as one diagram, which tells undefined places apart.
  Number result = Number::Undefined();
  bool small = true;
  for (size_t k = 0; k < options.size() && small; ++k) {
    const absl::StatusOr<Number> option = options[k].ToDiagram();
    const absl::StatusOr<Number> taken = is(static_cast<int64_t>(k));
    small = option.ok() && taken.ok();
    if (!small) break;
    const absl::StatusOr<Number> part = ApplyToLeaves<int64_t, int64_t, int64_t>(
        *taken, *option, [](const Leaf& yes, const Leaf& value) {
          return absl::StatusOr<Leaf>(yes == Leaf(1) ? value : Leaf());
        });
    small = part.ok();
    if (!small) break;
    absl::StatusOr<Number> both = ApplyToLeaves<int64_t, int64_t, int64_t>(
        result, *part,
        [](const Leaf& x, const Leaf& y) { return absl::StatusOr<Leaf>(x.has_value() ? x : y); });
    small = both.ok();
    if (small) result = *std::move(both);
  }
  if (small) return Dim(result);
  // sum over the options of [this one is taken] * its value
  Dim sum = 0;
  for (size_t k = 0; k < options.size(); ++k) {
    const absl::StatusOr<Number> taken = is(static_cast<int64_t>(k));
    if (!taken.ok()) return Dim::TooComplex();
    sum = sum + Dim(*taken) * options[k];
  }
  return sum;
}

Dim FromCondition(const Condition& condition) {
  // No more nodes than before.
  return Dim(*ApplyToLeaves<int64_t, bool, bool>(
      condition, Condition(true),
      [](const std::optional<bool>& holds, const std::optional<bool>&) {
        return absl::StatusOr<Leaf>(holds.has_value() ? Leaf(*holds ? 1 : 0) : Leaf());
      },
      std::numeric_limits<size_t>::max() / 16));
}

absl::StatusOr<Condition> ToCondition(const Dim& dim) {
  const absl::StatusOr<Number> diagram = dim.ToDiagram();
  if (!diagram.ok()) return diagram.status();
  return ApplyToLeaves<bool, int64_t, bool>(
      *diagram, Condition(true), [](const Leaf& value, const std::optional<bool>&) {
        return absl::StatusOr<std::optional<bool>>(
            value.has_value() ? std::optional<bool>(*value != 0) : std::nullopt);
      });
}

bool Agree(const Dim& a, const Dim& b, Assignment* failed) {
  if (a == b) return true;
  if (!a.is_number() || !b.is_number() || (a.is_constant() && b.is_constant())) return false;
  const absl::StatusOr<Dim> both = Apply(a, b, [](int64_t x, int64_t y) -> absl::StatusOr<int64_t> {
    if (x != y) return absl::InvalidArgumentError("unlike");
    return x;
  });
  if (!both.ok() && failed != nullptr) *failed = CounterexampleOf(both.status());
  return both.ok();
}

namespace {

class DiagramPrinter {
 public:
  explicit DiagramPrinter(const std::function<std::string(const Variable&)>& name) : name_(name) {}

  void CountUses(const Number& diagram) {
    if (++uses_[diagram.identity()] > 1) return;
    for (const Number& branch : diagram.branches()) CountUses(branch);
  }

  std::string Print(const Number& diagram) {
    if (diagram.is_leaf()) {
      return diagram.is_undefined() ? "_" : absl::StrCat(diagram.leaf());
    }
    std::string label;
    if (uses_[diagram.identity()] > 1) {
      const auto [it, fresh] = labels_.emplace(diagram.identity(), labels_.size() + 1);
      if (!fresh) return absl::StrCat("#", it->second);
      label = absl::StrCat("#", it->second, "=");
    }
    return absl::StrCat(label, "[@", name_(diagram.variable()), ": ",
                        absl::StrJoin(diagram.branches(), "|",
                                      [&](std::string* out, const Number& branch) {
                                        absl::StrAppend(out, Print(branch));
                                      }),
                        "]");
  }

 private:
  const std::function<std::string(const Variable&)>& name_;
  absl::flat_hash_map<const void*, int> uses_;
  absl::flat_hash_map<const void*, size_t> labels_;
};

}  // namespace

std::string ToString(const Dim& dim, const std::function<std::string(const Variable&)>& name) {
  if (dim.is_batch()) return "N";
  if (dim.is_too_complex()) return "?";
  DiagramPrinter printer(name);
  for (const Number& term : dim.terms()) printer.CountUses(term);
  std::vector<std::string> parts;
  if (dim.constant() != 0 || dim.terms().empty()) parts.push_back(absl::StrCat(dim.constant()));
  for (const Number& term : dim.terms()) parts.push_back(printer.Print(term));
  return absl::StrJoin(parts, " + ");
}

}  // namespace nasc::ir
