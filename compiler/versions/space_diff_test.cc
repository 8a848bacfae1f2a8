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

// A small space, as data that edits change.
struct Model {
  struct Candidate {
    std::string name;
    int kernel = 1;
    bool relaxed = false;
  };
  std::vector<Candidate> candidates = {{"a", 1}, {"b", 3}, {"none", 0, true}};
  std::vector<std::string> nodes = {"n0", "n1"};
  int edges = 1;
  int stem = 4;
  int most_a = 0;  // of n0 and n1, how many may take the first candidate; 0: any
  std::vector<std::string> scales = {"small", "large"};
  std::vector<std::pair<std::string, std::string>> renamed;  // paths
  bool strange_layout = false;

  std::string Text() const {
    std::string text = "space tiny version 1.0.0\nops candidates {\n";
    if (strange_layout) text = "// a comment\nspace   tiny version 1.0.0\n\n\nops candidates{\n";
    for (const Candidate& candidate : candidates) {
      absl::StrAppend(&text, "  ", candidate.name);
      if (candidate.relaxed) text += " relaxed";
      if (candidate.kernel > 0) absl::StrAppend(&text, " = conv(", candidate.kernel, ")");
      text += strange_layout ? "  // the same\n" : "\n";
    }
    text += "}\ncell normal(prev_prev, prev) {\n";
    for (const std::string& node : nodes) {
      absl::StrAppend(&text, "  node ", node, " { edges ", edges,
                      " of earlier { one of candidates }  merge sum }\n");
    }
    absl::StrAppend(
        &text, "  output concat(", absl::StrJoin(nodes, ", "),
        ")\n}\nnetwork {\n  input image(3, 8, 8) classes 2\n  stem conv(1, filters = ", stem,
        ")\n  stack depth { else: normal }\n", "  head global_avg_pool -> linear(classes)\n}\n");
    for (const std::string& scale : scales) {
      absl::StrAppend(&text, "scale ", scale, " { width = ", scale == "small" ? 4 : 6,
                      "  depth = 1 }\n");
    }
    if (most_a > 0) {
      absl::StrAppend(&text, "require count(", candidates[0].name, ") <= ", most_a, "\n");
    }
    for (const auto& [from, to] : renamed) {
      absl::StrAppend(&text, "renamed ", from, " -> ", to, "\n");
    }
    return text;
  }
};

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

// Edits at random, of a kind each at most, with the lines that a difference must have.
class Editor {
 public:
  explicit Editor(uint64_t seed) : random_(seed) {}

  Model model;
  std::set<std::string> expected;

  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

  // The old space.
  void Begin() {
    if (Below(2) == 0) model.candidates.push_back({"c", 5});
    model.edges = 1 + Below(2);
    if (model.edges == 1 && Below(2) == 0) model.nodes.push_back("n2");
    if (Below(4) == 0) model.most_a = 1;
  }

  void Edit() {
    before_ = model;
    const std::vector<void (Editor::*)()> edits = {
        &Editor::AddCandidate,      &Editor::DropCandidate,      &Editor::RenameCandidate,
        &Editor::ChangeKernel,      &Editor::ExchangeCandidates, &Editor::AddNode,
        &Editor::RenameNode,        &Editor::ChangeEdges,        &Editor::ChangeStem,
        &Editor::ChangeRequirement, &Editor::ChangeScales,       &Editor::ChangeLayout};
    const int count = Below(4);
    std::vector<size_t> order(edits.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random_);
    for (int i = 0; i < count; ++i) (this->*edits[order[i]])();
    Expect();
  }

 private:
  void AddCandidate() { model.candidates.push_back({"d", 7}); }
  void DropCandidate() {
    if (model.candidates.size() == 4 && model.candidates[3].name == "c")
      model.candidates.pop_back();
  }
  void RenameCandidate() {
    model.candidates[1].name = "bee";
    model.renamed.emplace_back("b", "bee");
  }
  void ChangeKernel() { model.candidates[1].kernel = 5 + 2 * Below(2); }
  void ExchangeCandidates() { std::swap(model.candidates[0], model.candidates[1]); }
  void AddNode() { model.nodes.push_back("last"); }
  void RenameNode() {
    model.nodes[0] = "first";
    model.renamed.emplace_back("normal.n0", "normal.first");
  }
  void ChangeEdges() { model.edges = 3 - model.edges; }
  void ChangeStem() { model.stem = 8; }
  void ChangeRequirement() { model.most_a = model.most_a == 0 ? 1 : 0; }
  void ChangeScales() {
    if (Below(2) == 0) {
      model.scales.pop_back();
    } else {
      model.scales.push_back("third");
    }
  }
  void ChangeLayout() { model.strange_layout = true; }

