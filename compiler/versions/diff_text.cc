#include "compiler/versions/diff_text.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compiler/architecture.h"

namespace nasc {
namespace {

constexpr size_t kNamedDecisions = 3;

// A title and the lines below it.
struct Section {
  std::string title;
  std::vector<std::string> lines;
};

char Sign(Edit edit) {
  switch (edit) {
    case Edit::kCame:
      return '+';
    case Edit::kWent:
      return '-';
    default:
      return '~';
  }
}

std::string Names(const std::vector<std::string>& names) {
  const size_t shown = names.size() > kNamedDecisions + 1 ? kNamedDecisions : names.size();
  std::string text = absl::StrJoin(names.begin(), names.begin() + static_cast<long>(shown), ", ");
  if (shown < names.size()) absl::StrAppend(&text, " and ", names.size() - shown, " more");
  return text;
}

std::string Line(const NamedEdit& edit) {
  const std::string what = edit.what.empty() ? "" : absl::StrCat(": ", edit.what);
  std::string name = edit.name.empty() ? edit.new_name : edit.name;
  if (edit.edit == Edit::kRenamed) name += absl::StrCat(" -> ", edit.new_name, " (renamed)");
  return absl::StrCat(std::string(1, Sign(edit.edit)), " ", name, what);
}

std::string Line(const OptionEdit& edit) {
  const std::string what = edit.what.empty() ? "" : absl::StrCat(": ", edit.what);
  std::string name = edit.option.empty() ? edit.new_option : edit.option;
  if (edit.edit == Edit::kRenamed) name += absl::StrCat(" -> ", edit.new_option, " (renamed)");
  return absl::StrCat(std::string(1, Sign(edit.edit)), " ", name, what, ", at ",
                      Names(edit.decisions));
}

std::string Line(const NetworkEdit& edit) {
  std::string text = absl::StrCat("~ ", edit.at, ": ", edit.what);
  if (!edit.decisions.empty()) absl::StrAppend(&text, ", at ", Names(edit.decisions));
  if (edit.scales.size() > 1 || (edit.scales.size() == 1 && !edit.scales[0].empty())) {
    absl::StrAppend(&text, ", at scale ", absl::StrJoin(edit.scales, ", "));
  }
  if (edit.training_only) text += " (training only)";
  return text;
}

template <typename Edits>
Section Listed(std::string title, const Edits& edits) {
  Section section{std::move(title), {}};
  for (const auto& edit : edits) section.lines.push_back(Line(edit));
  return section;
}

std::vector<Section> Sections(const SpaceDiff& diff) {
  std::vector<Section> sections;
  sections.push_back(Listed("decisions", diff.decisions));
  sections.push_back(Listed("options", diff.options));
  sections.push_back(Listed("requirements", diff.requirements));
  sections.push_back(Listed("scales", diff.scales));
  sections.push_back(Listed("networks", diff.network));
  return sections;
}

std::string Title(const SpaceDiff& diff) {
  const std::string name =
      diff.before.name == diff.after.name ? "" : absl::StrCat(diff.after.name, " ");
  return absl::StrCat(diff.before.name, " ", diff.before.version, " -> ", name, diff.after.version);
}

bool NothingDiffers(const std::vector<Section>& sections, const SpaceDiff& diff) {
  for (const Section& section : sections) {
    if (!section.lines.empty()) return false;
  }
  return diff.before.identity == diff.after.identity && diff.losses.empty();
}

std::string Sizes(const SpaceDiff& diff) {
  std::string kept = "all";
  if (!diff.losses.empty()) kept = diff.kept.ToString();
  return absl::StrCat(diff.before.size.ToString(), " -> ", diff.after.size.ToString(),
                      ", of the old ", kept, " kept");
}

std::string LossLine(const Loss& loss) {
  const std::string count = loss.count.has_value() ? loss.count->get_str() : "some";
  return absl::StrCat(count, " ", LossText(loss));
}

std::string Indented(const std::string& text, const char* indent) {
  std::string out;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    absl::StrAppend(&out, indent, line, "\n");
  }
  return out;
}

}  // namespace

std::string LossText(const Loss& loss) {
  const std::string at = loss.where.empty() ? "" : absl::StrCat(" at ", Names(loss.where));
  switch (loss.kind) {
    case Loss::Kind::kOption:
      return absl::StrCat("that take ", loss.subject, at);
    case Loss::Kind::kDecision:
      return absl::StrCat("that decide ", loss.subject);
    case Loss::Kind::kNewDecision:
      return absl::StrCat("that would need a value for ", loss.subject);
    case Loss::Kind::kCount:
      return absl::StrCat("that take another number of options, ", loss.what, ", at ",
                          loss.subject);
    case Loss::Kind::kAlive:
      return absl::StrCat("in which ", loss.subject, " counted, or does now");
    case Loss::Kind::kRequirement:
      return absl::StrCat("that do not fulfil `", loss.subject, "`");
    case Loss::Kind::kComputes:
      return absl::StrCat("that compute something else: ", loss.subject, ", ", loss.what, at);
  }
  return "";
}

