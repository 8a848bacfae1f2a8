// Scores architectures without training them.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "dsl/diagnostics.h"
#include "runtime/random/random.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/zero_cost.h"
#include "strategies/final_training.h"

namespace nasc {
namespace {

class ProxyEvaluator : public Evaluator {
 public:
  static absl::StatusOr<std::unique_ptr<Evaluator>> Make(const EvaluatorContext& context,
                                                         const Options& options) {
    auto made = std::make_unique<ProxyEvaluator>(context.supernet, context.seed);
    for (const absl::string_view part :
         absl::StrSplit(options.Text("score"), ',', absl::SkipWhitespace())) {
      const std::string name(absl::StripAsciiWhitespace(part));
      if (absl::Status status = made->Add(name); !status.ok()) return status;
    }
    if (made->names_.empty()) {
      return absl::InvalidArgumentError("evaluate proxy: `score` names no score");
    }
    absl::StatusOr<Loader> loader =
        context.task->Training(Task::Part::kSearch, static_cast<int>(options.Whole("batch")),
                               /*cutout=*/0, HashSeed(context.seed, "proxy"));
    if (!loader.ok()) return loader.status();
    made->batch_ = NextBatch(*loader, at::kFloat);
    return made;
  }

  ProxyEvaluator(const ir::Graph& supernet, uint64_t seed) : supernet_(supernet), seed_(seed) {}

  const std::vector<std::string>& measures() const override { return names_; }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const absl::StatusOr<Program> program = InferenceProgram(supernet_, evaluation.architecture);
    if (!program.ok()) return program.status();
    for (size_t i = 0; i < scores_.size(); ++i) {
      const absl::StatusOr<double> value = scores_[i]({*program, batch_, seed_});
      if (!value.ok()) return value.status();
      values[i] = *value;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Add(const std::string& name) {
    std::vector<std::string> known;
    for (const NamedZeroCostScore& score : ZeroCostScores()) {
      known.push_back(score.name);
      if (score.name != name) continue;
      if (absl::c_linear_search(names_, name)) return absl::OkStatus();
      names_.push_back(name);
      scores_.push_back(score.score);
      return absl::OkStatus();
    }
    const std::string near = DidYouMean(name, known);
    return absl::InvalidArgumentError(
        absl::StrCat("evaluate proxy: unknown score '", name, "'; ",
                     near.empty() ? absl::StrCat("there is ", absl::StrJoin(known, ", ")) : near));
  }

  const ir::Graph& supernet_;
  const uint64_t seed_;
  std::vector<std::string> names_;
  std::vector<ZeroCostScore> scores_;
  Batch batch_;
};

const EvaluatorRegistration registration(
    {"proxy",
     "scores without training (Abdelfattah et al., ICLR 2021): synflow, naswot, jacob_cov, "
     "grad_norm",
     {
         {"score", OptionSpec::Kind::kText, 0, 0, 0, "synflow",
          "one or several, joined by commas; the first is maximized unless an objective says more"},
         {"batch", OptionSpec::Kind::kWhole, 64, 2, 65536, "", "training examples that are used"},
     },
     /*takes_data=*/true,
     /*takes_steps=*/false,
     ProxyEvaluator::Make});

}  // namespace
}  // namespace nasc
