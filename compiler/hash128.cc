#include "compiler/hash128.h"

#include <xxhash.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace nasc {
namespace {

Hash128 HashOf(const void* bytes, size_t count) {
  const XXH128_hash_t hash = XXH3_128bits(bytes, count);
  return {hash.high64, hash.low64};
}

}  // namespace

Hash128 HashBytes(absl::string_view bytes) { return HashOf(bytes.data(), bytes.size()); }

std::string Hash128::ToString() const { return absl::StrFormat("%016x%016x", high, low); }

std::optional<Hash128> ParseHash128(absl::string_view digits) {
  constexpr size_t kDigits = 16;  // of each half
  Hash128 hash;
  if (digits.size() != 2 * kDigits || !absl::SimpleHexAtoi(digits.substr(0, kDigits), &hash.high) ||
      !absl::SimpleHexAtoi(digits.substr(kDigits), &hash.low)) {
    return std::nullopt;
  }
  return hash;
}

Hasher& Hasher::Add(absl::string_view text) { return Add(text.size()).Add(HashBytes(text)); }

Hash128 Hasher::Take() {
  const Hash128 hash = HashOf(words_.data(), words_.size() * sizeof(uint64_t));
  words_.clear();
  return hash;
}

}  // namespace nasc
