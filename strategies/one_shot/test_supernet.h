// A small supernet for the tests of one-shot searches.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/architecture.h"
#include "compiler/lower.h"
#include "compiler/primitives.h"
#include "dsl/check.h"
#include "dsl/sources.h"
#include "gtest/gtest.h"
#include "strategies/search_config.h"

namespace nasc {

// Three cells of two kinds, each with two nodes of two edges, for 28x28 images of ten classes.
class TestSupernet {
 public:
  // `search` is the text of a declaration beside it.
  explicit TestSupernet(const std::string& search = "") {
    const std::string text = absl::StrCat(R"(space tiny version 1.0.0
import std.cnn
ops candidates {
  none relaxed
  pool = max_pool(3) -> when relaxed { bn }
  skip_connect
  conv_3 = relu -> conv(3) -> bn
}
cell normal(prev_prev, prev) {
  adapt when same_size { relu_conv_bn(1) } else { factorized_reduce }
  node n[2] {
    edges 2 of earlier { one of candidates }
    merge sum
  }
  output concat(n)
}
cell reduction like normal { stride 2 }
network {
  input image(1, 28, 28)  classes 10
  stem conv(3, filters = width, stride = 4) -> bn(affine = true)
  stack depth {
    at 1/3: reduction with width *= 2
    else: normal
  }
  head global_avg_pool -> linear(classes)
}
scale small { width = 2  depth = 3  affine = true }
)",
                                          search);
    sources_ = std::make_unique<Sources>(LoadSourcesFromText("tiny.space", text, diagnostics_));
    if (!diagnostics_.has_errors()) CheckSources(*sources_, LanguageVocabulary(), diagnostics_);
    EXPECT_EQ(diagnostics_.Render(), "");
    absl::StatusOr<ir::Graph> graph = LowerAt(*SpaceOf(sources_->root()), {"small", std::nullopt});
    EXPECT_TRUE(graph.ok()) << graph.status();
    graph_ = *std::move(graph);
  }

  const ir::Graph& graph() const { return graph_; }

  // The declaration with every setting read.
  SearchConfig config() {
    std::optional<SearchConfig> config =
        ReadSearch(sources_->root().file.searches.at(0), sources_->root(), diagnostics_);
    EXPECT_EQ(diagnostics_.Render(), "");
    return *std::move(config);
  }

  // The architecture that takes the earliest edges, on each of which the operation of the first of
  // these whose name is in the decision's path, or else `conv_3`.
  Architecture Taking(const std::vector<std::pair<std::string, std::string>>& operations) const {
    Architecture architecture;
    architecture.picks.resize(graph_.decisions.size());
    for (size_t d = 0; d < graph_.decisions.size(); ++d) {
      const ir::Decision& decision = graph_.decisions[d];
      if (!IsAlive(decision, architecture)) continue;
      if (decision.kind == ir::Decision::Kind::kSome) {
        architecture.picks[d] = {0, 1};
        continue;
      }
      std::string operation = "conv_3";
      for (auto it = operations.rbegin(); it != operations.rend(); ++it) {
        if (absl::StrContains(decision.path, it->first)) operation = it->second;
      }
      const auto option = absl::c_find(decision.options, operation);
      EXPECT_NE(option, decision.options.end()) << operation;
      architecture.picks[d] = {static_cast<int>(option - decision.options.begin())};
    }
    return architecture;
  }

 private:
  Diagnostics diagnostics_;
  std::unique_ptr<Sources> sources_;
  ir::Graph graph_;
};

}  // namespace nasc
