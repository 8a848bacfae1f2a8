#include "strategies/evaluate/benchmark_table.h"

#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/notation/nasbench201.h"
#include "dsl/diagnostics.h"
#include "dsl/source.h"
#include "runtime/data/csv.h"

namespace nasc {
namespace {

using ReadText = std::function<absl::StatusOr<Architecture>(const std::string& text)>;

absl::StatusOr<ReadText> ReaderOf(const std::string& notation, const ir::Graph& space) {
  if (notation == "nasbench201") {
    absl::StatusOr<NasBench201Notation> known = NasBench201Notation::For(space);
    if (!known.ok()) return known.status();
    const auto shared = std::make_shared<NasBench201Notation>(*std::move(known));
    return ReadText([shared](const std::string& text) { return shared->Read(text); });
  }
  if (notation != "text") {
    return absl::InvalidArgumentError(absl::StrCat("unknown notation '", notation,
                                                   "' of architectures; there are text and "
                                                   "nasbench201"));
  }
  return ReadText([&space](const std::string& text) -> absl::StatusOr<Architecture> {
    Diagnostics diagnostics;
    std::optional<Architecture> architecture =
        ParseArchitecture(std::make_shared<SourceFile>("architecture", text), space, diagnostics);
    if (!architecture.has_value()) return diagnostics.ToStatus();
    return *std::move(architecture);
  });
}

absl::StatusOr<size_t> ColumnOf(const std::string& name, const std::vector<std::string>& header,
                                const std::string& place) {
  const auto found = absl::c_find(header, name);
  if (found != header.end()) return found - header.begin();
  const std::string near = DidYouMean(name, header);
  return absl::NotFoundError(
      absl::StrCat(place, ": there is no column '", name, "'; ",
                   near.empty() ? absl::StrCat("there is ", absl::StrJoin(header, ", ")) : near));
}

}  // namespace

absl::StatusOr<BenchmarkTable> BenchmarkTable::Read(const BenchmarkTableSpec& spec,
                                                    const ir::Graph& space) {
  absl::StatusOr<ReadText> read = ReaderOf(spec.notation, space);
  if (!read.ok()) return read.status();
  absl::StatusOr<CsvReader> file = CsvReader::Open(spec.path);
  if (!file.ok()) return file.status();
  std::vector<std::string> cells;
  absl::StatusOr<bool> more = file->Next(cells);
  if (!more.ok()) return more.status();
  if (!*more) return absl::InvalidArgumentError(absl::StrCat(spec.path, ": the table is empty"));
  const std::vector<std::string> header = cells;
  absl::StatusOr<size_t> named =
      ColumnOf(spec.architectures.empty() ? header[0] : spec.architectures, header, file->place());
  if (!named.ok()) return named.status();
  std::vector<size_t> columns;
  for (const std::string& name : spec.columns) {
    absl::StatusOr<size_t> column = ColumnOf(name, header, file->place());
    if (!column.ok()) return column.status();
    columns.push_back(*column);
  }

  BenchmarkTable table;
  table.columns_ = columns.size();
  while (true) {
    more = file->Next(cells);
    if (!more.ok()) return more.status();
    if (!*more) break;
    const auto error = [&](const auto&... what) {
      return absl::InvalidArgumentError(absl::StrCat(file->place(), ": ", what...));
    };
    if (cells.size() != header.size()) {
      return error(cells.size(), " values; the first line names ", header.size());
    }
    absl::StatusOr<Architecture> architecture = (*read)(cells[*named]);
    if (!architecture.ok()) return error(architecture.status().message());
    if (!Fulfils(*architecture, space.constraints)) {
      return error("the architecture does not fulfil the requirements of the space");
    }
    if (!table.rows_.try_emplace(*std::move(architecture), table.rows_.size()).second) {
      if (spec.first_counts) continue;
      return error("the architecture has an earlier row");
    }
    for (size_t column : columns) {
      double value = 0;
      if (!absl::SimpleAtod(cells[column], &value) || !std::isfinite(value)) {
        return error("'", cells[column], "' in column '", header[column], "' is no finite number");
      }
      table.values_.push_back(value);
    }
  }
  if (table.rows_.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(spec.path, ": the table has no rows"));
  }
  return table;
}

std::vector<const Architecture*> BenchmarkTable::Architectures() const {
  std::vector<const Architecture*> ordered(rows_.size());
  for (const auto& [architecture, row] : rows_) ordered[row] = &architecture;
  return ordered;
}

}  // namespace nasc
