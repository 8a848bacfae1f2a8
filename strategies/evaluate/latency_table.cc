#include <cmath>
#include <utility>
#include <variant>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/data/csv.h"
#include "strategies/evaluate/latency.h"

namespace nasc {
namespace {

// "16x32x32": without the batch.
std::string SizeText(const std::vector<int64_t>& shape) {
  return absl::StrJoin(shape.begin() + 1, shape.end(), "x");
}

// What inference passes on as it is.
bool ComputesNothing(const ProgramStep& step) {
  static constexpr const char* kFree[] = {"identity", "flatten", "dropout", "drop_path"};
  return IsGiven(step) || absl::c_linear_search(kFree, step.op);
}

}  // namespace

std::string OperationKey(const Program& program, const ProgramStep& step) {
  if (ComputesNothing(step)) return "";
  std::string key = step.op;
  for (const int input : step.inputs) {
    absl::StrAppend(&key, " ", SizeText(program.values[input].shape));
  }
  absl::StrAppend(&key, " -> ", SizeText(program.values[step.outputs[0]].shape));
  for (const auto& [name, value] : step.attributes) {
    absl::StrAppend(&key, " ", name, "=");
    std::visit([&key](auto number) { absl::StrAppend(&key, number); }, value);
  }
  return key;
}

absl::StatusOr<LatencyTable> LatencyTable::Read(const std::string& path) {
  absl::StatusOr<CsvReader> file = CsvReader::Open(path);
  if (!file.ok()) return file.status();
  std::vector<std::string> cells;
  absl::StatusOr<bool> more = file->Next(cells);
  if (!more.ok()) return more.status();
  const std::vector<std::string> header = *more ? cells : std::vector<std::string>();
  const auto operation = absl::c_find(header, "operation") - header.begin();
  const auto latency = absl::c_find(header, "latency") - header.begin();
  const auto columns = static_cast<int64_t>(header.size());
  if (operation == columns || latency == columns) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the first line must name the columns `operation` and `latency`"));
  }
  LatencyTable table;
  table.path_ = path;
  while (true) {
    more = file->Next(cells);
    if (!more.ok()) return more.status();
    if (!*more) return table;
    const auto error = [&](const auto&... what) {
      return absl::InvalidArgumentError(absl::StrCat(file->place(), ": ", what...));
    };
    if (cells.size() != header.size()) {
      return error(cells.size(), " values; the first line names ", header.size());
    }
    double seconds = 0;
    if (!absl::SimpleAtod(cells[latency], &seconds) || !std::isfinite(seconds) || seconds < 0) {
      return error("'", cells[latency], "' is no number of seconds");
    }
    if (!table.seconds_.emplace(cells[operation], seconds).second) {
      return error("'", cells[operation], "' has an earlier row");
    }
  }
}

absl::StatusOr<double> LatencyTable::Of(const Program& program) const {
  double sum = 0;
  std::vector<std::string> missing;
  for (const ProgramStep& step : program.steps) {
    std::string key = OperationKey(program, step);
    if (key.empty()) continue;
    const auto row = seconds_.find(key);
    if (row != seconds_.end()) {
      sum += row->second;
    } else if (!absl::c_linear_search(missing, key)) {
      missing.push_back(std::move(key));
    }
  }
  if (missing.empty()) return sum;
  return absl::NotFoundError(
      absl::StrCat(path_, " has no row for the ", missing.size() == 1 ? "operation" : "operations",
                   "\n  ", absl::StrJoin(missing, "\n  "), "\n`nasc latency` measures such rows"));
}

}  // namespace nasc
