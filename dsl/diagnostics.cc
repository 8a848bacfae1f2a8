#include "dsl/diagnostics.h"

#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace nasc {
namespace {

std::vector<const DiagnosticKind*>& Registry() {
  static auto* const registry = new std::vector<const DiagnosticKind*>;
  return *registry;
}

constexpr int kWidest = 160;        // code points of a line that are shown
constexpr size_t kMostShown = 100;  // diagnostics

constexpr char kCodePayload[] = "nasc/first-code";

// The line of the place with a caret under it. Tabs stay tabs, so that the caret lines up; of a
// very long line the part around the place is shown.
std::string Snippet(const Location& location) {
  const absl::string_view line = location.file->Line(location.line);
  if (line.empty()) return "";
  std::vector<absl::string_view> points;
  for (size_t i = 0; i < line.size(); ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xC0) != 0x80 || points.empty()) {
      points.push_back(line.substr(i, 1));
    } else {
      points.back() = absl::string_view(points.back().data(), points.back().size() + 1);
    }
  }
  const int count = static_cast<int>(points.size());
  const int place = location.column - 1;
  const int first = count <= kWidest ? 0 : std::max(0, place - kWidest / 2);
  const int last = count <= kWidest ? count : std::min(count, first + kWidest);
  std::string shown = first > 0 ? "..." : "";
  std::string under(shown.size(), ' ');
  for (int i = first; i < last; ++i) {
    absl::StrAppend(&shown, points[i]);
    if (i < place) under += points[i] == "\t" ? '\t' : ' ';
  }
  if (last < count) shown += "...";
  under += '^';
  under.append(std::max(1, std::min(location.length, last - place)) - 1, '~');
  return absl::StrFormat("%5d | %s\n      | %s\n", location.line, shown, under);
}

// A longer name is no typing mistake, and its distance would cost a table of its size.
constexpr size_t kMaxNameToCorrect = 64;

int EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] =
          std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

DiagnosticKind::DiagnosticKind(absl::string_view code, Severity severity)
    : code(code), severity(severity) {
  Registry().push_back(this);
}

const std::vector<const DiagnosticKind*>& DiagnosticKind::All() { return Registry(); }

Diagnostic& Diagnostics::Report(const DiagnosticKind& kind, const Location& location,
                                std::string message) {
  auto diagnostic = std::make_unique<Diagnostic>();
  diagnostic->kind = &kind;
  diagnostic->location = location;
  diagnostic->message = std::move(message);
  if (!seen_.insert(absl::StrCat(kind.code, "\n", ToString(location), "\n", diagnostic->message))
           .second) {
    dropped_ = std::move(diagnostic);
    return *dropped_;
  }
  if (kind.severity == Severity::kError) ++errors_;
  diagnostics_.push_back(std::move(diagnostic));
  return *diagnostics_.back();
}

void Diagnostics::TakeNew(const Diagnostics& other) {
  const auto place = [](const Diagnostic& diagnostic) {
    return absl::StrCat(diagnostic.kind->code, "\n", ToString(diagnostic.location));
  };
  std::set<std::string> places;
  for (const auto& diagnostic : diagnostics_) places.insert(place(*diagnostic));
  for (const auto& diagnostic : other.diagnostics_) {
    if (places.count(place(*diagnostic)) > 0) continue;
    Report(*diagnostic->kind, diagnostic->location, diagnostic->message) = *diagnostic;
  }
}

std::vector<Diagnostic> Diagnostics::Sorted() const {
  std::vector<Diagnostic> sorted;
  for (const auto& diagnostic : diagnostics_) sorted.push_back(*diagnostic);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic& a, const Diagnostic& b) {
    const auto key = [](const Diagnostic& d) {
      return std::make_tuple(d.location.known() ? d.location.file->path() : std::string(),
                             d.location.line, d.location.column);
    };
    return key(a) < key(b);
  });
  return sorted;
}

std::string Diagnostics::Render() const {
  std::string text;
  size_t shown = 0;
  for (const Diagnostic& d : Sorted()) {
    if (shown++ == kMostShown) {
      absl::StrAppend(&text, "... and ", diagnostics_.size() - kMostShown, " more\n");
      break;
    }
    const absl::string_view severity = d.kind->severity == Severity::kError ? "error" : "warning";
    const std::string place = ToString(d.location);
    absl::StrAppend(&text, place, place.empty() ? "" : ": ", severity, ": ", d.message, " [",
                    d.kind->code, "]\n");
    if (d.location.known()) absl::StrAppend(&text, Snippet(d.location));
    for (const Note& note : d.notes) {
      const std::string where = ToString(note.location);
      absl::StrAppend(&text, where, where.empty() ? "" : ": ", "note: ", note.message, "\n");
      if (note.location.known()) absl::StrAppend(&text, Snippet(note.location));
    }
    if (!d.fix.empty()) absl::StrAppend(&text, "  fix: ", d.fix, "\n");
  }
  return text;
}

absl::Status Diagnostics::ToStatus() const {
  absl::Status status;
  for (const Diagnostic& diagnostic : Sorted()) {
    if (diagnostic.kind->severity != Severity::kError) continue;
    status = absl::InvalidArgumentError(Render());
    status.SetPayload(kCodePayload, absl::Cord(diagnostic.kind->code));
    break;
  }
  return status;
}

std::string FirstCode(const absl::Status& status) {
  return std::string(status.GetPayload(kCodePayload).value_or(absl::Cord()));
}

std::string DidYouMean(absl::string_view name, const std::vector<std::string>& candidates) {
  if (name.size() > kMaxNameToCorrect) return "";
  const int limit = std::max<int>(1, name.size() / 3);
  int best = limit + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > name.size() + limit) continue;
    const int distance = EditDistance(name, candidate);
    if (distance > 0 && distance < best) {
      best = distance;
      nearest = &candidate;
    }
  }
  return nearest == nullptr ? "" : absl::StrCat("did you mean '", *nearest, "'?");
}

}  // namespace nasc
