#include "runtime/fused/isa.h"

#include "absl/strings/str_cat.h"

namespace nasc::fused {
namespace {

bool Has(Isa isa) {
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == Isa::kAvx2) return avx2;
  if (isa == Isa::kAvx512) {
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq");
  }
#endif
  return isa == Isa::kNone;
}

Isa Best() {
  for (const Isa isa : {Isa::kAvx512, Isa::kAvx2}) {
    if (Has(isa)) return isa;
  }
  return Isa::kNone;
}

Isa& Current() {
  static Isa current = Best();
  return current;
}

}  // namespace

Isa CurrentIsa() { return Current(); }

absl::Status SetIsa(const std::string& name) {
  if (name == "best") {
    Current() = Best();
    return absl::OkStatus();
  }
  for (const Isa isa : {Isa::kNone, Isa::kAvx2, Isa::kAvx512}) {
    if (name != NameOf(isa)) continue;
    if (!Has(isa)) {
      return absl::InvalidArgumentError(
          absl::StrCat("this processor lacks ", name, "; it has ", NameOf(Best())));
    }
    Current() = isa;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no instruction set is called '", name, "': none, avx2, avx512 or best"));
}

const char* NameOf(Isa isa) {
  switch (isa) {
    case Isa::kNone:
      return "none";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
  }
  return "";
}

}  // namespace nasc::fused
