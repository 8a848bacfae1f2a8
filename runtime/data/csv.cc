#include "runtime/data/csv.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace nasc {
namespace {

constexpr char kQuote = '"';

// What the line has most of, outside of quotes; commas where it has none.
char MostFrequentSeparator(absl::string_view line) {
  constexpr absl::string_view kSeparators = ",;\t";
  std::vector<int64_t> counts(kSeparators.size());
  bool quoted = false;
  for (const char c : line) {
    if (c == kQuote) quoted = !quoted;
    const size_t separator = kSeparators.find(c);
    if (!quoted && separator != absl::string_view::npos) ++counts[separator];
  }
  return kSeparators[std::max_element(counts.begin(), counts.end()) - counts.begin()];
}

}  // namespace

absl::StatusOr<CsvReader> CsvReader::Open(absl::string_view path) {
  absl::StatusOr<GzipFile> file = GzipFile::Open(path);
  if (!file.ok()) return file.status();
  CsvReader reader(*std::move(file));
  if (absl::EndsWith(absl::StripSuffix(path, ".gz"), ".tsv")) reader.separator_ = '\t';
  return reader;
}

std::string CsvReader::place() const { return absl::StrCat(file_.path(), ":", number_); }

absl::StatusOr<bool> CsvReader::ReadLine() {
  constexpr size_t kChunk = 1 << 16;
  ++number_;
  size_t searched = 0;
  while (true) {
    const size_t end = buffer_.find('\n', begin_ + searched);
    searched = (end == std::string::npos ? buffer_.size() : end) - begin_;
    if (searched > kMaxCsvLine) {
      return absl::InvalidArgumentError(
          absl::StrCat(place(), ": a line of more than ", kMaxCsvLine, " bytes"));
    }
    if (end != std::string::npos) {
      line_.assign(buffer_, begin_, searched);
      begin_ = end + 1;
      break;
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    buffer_.resize(searched + kChunk);
    const absl::StatusOr<int64_t> count = file_.Read(&buffer_[searched], kChunk);
    if (!count.ok()) return count.status();
    buffer_.resize(searched + *count);
    if (*count > 0) continue;
    if (buffer_.empty()) return false;
    line_ = std::exchange(buffer_, "");  // The last line has no end.
    break;
  }
  if (number_ == 1) line_ = std::string(absl::StripPrefix(line_, "\xEF\xBB\xBF"));
  return true;
}

absl::StatusOr<bool> CsvReader::Next(std::vector<std::string>& values) {
  do {
    const absl::StatusOr<bool> read = ReadLine();
    if (!read.ok() || !*read) return read;
  } while (absl::StripAsciiWhitespace(line_).empty());
  if (separator_ == '\0') separator_ = MostFrequentSeparator(line_);
  if (absl::Status status = SplitLine(values); !status.ok()) return status;
  return true;
}

absl::Status CsvReader::SplitLine(std::vector<std::string>& values) const {
  values.clear();
  const absl::string_view line = absl::StripSuffix(line_, "\r");
  const auto is_space = [this](char c) { return c != separator_ && absl::ascii_isspace(c); };
  size_t at = 0;
  while (true) {
    while (at < line.size() && is_space(line[at])) ++at;
    std::string& value = values.emplace_back();
    if (at < line.size() && line[at] == kQuote) {
      for (++at; at < line.size(); ++at) {
        if (line[at] == kQuote && (at + 1 == line.size() || line[at + 1] != kQuote)) break;
        if (line[at] == kQuote) ++at;
        value += line[at];
      }
      if (at == line.size()) {
        return absl::InvalidArgumentError(
            absl::StrCat(place(), ": a quote that does not end on its line"));
      }
      ++at;
      while (at < line.size() && is_space(line[at])) ++at;
      if (at < line.size() && line[at] != separator_) {
        return absl::InvalidArgumentError(absl::StrCat(place(), ": more after a closing quote"));
      }
    } else {
      const size_t end = std::min(line.find(separator_, at), line.size());
      value = std::string(absl::StripTrailingAsciiWhitespace(line.substr(at, end - at)));
      at = end;
    }
    if (at == line.size()) return absl::OkStatus();
    ++at;
  }
}

}  // namespace nasc
