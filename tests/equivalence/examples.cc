#include "tests/equivalence/examples.h"

#include <ATen/ops/empty.h>

#include <cctype>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/draw.h"
#include "compiler/relax.h"
#include "tests/language/lower_text.h"

namespace nasc {

ir::Graph SupernetOf(const Example& example) {
  const std::string path = absl::StrCat("examples/", example.space);
  Diagnostics diagnostics;
  const Sources sources = LoadSources(path, diagnostics);
  CheckSources(sources, LanguageVocabulary(), diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << path;
  InputSpec input;
  input.channels = 3;
  input.height = example.size;
  input.width = example.size + 4;
  input.classes = 4;
  std::optional<ir::Graph> graph =
      LowerSpace(*SpaceOf(sources.root()), {example.scale, input}, diagnostics);
  EXPECT_TRUE(graph.has_value()) << path;
  return *std::move(graph);
}

const std::vector<Example>& Examples() {
  static const auto* const examples = new std::vector<Example>{
      {"darts/darts.space", "quick", 12, 3},
      {"darts/darts.space", "quick_final", 12, 2},
      {"darts/darts.space", "shallow_final", 32, 1},  // paths are dropped
      {"nasbench201/nasbench201.space", "quick", 12, 3},
      {"nasbench201/nasbench201.space", "quick_final", 12, 2},
      {"enas_micro/enas_micro.space", "quick", 12, 3},
      {"enas_macro/enas_macro.space", "quick", 12, 3},
      {"nasnet/nasnet.space", "quick", 12, 3},
      {"nas_rl/nas_rl.space", "quick", 8, 2},
      {"mnasnet/mnasnet.space", "", 40, 2},
      {"resnet/resnet.space", "", 32, 2},
  };
  return *examples;
}

std::vector<Program> ProgramsOf(const Example& example) {
  const ir::Graph supernet = SupernetOf(example);
  std::vector<ir::Graph> graphs;
  // Of all channels, and of every other one with weights of edges.
  for (const MixtureOptions& options : {MixtureOptions{}, MixtureOptions{2, true}}) {
    if (absl::StatusOr<ir::Graph> mixture = RelaxToMixture(supernet, options); mixture.ok()) {
      graphs.push_back(*std::move(mixture));
    }
  }
  Rng rng(11);
  const auto below = [&rng](uint64_t n) { return rng.Below(n); };
  if (absl::StatusOr<ir::Graph> sample =
          RelaxToSample(supernet, DrawSample(supernet.decisions, below));
      sample.ok()) {
    graphs.push_back(*std::move(sample));
  }
  for (int i = 0; i < example.architectures; ++i) {
    const Drawn drawn = DrawArchitecture(supernet.decisions, below);
    if (absl::StatusOr<ir::Graph> fixed = Fix(supernet, drawn.architecture); fixed.ok()) {
      graphs.push_back(*std::move(fixed));
    }
  }
  std::vector<Program> programs;
  for (const ir::Graph& graph : graphs) {
    absl::StatusOr<Program> program = BuildProgram(graph);
    EXPECT_TRUE(program.ok()) << program.status();
    programs.push_back(*std::move(program));
  }
  EXPECT_GE(programs.size(), 2u);
  return programs;
}

std::string NameOf(const testing::TestParamInfo<Example>& info) {
  std::string name = absl::StrCat(info.param.space, "_", info.param.scale);
  name = name.substr(name.find('/') + 1);
  for (char& c : name) {
    if (!isalnum(c)) c = '_';
  }
  return name;
}

at::Tensor Gaussian(const std::vector<int64_t>& shape, Rng& rng) {
  at::Tensor tensor = at::empty(shape, at::kDouble);
  for (int64_t i = 0; i < tensor.numel(); ++i) tensor.data_ptr<double>()[i] = rng.Gaussian();
  return tensor;
}

}  // namespace nasc
