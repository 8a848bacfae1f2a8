#include "cli/notations.h"

#include "compiler/notation/darts.h"
#include "compiler/notation/nasbench201.h"

namespace nasc {
namespace {

template <typename N>
absl::StatusOr<std::string> Write(const ir::Graph& supernet, const Architecture& architecture) {
  const absl::StatusOr<N> notation = N::For(supernet);
  if (!notation.ok()) return notation.status();
  return notation->Write(architecture);
}

template <typename N>
absl::StatusOr<Architecture> Read(const ir::Graph& supernet, absl::string_view text) {
  const absl::StatusOr<N> notation = N::For(supernet);
  if (!notation.ok()) return notation.status();
  return notation->Read(text);
}

constexpr Notation kNotations[] = {
    {"genotype", Write<DartsNotation>, Read<DartsNotation>},
    {"nasbench201", Write<NasBench201Notation>, Read<NasBench201Notation>},
};

}  // namespace

const Notation* FindNotation(absl::string_view name) {
  for (const Notation& notation : kNotations) {
    if (notation.name == name) return &notation;
  }
  return nullptr;
}

std::vector<std::string> NotationNames() {
  std::vector<std::string> names;
  for (const Notation& notation : kNotations) names.emplace_back(notation.name);
  return names;
}

}  // namespace nasc
