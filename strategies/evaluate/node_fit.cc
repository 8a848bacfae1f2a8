#include "strategies/evaluate/node_fit.h"

#include <cmath>
#include <cstdlib>
#include <variant>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "compiler/taken.h"

namespace nasc {
namespace {

using Column = std::vector<double>;
using Columns = std::vector<const Column*>;

// How a value is computed from others.
enum class Rule {
  kFeatures,  // no column itself: only `column` takes it
  kColumn,
  kSame,  // one operand, the one that the architecture takes
  kAffine,
  kProduct,
  kPower,
};

struct Operation {
  const char* op;
  Rule rule;
  const char* attribute;  // the whole number that it depends on
};

constexpr Operation kOperations[] = {
    {"features", Rule::kFeatures, nullptr}, {"column", Rule::kColumn, "index"},
    {"select", Rule::kSame, nullptr},       {"switch", Rule::kSame, nullptr},
    {"when_relaxed", Rule::kSame, nullptr}, {"assume", Rule::kSame, nullptr},
    {"identity", Rule::kSame, nullptr},     {"affine", Rule::kAffine, nullptr},
    {"multiply", Rule::kProduct, nullptr},  {"power", Rule::kPower, "exponent"},
};

const Operation* FindOperation(const ir::Instruction& instruction) {
  const auto* const found = absl::c_find_if(
      kOperations, [&](const Operation& operation) { return instruction.op == operation.op; });
  return found == std::end(kOperations) ? nullptr : found;
}

// The architecture is asked where the number depends on decisions.
int64_t AttributeOf(const ir::Instruction& instruction, const Operation& operation,
                    const Architecture& architecture) {
  if (operation.attribute == nullptr) return 0;
  return FixDim(std::get<ir::Dim>(*ir::FindAttribute(instruction, operation.attribute)),
                &architecture)
      .value();
}

Column Product(const Columns& operands) {
  Column product = *operands[0];
  for (size_t k = 1; k < operands.size(); ++k) {
    for (size_t i = 0; i < product.size(); ++i) product[i] *= (*operands[k])[i];
  }
  return product;
}

Column Power(const Column& operand, int64_t exponent) {
  Column power(operand.size(), 1.0);
  for (int64_t k = 0; k < std::abs(exponent); ++k) {
    for (size_t i = 0; i < power.size(); ++i) power[i] *= operand[i];
  }
  if (exponent >= 0) return power;
  for (double& value : power) value = 1 / value;
  return power;
}

Column Surface(const Columns& operands, const LeastSquaresFit& fit, size_t rows) {
  Column told(rows, fit.coefficients.back());
  for (size_t k = 0; k < operands.size(); ++k) {
    for (size_t i = 0; i < rows; ++i) told[i] += fit.coefficients[k] * (*operands[k])[i];
  }
  return told;
}

}  // namespace

int NetworkFit::parameters() const {
  int sum = 0;
  for (const Node& node : nodes) sum += node.fit.rank;
  return sum;
}

NodeFitter::NodeFitter(const ir::Graph& graph, FitRows rows)
    : graph_(&graph), rows_(std::move(rows)), columns_(graph.instructions.size()) {}

absl::StatusOr<NodeFitter> NodeFitter::Create(const ir::Graph& graph, FitRows rows) {
  for (const ir::Instruction& instruction : graph.instructions) {
    const Operation* const operation = FindOperation(instruction);
    const bool column = operation != nullptr && (operation->rule == Rule::kFeatures ||
                                                 instruction.type.dims[1] == ir::Dim(1));
    if (column) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "evaluate fit: '", instruction.name, "' is ",
        operation == nullptr ? "a" : "more than one number a row, by", " `", instruction.op,
        "`; what is fitted is made of `affine` over single features, products and powers"));
  }
  return NodeFitter(graph, std::move(rows));
}

absl::StatusOr<const LeastSquaresFit*> NodeFitter::FitNode(const ir::Instruction& instruction,
                                                           const Columns& operands,
                                                           int64_t structure) {
  const auto known = fits_.find(structure);
  if (known != fits_.end()) return &known->second;
  const auto first = [&](const Column& all) {
    return Column(all.begin(), all.begin() + static_cast<ptrdiff_t>(rows_.fitted));
  };
  if (rows_.fitted <= operands.size()) {
    return absl::InvalidArgumentError(absl::StrCat("evaluate fit: ", rows_.fitted,
                                                   " rows do not fit the ", operands.size() + 1,
                                                   " coefficients of '", instruction.name, "'"));
  }
  std::vector<Column> columns;
  for (const Column* operand : operands) columns.push_back(first(*operand));
  columns.emplace_back(rows_.fitted, 1.0);
  return &fits_.emplace(structure, FitLeastSquares(std::move(columns), first(rows_.target)))
              .first->second;
}

absl::StatusOr<NetworkFit> NodeFitter::Fit(const Architecture& architecture) {
  const std::vector<bool> needed = Needed(*graph_, &architecture);
  std::vector<const Column*> values(graph_->instructions.size());
  std::vector<int64_t> structures(graph_->instructions.size());
  NetworkFit network;
  for (size_t i = 0; i < graph_->instructions.size(); ++i) {
    if (!needed[i]) continue;
    const ir::Instruction& instruction = graph_->instructions[i];
    const Operation& operation = *FindOperation(instruction);
    const std::vector<ir::ValueId> taken = OperandsTaken(*graph_, instruction, &architecture);
    if (operation.rule == Rule::kSame) {
      values[i] = values[taken[0]];
      structures[i] = structures[taken[0]];
      continue;
    }
    const int64_t attribute = AttributeOf(instruction, operation, architecture);
    Structure structure = {static_cast<int64_t>(operation.rule), attribute};
    Columns operands;
    for (const ir::ValueId operand : taken) {
      structure.push_back(structures[operand]);
      operands.push_back(values[operand]);
    }
    structures[i] =
        structures_.emplace(std::move(structure), static_cast<int64_t>(structures_.size()))
            .first->second;
    values[i] = &columns_[i];
    switch (operation.rule) {
      case Rule::kColumn:
        values[i] = &rows_.features[attribute];
        break;
      case Rule::kProduct:
        columns_[i] = Product(operands);
        break;
      case Rule::kPower:
        columns_[i] = Power(*operands[0], attribute);
        break;
      case Rule::kAffine: {
        const auto fit = FitNode(instruction, operands, structures[i]);
        if (!fit.ok()) return fit.status();
        columns_[i] = Surface(operands, **fit, rows_.target.size());
        network.nodes.push_back({static_cast<ir::ValueId>(i), **fit});
        break;
      }
      case Rule::kFeatures:
      case Rule::kSame:
        break;
    }
  }
  network.told = *values[graph_->results[0].value];
  if (!absl::c_all_of(network.told, [](double value) { return std::isfinite(value); })) {
    return absl::OutOfRangeError("a polynomial has a value that is not finite");
  }
  return network;
}

}  // namespace nasc
