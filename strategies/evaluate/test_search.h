// A small search for the tests of evaluators.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/lower.h"
#include "compiler/primitives.h"
#include "dsl/check.h"
#include "dsl/sources.h"
#include "gtest/gtest.h"
#include "runtime/test_task.h"
#include "runtime/training_options.h"
#include "strategies/evaluate/evaluator.h"

namespace nasc {

// A space with its data, at the scale "small"; there is a smaller one, "tiny".
class TestSearch {
 public:
  // The text of a space whose network has such a body of one cell `c`.
  static std::string Space(const std::string& operations, const std::string& head) {
    return "space test version 1.0.0\nimport std.cnn\n" + operations +
           "cell c(x) { node n[1] { edges all of earlier { one of candidates } merge sum }\n"
           "  output last }\n"
           "network {\n  input image(1, 28, 28) classes 10\n"
           "  stem conv(3, filters = width, stride = 4)\n  body c\n  head " +
           head + "\n}\nscale small { width = 4 }\nscale tiny { width = 2 }\n";
  }

  explicit TestSearch(const std::string& space, const std::string& sgd = "batch = 8",
                      int64_t steps = 2) {
    Diagnostics diagnostics;
    sources_ = std::make_unique<Sources>(LoadSourcesFromText("test.space", space, diagnostics));
    if (!diagnostics.has_errors()) CheckSources(*sources_, LanguageVocabulary(), diagnostics);
    EXPECT_EQ(diagnostics.Render(), "");
    absl::StatusOr<Task> task = SmallTask(40, 8, "crop = 0 flip = off validation = 40%");
    EXPECT_TRUE(task.ok()) << task.status();
    task_ = *std::move(task);
    supernet_ = SupernetAt("small", *task_);
    sgd_ = ReadSettings(SgdOptionSpecs(), sgd);
    steps_ = steps;
  }

  // The space at a scale for such data.
  ir::Graph SupernetAt(const std::string& scale, const Task& task) const {
    absl::StatusOr<ir::Graph> supernet = LowerAt(*SpaceOf(sources_->root()), {scale, task.input()});
    EXPECT_TRUE(supernet.ok()) << supernet.status();
    return *std::move(supernet);
  }

  const ir::Graph& supernet() const { return supernet_; }
  nasc::Space space() const { return *SpaceOf(sources_->root()); }
  const Task& task() const { return *task_; }

  EvaluatorContext context(uint64_t seed = 1) const {
    return {supernet_, &*task_, sgd_, steps_, seed, /*memory=*/0};
  }

  // The evaluator of that name with the settings "score = synflow", the others by default.
  absl::StatusOr<std::unique_ptr<Evaluator>> Make(const std::string& name,
                                                  const std::string& settings = "",
                                                  uint64_t seed = 1) const {
    const EvaluatorInfo* info = FindEvaluator(name);
    EXPECT_NE(info, nullptr) << name;
    return info->make(context(seed), ReadSettings(info->options, settings));
  }

  // The architecture that takes this option of its only decision.
  static Architecture Taking(int option) { return {{{option}}}; }

  // What an evaluator measures of it.
  static std::vector<double> Measure(Evaluator& evaluator, const Architecture& architecture,
                                     double fidelity = 1) {
    std::vector<double> values(evaluator.measures().size());
    const absl::Status status =
        evaluator.Evaluate({architecture, 1, fidelity}, absl::MakeSpan(values));
    EXPECT_TRUE(status.ok()) << status;
    return values;
  }

 private:
  std::unique_ptr<Sources> sources_;
  std::optional<Task> task_;
  ir::Graph supernet_;
  Options sgd_;
  int64_t steps_ = 0;
};

}  // namespace nasc
