// Looks architectures up in a table of a published benchmark.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "strategies/evaluate/benchmark_table.h"
#include "strategies/evaluate/evaluator.h"

namespace nasc {
namespace {

// What the search may look at, and what it may not, are two tables: no search can come by the
// latter.
class TableEvaluator : public Evaluator {
 public:
  static absl::StatusOr<std::unique_ptr<Evaluator>> Make(const EvaluatorContext& context,
                                                         const Options& options) {
    const auto names = [&](const char* option) {
      std::vector<std::string> columns;
      for (absl::string_view name :
           absl::StrSplit(options.Text(option), ',', absl::SkipWhitespace())) {
        columns.emplace_back(absl::StripAsciiWhitespace(name));
      }
      return columns;
    };
    BenchmarkTableSpec spec;
    spec.path = options.Text("path");
    spec.architectures = options.Text("architectures");
    spec.notation = options.Text("notation");
    spec.columns = names("signal");
    if (spec.path.empty()) return absl::InvalidArgumentError("evaluate table: `path` is not given");
    if (spec.columns.empty()) {
      return absl::InvalidArgumentError("evaluate table: `signal` names no column to search by");
    }
    auto made = std::make_unique<TableEvaluator>();
    made->signals_ = spec.columns;
    made->reports_ = names("report");
    for (const std::string& report : made->reports_) {
      if (!absl::c_linear_search(made->signals_, report)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("evaluate table: column '", report,
                       "' is a signal and a report; a search that sees what "
                       "is reported says nothing"));
    }
    absl::StatusOr<BenchmarkTable> table = BenchmarkTable::Read(spec, context.supernet);
    if (!table.ok()) return table.status();
    made->signal_ = *std::move(table);
    spec.columns = made->reports_;
    table = BenchmarkTable::Read(spec, context.supernet);
    if (!table.ok()) return table.status();
    made->report_ = *std::move(table);
    made->path_ = spec.path;
    return made;
  }

  const std::vector<std::string>& measures() const override { return signals_; }

  absl::Status Evaluate(const Evaluation& evaluation, absl::Span<double> values) override {
    const double* row = signal_.Find(evaluation.architecture);
    if (row == nullptr) return Missing();
    std::copy(row, row + values.size(), values.begin());
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::pair<std::string, double>>> Report(
      const Architecture& architecture) override {
    std::vector<std::pair<std::string, double>> figures;
    if (reports_.empty()) return figures;
    const double* row = report_.Find(architecture);
    if (row == nullptr) return Missing();
    for (size_t i = 0; i < reports_.size(); ++i) figures.emplace_back(reports_[i], row[i]);
    return figures;
  }

 private:
  absl::Status Missing() const {
    return absl::NotFoundError(absl::StrCat(path_, " has no row for an architecture of the space"));
  }

  std::string path_;
  std::vector<std::string> signals_;
  std::vector<std::string> reports_;
  BenchmarkTable signal_;
  BenchmarkTable report_;
};

const EvaluatorRegistration registration(
    {"table",
     "what a published table says; nothing is trained",
     {
         {"path", OptionSpec::Kind::kText, 0, 0, 0, "", "of a TSV or CSV file, plain or gzip"},
         {"architectures", OptionSpec::Kind::kText, 0, 0, 0, "",
          "the column of architectures, by default the first"},
         {"notation", OptionSpec::Kind::kText, 0, 0, 0, "text",
          "of architectures: text (as nasc prints them), nasbench201"},
         {"signal", OptionSpec::Kind::kText, 0, 0, 0, "",
          "columns that the search sees; the first is maximized unless an objective says more"},
         {"report", OptionSpec::Kind::kText, 0, 0, 0, "", "columns told of what was found"},
     },
     /*takes_data=*/false,
     /*takes_steps=*/false,
     TableEvaluator::Make});

}  // namespace
}  // namespace nasc
