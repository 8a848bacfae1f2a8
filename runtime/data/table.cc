#include "runtime/data/table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "dsl/diagnostics.h"
#include "runtime/data/csv.h"
#include "runtime/data/split.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

constexpr int64_t kMaxValues = int64_t{1} << 27;
constexpr size_t kMaxClasses = 10000;

template <typename... Parts>
absl::Status Error(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

// A text of the file, as a message shows it.
std::string Quoted(absl::string_view text) {
  constexpr size_t kMost = 40;
  const std::string escaped = absl::Utf8SafeCEscape(text.substr(0, kMost));
  return absl::StrCat("'", escaped, text.size() > kMost ? "..." : "", "'");
}

bool IsNumber(absl::string_view text) {
  double value = 0;
  return absl::SimpleAtod(text, &value) && std::isfinite(value);
}

// --- columns ---

struct Columns {
  std::vector<std::string> names;
  std::vector<size_t> features;  // places in `names`
  std::vector<size_t> targets;
};

absl::Status CheckNames(const std::string& path, const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) return Error(path, ": column ", i + 1, " has no name");
    if (!seen.insert(names[i]).second) {
      return Error(path, ": two columns are named ", Quoted(names[i]));
    }
  }
  return absl::OkStatus();
}

absl::Status NoTarget(const std::string& path, const std::string& target,
                      const std::vector<std::string>& names) {
  std::string hint = DidYouMean(target, names);
  if (absl::c_all_of(names, IsNumber)) hint = "its first line must name the columns";
  return Error(path, ": no column is named ", Quoted(target), hint.empty() ? "" : ": ", hint);
}

absl::StatusOr<Columns> FindColumns(const TableSpec& spec, std::vector<std::string> names) {
  Columns columns;
  columns.names = std::move(names);
  for (const absl::string_view part : absl::StrSplit(spec.target, ',')) {
    const std::string target(absl::StripAsciiWhitespace(part));
    const auto found = absl::c_find(columns.names, target);
    if (found == columns.names.end()) {
      return NoTarget(spec.path, target, columns.names);
    }
    const auto place = static_cast<size_t>(found - columns.names.begin());
    if (absl::c_linear_search(columns.targets, place)) {
      return Error(spec.path, ": the target names ", Quoted(target), " twice");
    }
    columns.targets.push_back(place);
  }
  if (absl::Status status = CheckNames(spec.path, columns.names); !status.ok()) return status;
  if (columns.targets.size() > 1 && !spec.regression) {
    return Error(spec.path, ": classes have one target, found ", columns.targets.size());
  }
  for (size_t i = 0; i < columns.names.size(); ++i) {
    if (!absl::c_linear_search(columns.targets, i)) columns.features.push_back(i);
  }
  if (columns.features.empty()) return Error(spec.path, ": every column is a target");
  return columns;
}

// --- rows ---

// A file as it is read: labels are places in `classes`.
struct Rows {
  struct Class {
    std::string text;
    std::string place;  // where it is first, "path:line"
  };
  TablePart part;
  std::vector<Class> classes;  // as they come
  std::map<std::string, int32_t> class_of_text;
};

absl::StatusOr<double> ToNumber(const std::string& text, const std::string& place,
                                const std::string& column) {
  double value = 0;
  if (absl::SimpleAtod(text, &value) && std::isfinite(value)) return value;
  return Error(place, ": column ", Quoted(column), ": ",
               text.empty() ? "no value" : absl::StrCat(Quoted(text), " is no finite number"));
}

absl::Status AddClass(std::string text, const std::string& place, const std::string& column,
                      Rows& rows) {
  if (text.empty()) return Error(place, ": column ", Quoted(column), ": no value");
  const auto [it, fresh] =
      rows.class_of_text.emplace(std::move(text), static_cast<int32_t>(rows.classes.size()));
  if (fresh) rows.classes.push_back({it->first, place});
  rows.part.labels.push_back(it->second);
  if (rows.classes.size() <= kMaxClasses) return absl::OkStatus();
  return Error(place, ": column ", Quoted(column), " has more than ", kMaxClasses,
               " classes: numbers to tell need data { regression = on }");
}

absl::Status AddRow(const Columns& columns, bool regression, const std::string& place,
                    std::vector<std::string>& values, Rows& rows) {
  if (values.size() != columns.names.size()) {
    return Error(place, ": it has ", values.size(), " values, the header names ",
                 columns.names.size(), " columns");
  }
  const auto add = [&](size_t column, std::vector<double>& to) {
    const absl::StatusOr<double> value = ToNumber(values[column], place, columns.names[column]);
    if (value.ok()) to.push_back(*value);
    return value.status();
  };
  for (const size_t column : columns.features) {
    if (absl::Status status = add(column, rows.part.features); !status.ok()) return status;
  }
  for (const size_t column : columns.targets) {
    absl::Status status =
        regression ? add(column, rows.part.targets)
                   : AddClass(std::move(values[column]), place, columns.names[column], rows);
    if (!status.ok()) return status;
  }
  ++rows.part.count;
  if (rows.part.count * static_cast<int64_t>(columns.names.size()) > kMaxValues) {
    return Error(place, ": more than ", kMaxValues, " values");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ReadHeader(CsvReader& reader, const std::string& path) {
  std::vector<std::string> names;
  const absl::StatusOr<bool> read = reader.Next(names);
  if (!read.ok()) return read.status();
  if (!*read) return Error(path, ": it is empty");
  return names;
}

absl::StatusOr<Rows> ReadRows(CsvReader& reader, const std::string& path, const Columns& columns,
                              bool regression) {
  Rows rows;
  std::vector<std::string> values;
  while (true) {
    const absl::StatusOr<bool> read = reader.Next(values);
    if (!read.ok()) return read.status();
    if (!*read) break;
    const absl::Status status = AddRow(columns, regression, reader.place(), values, rows);
    if (!status.ok()) return status;
  }
  if (rows.part.count == 0) return Error(path, ": there are no rows below its header");
  return rows;
}

// --- classes ---

// Classes in order: whole numbers by size, or texts.
absl::StatusOr<std::vector<std::string>> OrderClasses(const Rows& rows, const std::string& path,
                                                      const std::string& target) {
  if (rows.classes.size() < 2) {
    return Error(path, ": column ", Quoted(target), " is ", Quoted(rows.classes[0].text),
                 " in every row");
  }
  std::vector<std::string> ordered;
  if (!absl::c_all_of(rows.classes, [](const auto& c) { return IsNumber(c.text); })) {
    for (const auto& [text, label] : rows.class_of_text) ordered.push_back(text);
    return ordered;
  }
  std::map<int64_t, std::string> numbers;
  for (const auto& [text, place] : rows.classes) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(text, &number)) {
      return Error(place, ": column ", Quoted(target), ": class ", Quoted(text),
                   " is no whole number: numbers to tell need data { regression = on }");
    }
    if (const auto [other, fresh] = numbers.emplace(number, text); !fresh) {
      return Error(place, ": column ", Quoted(target), ": the classes ", Quoted(other->second),
                   " and ", Quoted(text), " are one number");
    }
  }
  for (auto& [number, text] : numbers) ordered.push_back(std::move(text));
  return ordered;
}

