#include "compiler/versions/space_diff.h"

#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "compiler/algebra/function_hash.h"
#include "compiler/architecture.h"
#include "compiler/draw.h"
#include "compiler/identity.h"
#include "compiler/ir/printer.h"
#include "compiler/primitives.h"
#include "compiler/relax.h"
#include "compiler/versions/diff_text.h"
#include "compiler/versions/random_edits.h"
#include "compiler/versions/space_map.h"
#include "dsl/check.h"
#include "dsl/format.h"
#include "dsl/sources.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

CompiledSpace Compiled(const std::string& text) {
  Diagnostics diagnostics;
  const Sources sources = LoadSourcesFromText("test.space", text, diagnostics);
  if (!diagnostics.has_errors()) CheckSources(sources, LanguageVocabulary(), diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.Render() << text;
  absl::StatusOr<CompiledSpace> compiled = CompileSpace(*SpaceOf(sources.root()));
  EXPECT_TRUE(compiled.ok()) << compiled.status() << text;
  return *std::move(compiled);
}

// A line an edit: "option came c", "decision went normal.n1.edges".
std::set<std::string> Lines(const SpaceDiff& diff) {
  std::set<std::string> lines;
  for (const NamedEdit& edit : diff.decisions) {
    lines.insert(absl::StrCat("decision ", NameOf(edit.edit), " ", edit.name, " ", edit.new_name));
  }
  for (const OptionEdit& edit : diff.options) {
    lines.insert(
        absl::StrCat("option ", NameOf(edit.edit), " ", edit.option, " ", edit.new_option));
  }
  for (const NamedEdit& edit : diff.requirements) {
    lines.insert(absl::StrCat("requirement ", NameOf(edit.edit)));
  }
  for (const NamedEdit& edit : diff.scales) {
    lines.insert(absl::StrCat("scale ", NameOf(edit.edit), " ", edit.name, edit.new_name));
  }
  for (const NetworkEdit& edit : diff.network) {
    lines.insert(absl::StrCat("network ", edit.at, " ", edit.what));
  }
  return lines;
}

// A text with words exchanged, whatever they mean there.
std::string Exchanged(const std::string& text, const std::map<std::string, std::string>& words) {
  std::string out;
  std::string word;
  for (const char c : text + " ") {
    if (absl::ascii_isalnum(c) || c == '_') {
      word += c;
      continue;
    }
    const auto found = words.find(word);
    out += found == words.end() ? word : found->second;
    out += c;
    word.clear();
  }
  return out;
}

// What a network computes, as text.
std::string NetworkText(const ir::Graph& supernet, const Architecture& architecture,
                        const std::map<std::string, std::string>& words) {
  const absl::StatusOr<ir::Graph> fixed = Fix(supernet, architecture);
  EXPECT_TRUE(fixed.ok()) << fixed.status();
  std::string text;
  for (absl::string_view line : absl::StrSplit(ir::Print(*fixed), '\n')) {
    if (absl::StartsWith(line, "  %") || absl::StartsWith(line, "  weight") ||
        absl::StartsWith(line, "  return")) {
      absl::StrAppend(&text, line, "\n");
    }
  }
  return Exchanged(text, words);
}

struct Enumerated {
  int64_t before = 0;
  int64_t kept = 0;
};

// Goes through all architectures of the old space: those that the new one reads, under new names,
// and of which it makes the same networks at every scale that both have.
Enumerated Enumerate(const CompiledSpace& before, const CompiledSpace& after,
                     const std::map<std::string, std::string>& words) {
  Enumerated result;
  const ir::Graph& old_graph = before.scales[0];
  ForEachArchitecture(
      old_graph.decisions, old_graph.constraints, [&](const Architecture& architecture) {
        ++result.before;
        Diagnostics diagnostics;
        const std::optional<Architecture> now = ParseArchitecture(
            std::make_shared<SourceFile>(
                "text",
                absl::StrCat(
                    "architecture tiny version 1.0.0 {\n",
                    Exchanged(std::string(ChoicesIn(Print(architecture, old_graph))), words))),
            after.scales[0], diagnostics);
        if (!now.has_value()) return true;
        bool same = true;
        for (const ir::Graph& scale : before.scales) {
          const ir::Graph* other = FindScale(after, scale.scale);
          if (other == nullptr) continue;
          same = same && NetworkText(scale, architecture, words) == NetworkText(*other, *now, {});
        }
        if (same) ++result.kept;
        return true;
      });
  return result;
}

TEST(SpaceDiffTest, FindsEveryEditAndKeepsWhatEnumerationKeeps) {
  int with_losses = 0;
  int without_losses = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    RandomEdits editor(seed);
    editor.Begin();
    const std::string old_text = editor.model.Text();
    const CompiledSpace before = Compiled(old_text);
    editor.Edit();
    const std::string new_text = editor.model.Text();
    const CompiledSpace after = Compiled(new_text);
    const SpaceDiff diff = DiffSpaces(before, after);
    SCOPED_TRACE(absl::StrCat("seed ", seed, "\n", old_text, "\n->\n", new_text, DiffText(diff)));

    const std::set<std::string> lines = Lines(diff);
    std::vector<std::string> differ;
    absl::c_set_symmetric_difference(lines, editor.expected, std::back_inserter(differ));
    EXPECT_EQ(absl::StrJoin(differ, "\n"), "");

    std::map<std::string, std::string> words;
    for (const auto& [from, to] : editor.model.renamed) {
      const std::vector<std::string> old_parts = absl::StrSplit(from, '.');
      const std::vector<std::string> new_parts = absl::StrSplit(to, '.');
      words[old_parts.back()] = new_parts.back();
    }
    const Enumerated enumerated = Enumerate(before, after, words);
    EXPECT_TRUE(diff.exact);
    EXPECT_EQ(diff.before.size.count, enumerated.before);
    EXPECT_EQ(diff.kept.count, enumerated.kept);
    const bool scale_went =
        absl::c_any_of(diff.scales, [](const NamedEdit& edit) { return edit.edit == Edit::kWent; });
    const bool lost = enumerated.kept < enumerated.before;
    EXPECT_EQ(diff.needed == VersionStep::kMajor, lost || scale_went);
    EXPECT_EQ(diff.losses.empty(), !lost);
    (lost ? with_losses : without_losses) += 1;

    const SpaceMap map(before.scales[0], after.scales[0],
                       Renames(after.renames, before.scales[0].decisions));
    for (const Loss& loss : diff.losses) {
      ASSERT_TRUE(loss.example.has_value()) << LossText(loss);
      EXPECT_TRUE(Fulfils(*loss.example, before.scales[0].constraints));
      if (loss.kind == Loss::Kind::kComputes) continue;
      EXPECT_FALSE(map.Translate(*loss.example).ok()) << LossText(loss);
    }
    if (diff.needed == VersionStep::kNone) {
      EXPECT_EQ(IdentityOf(before.scales[0]), IdentityOf(after.scales[0]));
      EXPECT_EQ(before.sources, after.sources);
    }
  }
  EXPECT_GT(with_losses, 15);
  EXPECT_GT(without_losses, 15);
}

