#include "strategies/trial/decision_space.h"

#include <utility>

#include "compiler/draw.h"

namespace nasc {
namespace {

constexpr int kMostTries = 1000;  // of mutations that the constraints forbid

std::function<uint64_t(uint64_t)> Below(Rng& rng) {
  return [&rng](uint64_t n) { return rng.Below(n); };
}

// Bits for the numbers 0 to `most`.
size_t BitsFor(size_t most) {
  size_t bits = 1;
  while ((most >> bits) != 0) ++bits;
  return bits;
}

}  // namespace

DecisionSpace::DecisionSpace(const ir::Graph& supernet)
    : decisions_(supernet.decisions),
      constraints_(supernet.constraints),
      plain_(supernet.constraints.empty()) {
  size_t bit = 0;
  for (const ir::Decision& decision : decisions_) {
    std::vector<int>& allowed = allowed_.emplace_back();
    for (size_t option = 0; option < decision.options.size(); ++option) {
      if (!decision.relaxed_only[option]) allowed.push_back(static_cast<int>(option));
    }
    const bool choice = decision.kind == ir::Decision::Kind::kOne;
    Place place;
    place.width = choice ? BitsFor(decision.options.size()) : decision.options.size();
    if (choice && bit % 64 + place.width > 64) bit += 64 - bit % 64;  // in one word
    place.bit = bit;
    bit += place.width;
    places_.push_back(place);
    plain_ = plain_ && choice && decision.alive.is_leaf() && decision.alive.maybe_leaf() == true;
    if (allowed.size() > 1) changeable_.push_back(places_.size() - 1);
  }
  words_ = (bit + 63) / 64;
}

void DecisionSpace::SetPick(ArchitectureCode& code, size_t decision, int option) const {
  const Place& place = places_[decision];
  uint64_t& word = code[place.bit / 64];
  word &= ~(((uint64_t{1} << place.width) - 1) << (place.bit % 64));
  word |= static_cast<uint64_t>(option + 1) << (place.bit % 64);
}

ArchitectureCode DecisionSpace::Encode(const Architecture& architecture) const {
  ArchitectureCode code(words_, 0);
  for (size_t d = 0; d < decisions_.size(); ++d) {
    for (int pick : architecture.picks[d]) {
      if (decisions_[d].kind == ir::Decision::Kind::kOne) {
        SetPick(code, d, pick);
      } else {
        const size_t bit = places_[d].bit + pick;
        code[bit / 64] |= uint64_t{1} << (bit % 64);
      }
    }
  }
  return code;
}

Architecture DecisionSpace::Decode(const ArchitectureCode& code) const {
  Architecture architecture;
  architecture.picks.resize(decisions_.size());
  for (size_t d = 0; d < decisions_.size(); ++d) {
    std::vector<int>& picks = architecture.picks[d];
    if (decisions_[d].kind == ir::Decision::Kind::kOne) {
      const int pick = Pick(code, d);
      if (pick >= 0) picks.push_back(pick);
      continue;
    }
    for (int option = 0; option < static_cast<int>(decisions_[d].options.size()); ++option) {
      if (Takes(code, d, option)) picks.push_back(option);
    }
  }
  return architecture;
}

ArchitectureCode DecisionSpace::Draw(Rng& rng) const {
  if (plain_) {
    ArchitectureCode code(words_, 0);
    for (size_t d = 0; d < decisions_.size(); ++d) {
      SetPick(code, d, allowed_[d][rng.Below(allowed_[d].size())]);
    }
    return code;
  }
  while (true) {
    const Architecture drawn = DrawArchitecture(decisions_, Below(rng)).architecture;
    if (Fulfils(drawn, constraints_)) return Encode(drawn);
  }
}

ArchitectureCode DecisionSpace::Mutate(const ArchitectureCode& code, Rng& rng) const {
  if (plain_) {
    if (changeable_.empty()) return code;
    const size_t d = changeable_[rng.Below(changeable_.size())];
    const std::vector<int>& allowed = allowed_[d];
    // The last one stands in for the one that is taken.
    const int option = allowed[rng.Below(allowed.size() - 1)];
    ArchitectureCode other = code;
    SetPick(other, d, option == Pick(code, d) ? allowed.back() : option);
    return other;
  }
  const Architecture architecture = Decode(code);
  for (int i = 0; i < kMostTries; ++i) {
    const Architecture other = DrawNeighbour(decisions_, architecture, Below(rng));
    if (Fulfils(other, constraints_)) return Encode(other);
  }
  return code;
}

std::vector<ArchitectureCode> DecisionSpace::Neighbours(const ArchitectureCode& code,
                                                        Rng& rng) const {
  std::vector<ArchitectureCode> neighbours;
  const Architecture architecture = Decode(code);
  for (size_t d = 0; d < decisions_.size(); ++d) {
    if (architecture.picks[d].empty() && !IsAlive(decisions_[d], architecture)) continue;
    for (std::vector<int>& picks : OtherPicks(decisions_[d], architecture.picks[d])) {
      Architecture other = architecture;
      other.picks[d] = std::move(picks);
      ReviveAfter(decisions_, architecture, d, Below(rng), other);
      if (Fulfils(other, constraints_)) neighbours.push_back(Encode(other));
    }
  }
  return neighbours;
}

}  // namespace nasc
