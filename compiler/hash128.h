#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace nasc {

// A hash that is the same on every machine and in every version of the program: what is written to
// files and compared between them. Not secure against somebody who wants two texts to collide.
struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;

  std::string ToString() const;  // 32 hexadecimal digits

  friend bool operator==(const Hash128& a, const Hash128& b) {
    return a.high == b.high && a.low == b.low;
  }
  friend bool operator!=(const Hash128& a, const Hash128& b) { return !(a == b); }
  friend bool operator<(const Hash128& a, const Hash128& b) {
    return a.high != b.high ? a.high < b.high : a.low < b.low;
  }
  template <typename H>
  friend H AbslHashValue(H h, const Hash128& hash) {
    return H::combine(std::move(h), hash.low);
  }
};

// Reads what ToString gives; nothing for anything else.
std::optional<Hash128> ParseHash128(absl::string_view digits);

Hash128 HashBytes(absl::string_view bytes);

// Hashes a sequence of numbers, texts and hashes. Every text is hashed with its length, so that
// moving a border changes the hash.
class Hasher {
 public:
  Hasher& Add(uint64_t number) {
    words_.push_back(number);
    return *this;
  }
  Hasher& Add(const Hash128& hash) { return Add(hash.high).Add(hash.low); }
  Hasher& Add(absl::string_view text);
  // The hash of what was added. Empty again afterwards.
  Hash128 Take();

 private:
  std::vector<uint64_t> words_;
};

}  // namespace nasc