TEST(SpaceDiffTest, IsTheSameWhateverLayoutAndComments) {
  SpaceModel model;
  const CompiledSpace plain = Compiled(model.Text());
  Diagnostics diagnostics;
  const std::optional<std::string> formatted =
      FormatSpace(std::make_shared<SourceFile>("test.space", model.Text()), diagnostics);
  ASSERT_TRUE(formatted.has_value());
  EXPECT_NE(*formatted, model.Text());
  model.strange_layout = true;
  for (const CompiledSpace& other : {Compiled(*formatted), Compiled(model.Text())}) {
    EXPECT_EQ(SerializeSpace(plain), SerializeSpace(other));
    EXPECT_EQ(DiffSpaces(plain, other).needed, VersionStep::kNone);
  }
}

// The identity of a space is that of its names, the function of an architecture is not.
TEST(SpaceDiffTest, FunctionsStayUnderOtherNamesAndOrders) {
  const std::map<std::string, std::string> names = {
      {"a", "ay"}, {"b", "bee"}, {"n0", "first"}, {"n1", "second"}};
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    SpaceModel model;
    model.edges = 1 + static_cast<int>(random() % 2);
    model.candidates.push_back({"c", 0});
    const std::string sum = "  c = sum(conv(3), conv(5))\n";
    const std::string text = absl::StrReplaceAll(model.Text(), {{"  c\n", sum}});
    // Sums the other way round, candidates in another order, other names.
    std::shuffle(model.candidates.begin(), model.candidates.end(), random);
    std::string other =
        absl::StrReplaceAll(model.Text(), {{"  c\n", "  c = sum(conv(5), conv(3))\n"}});
    other = Exchanged(other, names);
    for (const auto& [from, to] : names) {
      absl::StrAppend(&other, "renamed ", from, " -> ", to, "\n");
    }
    const CompiledSpace before = Compiled(text);
    const CompiledSpace after = Compiled(other);
    EXPECT_NE(IdentityOf(before.scales[0]), IdentityOf(after.scales[0]));
    const SpaceMap map(before.scales[0], after.scales[0],
                       Renames(after.renames, before.scales[0].decisions));
    FunctionHasher old_hasher(before.scales[0]);
    FunctionHasher new_hasher(after.scales[0]);
    std::set<std::string> functions;
    for (int i = 0; i < 20; ++i) {
      const Architecture drawn = DrawArchitecture(before.scales[0].decisions, [&](uint64_t n) {
                                   return random() % n;
                                 }).architecture;
      const absl::StatusOr<Architecture> translated = map.Translate(drawn);
      ASSERT_TRUE(translated.ok()) << translated.status();
      EXPECT_EQ(old_hasher.Of(drawn), new_hasher.Of(*translated));
      EXPECT_NE(IdentityOf(drawn, before.scales[0]), IdentityOf(*translated, after.scales[0]));
      functions.insert(old_hasher.Of(drawn).ToString());
    }
    EXPECT_GT(functions.size(), 5);
  }
}

