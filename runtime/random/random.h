// Random numbers that are the same on every platform and with every standard library.
//
// `std::` distributions differ between libraries, so nothing here uses them: integers come from
// xoshiro256**, and the floating-point results use only operations that IEEE 754 rounds exactly (no
// logarithm, no cosine, no fused product).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace nasc {

// The finaliser of splitmix64: a bijection on 64 bits in which each input bit affects about half of
// the output bits.
inline uint64_t MixBits(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Derives the seed of an independent stream from a seed and the name of what it is for: FNV-1a (64
// bits) of the name, joined with the mixed seed and finalised. HashSeed(7, "shuffle") and
// HashSeed(7, "weights") are unrelated.
inline uint64_t HashSeed(uint64_t seed, absl::string_view name) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (char c : name) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  return MixBits(hash ^ MixBits(seed + 0x9e3779b97f4a7c15u));
}

// A generator (xoshiro256**, period 2^256 - 1) with an explicit seed. Copies continue independently
// from the same point.
class Rng {
 public:
  using State = std::array<uint64_t, 4>;

  // The generators of one seed with different `stream` numbers are unrelated.
  explicit Rng(uint64_t seed, uint64_t stream = 0) {
    constexpr uint64_t kGolden = 0x9e3779b97f4a7c15u;
    uint64_t x = MixBits(MixBits(seed + kGolden) + stream);
    // Four successive outputs of splitmix64 differ from each other, so the state is never all zero.
    for (uint64_t& word : state_) word = MixBits(x += kGolden);
  }

  // 64 uniform bits.
  uint64_t Next() {
    const uint64_t result = RotateLeft(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = RotateLeft(state_[3], 45);
    return result;
  }

  // Uniform in [0, 1), a multiple of 2^-53.
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

  // Uniform in 0 .. n - 1 without bias. `n` must be positive.
  uint64_t Below(uint64_t n) {
    const uint64_t uneven =
        (0 - n) % n;  // 2^64 mod n: so many values would come up once too often.
    uint64_t x = Next();
    while (x < uneven) x = Next();
    return x % n;
  }

  // Standard normal: mean 0, standard deviation 1. Karney's exact method (2016): x = k + u for an
  // integer k and a fraction u, where each factor of exp(-(k + u)^2 / 2) is a chance decided by
  // comparing uniform numbers.
  double Gaussian() {
    while (true) {
      int k = 0;
      while (ExpMinusHalf()) ++k;
      bool accepted = true;
      for (int i = 0; accepted && i < k * (k - 1); ++i) accepted = ExpMinusHalf();
      if (!accepted) continue;
      const double u = Uniform();
      for (int i = 0; accepted && i <= k; ++i) accepted = ExpMinusFraction(k, u);
      if (!accepted) continue;
      const double x = k + u;
      return Next() >> 63 ? -x : x;
    }
  }

  // Puts the elements in a uniformly random order (Fisher-Yates).
  template <typename T>
  void Shuffle(std::vector<T>* values) {
    for (size_t n = values->size(); n > 1; --n) {
      using std::swap;
      swap((*values)[n - 1], (*values)[Below(n)]);
    }
  }

  // Everything that decides what comes next; a generator given this state continues where this one
  // stands.
  const State& state() const { return state_; }

  // `state` must not be all zero (the one state from which nothing but zeros follow).
  void set_state(const State& state) { state_ = state; }

 private:
  static uint64_t RotateLeft(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

  // True with probability exp(-1/2) (von Neumann: the parity of a falling run that begins below
  // 1/2).
  bool ExpMinusHalf() {
    double last = 0.5;
    for (bool even = true;; even = !even) {
      const double next = Uniform();
      if (!(next < last)) return even;
      last = next;
    }
  }

  // True with probability exp(-u (2k + u) / (2k + 2)): the same, with each step taken only with
  // chance (2k + u) / (2k + 2).
  bool ExpMinusFraction(int k, double u) {
    double last = u;
    for (bool even = true;; even = !even) {
      const double next = Uniform();
      if (!(next < last)) return even;
      const double scaled = Uniform() * (2 * k + 2);
      if (!(scaled < 2 * k + u)) return even;
      last = next;
    }
  }

  State state_;
};

}  // namespace nasc
