#pragma once

#include <cstdint>
#include <string>
#include <vector>

// What became of a run's results in a new version of its space.
namespace nasc {

enum class Fate {
  kKept,      // as it was
  kRemapped,  // the same under another name or at another place
  kLost,      // there is nothing that it would belong to
};

// "kept", "remapped", "lost".
const char* NameOf(Fate fate);

struct CarriedItem {
  std::string kind;  // "trial", "stored network", "weight", "decision", "controller", "network"
  std::string name;  // "trial 12", the name of a weight, a decision
  Fate fate = Fate::kKept;
  std::string why;  // of what is lost the reason; of what is remapped its new name
};

using Carried = std::vector<CarriedItem>;

// A line a kind, with the reasons of what was lost and how often each.
std::string CarriedText(const Carried& carried);

}  // namespace nasc
