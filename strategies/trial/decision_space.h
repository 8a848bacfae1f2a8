#pragma once

#include <functional>
#include <vector>

#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "runtime/random/random.h"
#include "strategies/trial/architecture_code.h"

namespace nasc {

// What a strategy that tries architectures knows of a space: its decisions and its constraints,
// which must be satisfiable.
class DecisionSpace {
 public:
  explicit DecisionSpace(const ir::Graph& supernet);

  const std::vector<ir::Decision>& decisions() const { return decisions_; }
  const std::vector<ir::Constraint>& constraints() const { return constraints_; }

  // The options of a decision that a result may take.
  const std::vector<int>& allowed(size_t decision) const { return allowed_[decision]; }

  ArchitectureCode Encode(const Architecture& architecture) const;
  Architecture Decode(const ArchitectureCode& code) const;

  // The option that a decision of one takes; -1 where it is not alive.
  int Pick(const ArchitectureCode& code, size_t decision) const {
    const Place& place = places_[decision];
    const auto value =
        (code[place.bit / 64] >> (place.bit % 64)) & ((uint64_t{1} << place.width) - 1);
    return static_cast<int>(value) - 1;
  }
  // Whether a decision of some takes the option.
  bool Takes(const ArchitectureCode& code, size_t decision, int option) const {
    const size_t bit = places_[decision].bit + option;
    return ((code[bit / 64] >> (bit % 64)) & 1) != 0;
  }

  // Every decision that is alive takes each of its options, or each set of them, with equal
  // probability, until the constraints hold. Where hardly any architecture fulfils them this takes
  // long.
  ArchitectureCode Draw(Rng& rng) const;

  // A random neighbour: one decision that is alive takes another value, each decision as likely and
  // of it each value of OtherPicks in compiler/draw.h; what comes to life by that is drawn. Where
  // none of many tries fulfils the constraints, or there is only one architecture, it is the
  // architecture itself.
  ArchitectureCode Mutate(const ArchitectureCode& code, Rng& rng) const;

  // Every neighbour that fulfils the constraints, in the order of decisions and options: another
  // option of a choice; one option of a set more, less, or exchanged for another. What comes to
  // life by that is drawn.
  std::vector<ArchitectureCode> Neighbours(const ArchitectureCode& code, Rng& rng) const;

 private:
  struct Place {
    size_t bit = 0;    // the lowest
    size_t width = 0;  // bits: of a choice those of 1 + option, 0 for none; of a set one an option
  };

  void SetPick(ArchitectureCode& code, size_t decision, int option) const;

  std::vector<ir::Decision> decisions_;
  std::vector<ir::Constraint> constraints_;
  std::vector<std::vector<int>> allowed_;
  std::vector<Place> places_;
  size_t words_ = 0;
  // Only choices, all of them always alive, and no constraints: codes are drawn and changed as they
  // are, without an Architecture.
  bool plain_ = true;
  std::vector<size_t> changeable_;  // of a plain space, the decisions between two options or more
};

}  // namespace nasc