TEST(SpaceDiffTest, TakesAPatchForTheSameSupernetWrittenOtherwise) {
  const std::string text = SpaceModel().Text();
  const std::string other = Exchanged(text, {{"candidates", "operations"}});
  ASSERT_NE(text, other);
  const SpaceDiff diff = DiffSpaces(Compiled(text), Compiled(other));
  EXPECT_EQ(diff.needed, VersionStep::kPatch);
  EXPECT_FALSE(diff.enough());
}

TEST(SpaceDiffTest, UnderstandsNamesThatAreExchanged) {
  SpaceModel model;
  const CompiledSpace before = Compiled(model.Text());
  std::swap(model.candidates[0].name, model.candidates[1].name);
  EXPECT_EQ(DiffSpaces(before, Compiled(model.Text())).needed, VersionStep::kMajor);
  model.renamed = {{"a", "b"}, {"b", "a"}};
  const CompiledSpace after = Compiled(model.Text());
  const SpaceDiff diff = DiffSpaces(before, after);
  EXPECT_EQ(diff.needed, VersionStep::kMinor) << DiffText(diff);
  // In the version after that the lines are still there.
  EXPECT_EQ(DiffSpaces(after, after).needed, VersionStep::kNone);
}

TEST(SpaceDiffTest, LeavesRenamesOfVersionsBeforeAlone) {
  SpaceModel model;
  model.candidates[1].name = "bee";
  model.renamed = {{"b", "bee"}};
  const CompiledSpace renamed = Compiled(model.Text());
  model.candidates.push_back({"b", 7});
  const SpaceDiff diff = DiffSpaces(renamed, Compiled(model.Text()));
  EXPECT_EQ(diff.needed, VersionStep::kMinor) << DiffText(diff);
  EXPECT_EQ(Lines(diff), std::set<std::string>{"option came  b"});
}

TEST(VersionStepTest, ComparesHeaders) {
  EXPECT_EQ(StepBetween("1.0.0", "1.0.0"), VersionStep::kNone);
  EXPECT_EQ(StepBetween("1.0.9", "1.0.10"), VersionStep::kPatch);
  EXPECT_EQ(StepBetween("1.9.9", "1.10.0"), VersionStep::kMinor);
  EXPECT_EQ(StepBetween("1.9.9", "2.0.0"), VersionStep::kMajor);
  EXPECT_EQ(StepBetween("2.0.0", "1.9.9"), VersionStep::kNone);
  EXPECT_TRUE(GoesBack("2.0.0", "1.9.9"));
  EXPECT_EQ(StepBetween("0.3.0", "0.4.0"), VersionStep::kMajor);
  EXPECT_EQ(StepBetween("0.3.0", "0.3.1"), VersionStep::kMinor);
  EXPECT_EQ(NextVersion("1.2.3", VersionStep::kMajor), "2.0.0");
  EXPECT_EQ(NextVersion("1.2.3", VersionStep::kMinor), "1.3.0");
  EXPECT_EQ(NextVersion("1.2.3", VersionStep::kPatch), "1.2.4");
  EXPECT_EQ(NextVersion("0.2.3", VersionStep::kMajor), "0.3.0");
}

}  // namespace
}  // namespace nasc
