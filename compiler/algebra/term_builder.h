#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "compiler/algebra/rule_set.h"
#include "compiler/algebra/terms.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/primitives.h"

namespace nasc {

// Writes what an architecture computes as terms in which the rules have been used: sums are flat,
// zeros and operations that do nothing are gone.
class TermBuilder {
 public:
  // The graph outlives the builder. A graph without decisions has one architecture, `{}`.
  TermBuilder(const ir::Graph& graph, const RuleSet& rules);

  // The term of the graph's only result; terms() are those of this architecture until the next
  // call.
  TermId Build(const Architecture& architecture);
  const Terms& terms() const { return terms_; }

 private:
  // What is known of an instruction before any decision is taken.
  struct Step {
    Algebra algebra = Algebra::kNone;
    bool zero_to_zero = false;
    bool open = false;  // attributes or type depend on decisions
    Hash128 label;      // unless open
    Hash128 zeros;      // the label of zeros of this type, unless open
    int identity = -1;
    int region = -1;  // of a candidate
  };
  // What one candidate operation is made of, while that is a single unknown function.
  struct Region {
    TermIds arguments;  // terms outside that it takes
    TermIds places;     // what stands for them inside
  };

  void FindRegions();
  Hash128 LabelOf(const ir::Instruction& instruction, const Architecture* architecture);
  Hash128 ZerosOf(const ir::TensorType& type, const Architecture* architecture);
  TermId Write(ir::ValueId id, const Architecture& architecture);
  TermIds OperandsOf(const ir::Instruction& instruction, const Step& step,
                     const Architecture& architecture);
  TermId Outside(const ir::Instruction& instruction, ir::ValueId taken, const Step& step,
                 const Architecture& architecture);
  TermId PlaceOf(Region& region, TermId argument);
  TermId Combine(const ir::Instruction& instruction, Algebra algebra, Hash128 label,
                 TermIds operands, const Step& step, const Architecture& architecture);
  bool SameShapes(const ir::Instruction& instruction, const Architecture& architecture) const;

  // Sums as counts of terms that are no sums: linear operations stand before all that they are
  // applied to, f(a) + f(b) = f(a + b), so that equal sums are equal counts.
  using Counts = absl::btree_map<TermId, uint64_t>;
  void Count(TermId term, uint64_t times, Counts& counts) const;
  TermId SumOf(const Counts& counts, const Hash128& zeros);
  TermId WithoutConstants(TermId term, const Hash128& zeros);
  TermId Times(TermId term, uint64_t times);

  // What is known of a term.
  struct Fact {
    bool zeros = false;     // it is zeros, whatever the input is
    bool passes = false;    // inside a candidate: zeros, if all arguments are
    bool constant = false;  // of images: all pixels of all images are the same
    bool linear = false;
    TermId repeated = -1;  // it is `times` times that term
    uint64_t times = 1;
  };
  TermId Add(const Hash128& label, TermIds operands, bool unordered, int identity,
             const Fact& fact);
  TermId Zeros(const Hash128& label) { return Add(label, {}, false, -1, {true, true, true}); }
  bool IsZeros(TermId term) const { return facts_[term].zeros; }
  bool IsSum(TermId term) const { return terms_[term].label == sum_; }

  const ir::Graph& graph_;
  const bool sharing_;
  std::vector<Step> steps_;
  std::vector<Region> regions_;
  Hasher hasher_;
  Hash128 sum_;  // the label of sums

  Terms terms_;
  std::vector<Fact> facts_;  // of each term
  std::vector<TermId> value_;
};

}  // namespace nasc
