#include "strategies/trial/enumerator.h"

namespace nasc {
namespace {

// The next set in the order in which a set precedes those that add greater places to it; false
// after the last one, which leaves the set empty.
bool NextSet(int places, int most, std::vector<int>& set) {
  const int next = set.empty() ? 0 : set.back() + 1;
  if (static_cast<int>(set.size()) < most && next < places) {
    set.push_back(next);
    return true;
  }
  while (!set.empty()) {
    if (++set.back() < places) return true;
    set.pop_back();
  }
  return false;
}

}  // namespace

Enumerator::Enumerator(const DecisionSpace& space)
    : space_(space), places_(space.decisions().size()) {
  architecture_.picks.resize(places_.size());
}

std::optional<ArchitectureCode> Enumerator::Next() {
  do {
    if (!Advance()) return std::nullopt;
  } while (!Fulfils(architecture_, space_.constraints()));
  return space_.Encode(architecture_);
}

bool Enumerator::Advance() {
  if (!begun_) {
    begun_ = true;
    FirstPicksFrom(0);
    return true;
  }
  for (size_t d = places_.size(); d-- > 0;) {
    if (!IsAlive(space_.decisions()[d], architecture_) || !NextPicks(d)) continue;
    FirstPicksFrom(d + 1);
    return true;
  }
  return false;
}

bool Enumerator::NextPicks(size_t decision) {
  const ir::Decision& of = space_.decisions()[decision];
  const std::vector<int>& allowed = space_.allowed(decision);
  std::vector<int>& places = places_[decision];
  do {
    if (!NextSet(static_cast<int>(allowed.size()), of.most, places)) return false;
  } while (static_cast<int>(places.size()) < of.least);
  std::vector<int>& picks = architecture_.picks[decision];
  picks.clear();
  for (int place : places) picks.push_back(allowed[place]);
  return true;
}

void Enumerator::FirstPicksFrom(size_t decision) {
  for (size_t d = decision; d < places_.size(); ++d) {
    places_[d].clear();
    architecture_.picks[d].clear();
    const ir::Decision& of = space_.decisions()[d];
    if (of.least > 0 && IsAlive(of, architecture_)) NextPicks(d);
  }
}

}  // namespace nasc