  // What is different, from the two models.
  void Expect() {
    const auto renamed = [&](const std::string& name) {
      if (name == "b" && Has(model, "bee")) return std::string("bee");
      return name;
    };
    const bool node_renamed = model.nodes[0] != before_.nodes[0];
    for (const Model::Candidate& candidate : before_.candidates) {
      if (!Has(model, renamed(candidate.name))) {
        expected.insert(absl::StrCat("option went ", candidate.name, " "));
      } else if (renamed(candidate.name) != candidate.name) {
        expected.insert("option renamed b bee");
      }
    }
    if (Has(model, "d")) expected.insert("option came  d");
    const std::string second = renamed("b");
    if (model.candidates[0].name == second) {
      expected.insert(absl::StrCat("option moved b ", second));
    }
    int kernel = 0;
    for (const Model::Candidate& each : model.candidates) {
      if (each.name == second) kernel = each.kernel;
    }
    if (kernel != 3) {
      // Padding follows from the kernel.
      expected.insert(absl::StrCat("network b kernel 3 -> ", kernel));
      expected.insert(absl::StrCat("network b padding 1 -> ", kernel / 2));
      expected.insert(absl::StrCat("network b kernel_width 3 -> ", kernel));
      expected.insert(absl::StrCat("network b padding_width 1 -> ", kernel / 2));
    }
    if (model.stem != before_.stem) expected.insert("network stem.conv filters 4 -> 8");
    if (node_renamed) {
      expected.insert("decision renamed normal.n0.edges normal.first.edges");
      for (const char* source : {"prev_prev", "prev"}) {
        expected.insert(absl::StrCat("decision renamed normal.n0.", source, ".op normal.first.",
                                     source, ".op"));
      }
      for (size_t i = 1; i < before_.nodes.size(); ++i) {
        const std::string& node = before_.nodes[i];
        expected.insert(
            absl::StrCat("decision renamed normal.", node, ".n0.op normal.", node, ".first.op"));
      }
      expected.insert("option renamed n0 first");
    }
    if (model.nodes.back() == "last") {
      expected.insert("decision came  normal.last.edges");
      const size_t operands = before_.nodes.size();
      expected.insert(absl::StrCat("network stage0.cell0.normal.output ", operands, " -> ",
                                   operands + 1, " operands"));
      std::vector<std::string> sources = {"prev_prev", "prev"};
      sources.insert(sources.end(), model.nodes.begin(), model.nodes.end() - 1);
      for (const std::string& source : sources) {
        expected.insert(absl::StrCat("decision came  normal.last.", source, ".op"));
      }
    }
    if (model.edges != before_.edges) {
      for (size_t i = 0; i < before_.nodes.size(); ++i) {
        expected.insert(absl::StrCat("decision changed normal.", before_.nodes[i], ".edges normal.",
                                     model.nodes[i], ".edges"));
      }
    }
    const std::string before = RequirementOf(before_);
    const std::string after = RequirementOf(model);
    if (before != after) {
      if (!before.empty()) expected.insert("requirement went");
      if (!after.empty()) expected.insert("requirement came");
    }
    for (const std::string& scale : before_.scales) {
      if (!absl::c_linear_search(model.scales, scale)) {
        expected.insert(absl::StrCat("scale went ", scale));
      }
    }
    for (const std::string& scale : model.scales) {
      if (!absl::c_linear_search(before_.scales, scale)) {
        expected.insert(absl::StrCat("scale came ", scale));
      }
    }
  }

  static bool Has(const Model& model, const std::string& name) {
    return absl::c_any_of(model.candidates, [&](const Model::Candidate& candidate) {
      return candidate.name == name;
    });
  }

  static std::string RequirementOf(const Model& model) {
    return model.most_a == 0 ? "" : absl::StrCat(model.candidates[0].name, model.most_a);
  }

  std::mt19937_64 random_;
  Model before_;
};

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
            std::make_shared<SourceFile>("text", Exchanged(Print(architecture, old_graph), words)),
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
    Editor editor(seed);
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
  Model model;
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
    Model model;
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
  const std::string text = Model().Text();
  const std::string other = Exchanged(text, {{"candidates", "operations"}});
  ASSERT_NE(text, other);
  const SpaceDiff diff = DiffSpaces(Compiled(text), Compiled(other));
  EXPECT_EQ(diff.needed, VersionStep::kPatch);
  EXPECT_FALSE(diff.enough());
}

TEST(SpaceDiffTest, UnderstandsNamesThatAreExchanged) {
  Model model;
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
  Model model;
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