std::string ExampleText(const SpaceDiff& diff, const Loss& loss) {
  if (!loss.example.has_value()) return "";
  ir::Graph space;
  space.space = diff.before.name;
  space.version = diff.before.version;
  space.decisions = diff.old_decisions;
  return Print(*loss.example, space);
}

std::string VerdictText(const SpaceDiff& diff) {
  if (GoesBack(diff.before.version, diff.after.version)) {
    return absl::StrCat("the version goes back from ", diff.before.version, " to ",
                        diff.after.version);
  }
  if (diff.needed == VersionStep::kNone) return "no step of the version is needed";
  const std::string needs = absl::StrCat("this takes a ", NameOf(diff.needed), " step");
  const std::string makes =
      diff.made == VersionStep::kNone ? "none" : absl::StrCat("a ", NameOf(diff.made), " one");
  if (diff.made == diff.needed) return absl::StrCat(needs, "; the header makes it");
  if (diff.enough()) return absl::StrCat(needs, "; the header makes ", makes);
  return absl::StrCat(needs, ", and the header makes ", makes, ": the version should be ",
                      NextVersion(diff.before.version, diff.needed));
}

std::string DiffSummary(const SpaceDiff& diff) {
  constexpr size_t kShown = 3;
  std::vector<std::string> lines;
  for (const Section& section : Sections(diff)) {
    lines.insert(lines.end(), section.lines.begin(), section.lines.end());
  }
  const size_t shown = std::min(lines.size(), kShown);
  std::string text = absl::StrJoin(lines.begin(), lines.begin() + static_cast<long>(shown), "; ");
  if (shown < lines.size()) absl::StrAppend(&text, "; and ", lines.size() - shown, " more");
  return text;
}

std::string DiffText(const SpaceDiff& diff) {
  const std::vector<Section> sections = Sections(diff);
  std::string out = absl::StrCat(Title(diff), "\n");
  if (NothingDiffers(sections, diff)) {
    absl::StrAppend(&out, "\nthe same architectures and the same supernet\n");
  }
  for (const Section& section : sections) {
    if (section.lines.empty()) continue;
    absl::StrAppend(&out, "\n", section.title, "\n");
    for (const std::string& line : section.lines) absl::StrAppend(&out, "  ", line, "\n");
  }
  absl::StrAppend(&out, "\narchitectures\n  ", Sizes(diff), "\n");
  if (!diff.losses.empty()) {
    absl::StrAppend(&out, "\nlost", diff.exact ? "" : " at most", "\n");
    std::set<Loss::Kind> shown;
    for (const Loss& loss : diff.losses) {
      absl::StrAppend(&out, "  ", LossLine(loss), "\n");
      if (!shown.insert(loss.kind).second) continue;
      const std::string example = ExampleText(diff, loss);
      if (!example.empty()) absl::StrAppend(&out, "  such as\n", Indented(example, "    "));
    }
  }
  absl::StrAppend(&out, "\n", VerdictText(diff), "\n");
  return out;
}

std::string DiffMarkdown(const SpaceDiff& diff) {
  std::string out = absl::StrCat(
      "### ", Title(diff), "\n\n", diff.enough() ? "" : "**", VerdictText(diff),
      diff.enough() ? "" : "**", "\n\n| | before | after |\n| --- | --- | --- |\n", "| version | ",
      diff.before.version, " | ", diff.after.version, " |\n| architectures | ",
      diff.before.size.ToString(), " | ", diff.after.size.ToString(), " |\n| identity | `",
      diff.before.identity.ToString(), "` | `", diff.after.identity.ToString(), "` |\n");
  std::string changes;
  for (const Section& section : Sections(diff)) {
    if (section.lines.empty()) continue;
    absl::StrAppend(&changes, "# ", section.title, "\n");
    for (const std::string& line : section.lines) absl::StrAppend(&changes, line, "\n");
  }
  if (!changes.empty()) absl::StrAppend(&out, "\n```diff\n", changes, "```\n");
  if (diff.losses.empty()) {
    return absl::StrCat(out, "\nEvery old architecture is still there and computes the same.\n");
  }
  absl::StrAppend(&out, "\nLost", diff.exact ? "" : " at most", ", of ",
                  diff.before.size.ToString(), " architectures:\n\n");
  for (const Loss& loss : diff.losses) {
    absl::StrAppend(&out, "- ", LossLine(loss), "\n");
    const std::string example = ExampleText(diff, loss);
    if (example.empty()) continue;
    absl::StrAppend(&out, "  <details><summary>for example</summary>\n\n  ```text\n",
                    Indented(example, "  "), "  ```\n\n  </details>\n");
  }
  return out;
}

}  // namespace nasc
