#include "tests/docs/markdown.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace nasc {
namespace {

constexpr char kFence[] = "```";
constexpr absl::string_view kTested[] = {"space", "architecture", "graph"};
constexpr absl::string_view kOthers[] = {"text", "sh", "cpp", "python", "json"};

template <size_t n>
bool IsOneOf(absl::string_view word, const absl::string_view (&words)[n]) {
  for (absl::string_view one : words) {
    if (one == word) return true;
  }
  return false;
}

absl::StatusOr<Block> ReadFence(absl::string_view info, int line) {
  Block block;
  block.line = line;
  const auto mistake = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
  };
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(info, absl::MaxSplits(' ', 1));
  block.language = std::string(parts.first);
  absl::string_view rest = parts.second;
  const bool tested = IsOneOf(block.language, kTested);
  if (!tested && !IsOneOf(block.language, kOthers)) {
    return mistake(absl::StrCat("a block of '", block.language,
                                "'; write ```space, ```text or another language that "
                                "docs/testing.md lists"));
  }
  if (tested && absl::ConsumePrefix(&rest, "fragment:")) {
    block.fragment = std::string(absl::StripAsciiWhitespace(rest));
    if (block.fragment.empty()) return mistake("a fragment says why it is not a whole file");
    return block;
  }
  for (absl::string_view mark : absl::StrSplit(rest, ' ', absl::SkipEmpty())) {
    if (tested && absl::ConsumePrefix(&mark, "error=")) {
      block.error = std::string(mark);
    } else if (tested && absl::ConsumePrefix(&mark, "warning=")) {
      block.warning = std::string(mark);
    } else if (block.language == "space" && absl::ConsumePrefix(&mark, "file=")) {
      block.file = std::string(mark);
    } else {
      return mistake(absl::StrCat("a block of ", block.language, " is not marked '", mark, "'"));
    }
  }
  return block;
}

}  // namespace

absl::StatusOr<std::vector<Block>> ReadBlocks(absl::string_view markdown) {
  std::vector<Block> blocks;
  bool open = false;
  size_t indent = 0;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(markdown, '\n')) {
    ++number;
    const absl::string_view written = absl::StripLeadingAsciiWhitespace(line);
    if (!absl::StartsWith(written, kFence)) {
      if (!open) continue;
      const size_t blanks = line.size() - written.size();
      absl::StrAppend(&blocks.back().text, line.substr(std::min(indent, blanks)), "\n");
    } else if (open) {
      open = false;
    } else {
      indent = line.size() - written.size();
      absl::StatusOr<Block> block = ReadFence(absl::StripPrefix(written, kFence), number);
      if (!block.ok()) return block.status();
      blocks.push_back(*std::move(block));
      open = true;
    }
  }
  if (open) return absl::InvalidArgumentError("the last block does not end");
  return blocks;
}

}  // namespace nasc