// Makes labels places in `class_names`, which `path` has.
absl::Status Relabel(const std::vector<std::string>& class_names, const std::string& path,
                     Rows& rows) {
  std::map<absl::string_view, int32_t> label_of_name;
  for (const std::string& name : class_names) {
    label_of_name.emplace(name, static_cast<int32_t>(label_of_name.size()));
  }
  std::vector<int32_t> label_of_class;
  for (const auto& [text, place] : rows.classes) {
    const auto found = label_of_name.find(text);
    if (found == label_of_name.end()) {
      return Error(place, ": class ", Quoted(text), " does not occur in ", path);
    }
    label_of_class.push_back(found->second);
  }
  for (int32_t& label : rows.part.labels) label = label_of_class[label];
  return absl::OkStatus();
}

// --- parts ---

// The rows at `indices`, in the order of the file.
TablePart Take(const TablePart& from, std::vector<int64_t> indices) {
  absl::c_sort(indices);
  TablePart part;
  part.count = static_cast<int64_t>(indices.size());
  const auto take = [&](const auto& all, auto& taken) {
    const auto width = static_cast<int64_t>(all.size()) / from.count;
    for (const int64_t i : indices) {
      taken.insert(taken.end(), all.begin() + i * width, all.begin() + (i + 1) * width);
    }
  };
  take(from.features, part.features);
  take(from.labels, part.labels);
  take(from.targets, part.targets);
  return part;
}

absl::StatusOr<TablePart> ReadTestFile(const TableSpec& spec, const Columns& columns,
                                       const std::vector<std::string>& class_names) {
  absl::StatusOr<CsvReader> reader = CsvReader::Open(spec.test_path);
  if (!reader.ok()) return reader.status();
  const auto names = ReadHeader(*reader, spec.test_path);
  if (!names.ok()) return names.status();
  if (names->size() != columns.names.size()) {
    return Error(spec.test_path, ": it has ", names->size(), " columns, ", spec.path, " has ",
                 columns.names.size());
  }
  for (size_t i = 0; i < names->size(); ++i) {
    if ((*names)[i] == columns.names[i]) continue;
    return Error(spec.test_path, ": column ", i + 1, " is ", Quoted((*names)[i]), ", in ",
                 spec.path, " it is ", Quoted(columns.names[i]));
  }
  absl::StatusOr<Rows> rows = ReadRows(*reader, spec.test_path, columns, spec.regression);
  if (!rows.ok()) return rows.status();
  if (absl::Status status = Relabel(class_names, spec.path, *rows); !status.ok()) return status;
  return std::move(rows->part);
}

}  // namespace

absl::StatusOr<Table> ReadTable(const TableSpec& spec) {
  absl::StatusOr<CsvReader> reader = CsvReader::Open(spec.path);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<std::vector<std::string>> names = ReadHeader(*reader, spec.path);
  if (!names.ok()) return names.status();
  const absl::StatusOr<Columns> columns = FindColumns(spec, *std::move(names));
  if (!columns.ok()) return columns.status();
  absl::StatusOr<Rows> rows = ReadRows(*reader, spec.path, *columns, spec.regression);
  if (!rows.ok()) return rows.status();

  Table table;
  table.path = spec.path;
  for (const size_t i : columns->features) table.feature_names.push_back(columns->names[i]);
  for (const size_t i : columns->targets) table.target_names.push_back(columns->names[i]);
  if (!spec.regression) {
    auto classes = OrderClasses(*rows, spec.path, table.target_names[0]);
    if (!classes.ok()) return classes.status();
    table.class_names = *std::move(classes);
  }
  if (absl::Status s = Relabel(table.class_names, spec.path, *rows); !s.ok()) return s;
  if (!spec.test_path.empty()) {
    absl::StatusOr<TablePart> test = ReadTestFile(spec, *columns, table.class_names);
    if (!test.ok()) return test.status();
    table.train = std::move(rows->part);
    table.test = *std::move(test);
    return table;
  }
  // By a seed of its own: a training with another seed never sees what this one is tested with.
  Split split = SplitIndices(rows->part.count, spec.test_part, HashSeed(0, "table test"));
  table.train = Take(rows->part, std::move(split.first));
  table.test = Take(rows->part, std::move(split.second));
  return table;
}

}  // namespace nasc
