// Goes through the pages of the documentation: their examples do what the pages say they do, and
// every kind of diagnostic has a page that shows it. See docs/testing.md.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/check_file.h"
#include "cli/explanations.h"
#include "compiler/architecture.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/verifier.h"
#include "compiler/primitives.h"
#include "dsl/check.h"
#include "dsl/diagnostics.h"
#include "dsl/sources.h"
#include "gtest/gtest.h"
#include "runtime/run/atomic_file.h"
#include "tests/docs/markdown.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

namespace fs = std::filesystem;

// What cannot be shown by a short text. Their pages have a line that begins with `No example: `.
const std::set<std::string>& CodesWithoutExample() {
  static const auto* const codes = new std::set<std::string>{
      "not-utf-8",       // a page is UTF-8
      "too-large",       // megabytes
      "too-deep",        // hundreds of brackets
      "too-many-calls",  // a hundred operations
  };
  return *codes;
}

constexpr char kNoExample[] = "\nNo example: ";

// The blocks of one page, in order, with the files and the space that they leave for later ones.
class Page {
 public:
  explicit Page(fs::path path) : path_(std::move(path)) {
    const std::string name = absl::StrReplaceAll(path_.string(), {{"/", "_"}});
    folder_ = fs::path(testing::TempDir()) / "docs_test" / name;
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }

  void Check() {
    const absl::StatusOr<std::string> text = ReadFileToString(path_.string());
    ASSERT_TRUE(text.ok()) << text.status().message();
    const absl::StatusOr<std::vector<Block>> blocks = ReadBlocks(*text);
    ASSERT_TRUE(blocks.ok()) << path_.string() << ": " << blocks.status().message();
    for (const Block& block : *blocks) {
      SCOPED_TRACE(absl::StrCat("the block at ", path_.string(), ":", block.line));
      if (!block.fragment.empty()) continue;
      if (block.language == "space") CheckSpace(block);
      if (block.language == "architecture") CheckArchitecture(block);
      if (block.language == "graph") CheckGraph(block);
    }
  }

 private:
  void CheckSpace(const Block& block) {
    const fs::path file = folder_ / (block.file.empty() ? "example.space" : block.file);
    std::ofstream(file, std::ios::binary) << block.text;
    Expect(block, CheckFile(file.string()));
    Diagnostics ignored;
    const Sources sources = LoadSources(file.string(), ignored);
    if (ignored.has_errors() || !SpaceOf(sources.root()).has_value()) return;
    const std::vector<ast::ScaleDecl>& scales = sources.root().file.scales;
    graph_ = LowerSources(sources, scales.empty() ? "" : scales[0].name.text, ignored);
  }

  void CheckArchitecture(const Block& block) {
    ASSERT_TRUE(graph_.has_value()) << "no right space is before it";
    Diagnostics diagnostics;
    ParseArchitecture(std::make_shared<const SourceFile>("example.arch", block.text), *graph_,
                      diagnostics);
    Expect(block, diagnostics);
  }

  static void CheckGraph(const Block& block) {
    const absl::StatusOr<ir::Graph> graph = ir::ParseGraph(block.text);
    ASSERT_TRUE(graph.ok()) << graph.status().message();
    EXPECT_TRUE(ir::Verify(*graph).ok()) << ir::Verify(*graph).message();
  }

  static void Expect(const Block& block, const Diagnostics& found) {
    const std::vector<Diagnostic> sorted = found.Sorted();
    const std::string wanted = absl::StrCat(block.error, block.warning);
    EXPECT_EQ(sorted.empty() ? "" : std::string(sorted[0].kind->code), wanted) << found.Render();
    EXPECT_EQ(found.has_errors(), !block.error.empty()) << found.Render();
  }

  const fs::path path_;
  fs::path folder_;
  std::optional<ir::Graph> graph_;  // the last space's, at its first scale
};

class OnePage : public testing::Test {
 public:
  explicit OnePage(fs::path path) : path_(std::move(path)) {}
  void TestBody() override { Page(path_).Check(); }

 private:
  const fs::path path_;
};

std::vector<fs::path> Pages() {
  std::vector<fs::path> pages = {"README.md"};
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator("docs")) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

TEST(ErrorPages, EveryKindIsExplained) {
  for (const DiagnosticKind* kind : DiagnosticKind::All()) {
    const std::string code(kind->code);
    const Explanation* page = FindExplanation(code);
    if (page == nullptr) {
      ADD_FAILURE() << "add docs/errors/" << code << ".md, whose first line is `# " << code
                    << ": TITLE`: what the error means, how to mend it, a ```space error=" << code
                    << " and the same mended; docs/errors/unknown-cell.md is a model";
      continue;
    }
    EXPECT_EQ(page->text.rfind(absl::StrCat("# ", code, ": ", page->title, "\n"), 0), 0u)
        << "the first line of docs/errors/" << code << ".md is not `# " << code << ": TITLE`";
    const bool no_example = page->text.find(kNoExample) != std::string::npos;
    EXPECT_EQ(no_example, CodesWithoutExample().count(code) > 0)
        << "docs/errors/" << code << ".md says `No example: WHY` exactly where "
        << "CodesWithoutExample() of this test has the code";
    if (no_example) continue;
    const absl::StatusOr<std::vector<Block>> blocks = ReadBlocks(page->text);
    if (!blocks.ok()) continue;  // the page's own test reports it
    bool wrong = false, mended = false;
    for (const Block& block : *blocks) {
      const std::string shows = kind->severity == Severity::kError ? block.error : block.warning;
      mended |= wrong && shows != code && block.error.empty() && block.fragment.empty();
      wrong |= shows == code;
    }
    EXPECT_TRUE(wrong) << "docs/errors/" << code << ".md has no block marked with " << code;
    EXPECT_TRUE(mended) << "docs/errors/" << code << ".md does not show the mended text";
  }
}

TEST(ErrorPages, EveryPageIsOfAKind) {
  std::set<absl::string_view> codes;
  for (const DiagnosticKind* kind : DiagnosticKind::All()) codes.insert(kind->code);
  for (const Explanation& page : Explanations()) {
    EXPECT_EQ(codes.count(page.code), 1u)
        << "no diagnostic has the code '" << page.code << "': remove docs/errors/" << page.code
        << ".md, or rename it";
  }
}

// docs/ops.md says it of each of them.
TEST(OpsPage, EveryPrimitiveSaysWhatItGives) {
  for (const Primitive& primitive : Primitives()) {
    if (LanguageVocabulary().Find(primitive.name) == nullptr) continue;
    EXPECT_FALSE(primitive.doc.empty()) << primitive.name;
    EXPECT_NE(ShapeInWords(primitive), "")
        << "add the shape rule of '" << primitive.name << "' to ShapeInWords";
    EXPECT_EQ(WeightsInWords(primitive).empty(), primitive.params == nullptr)
        << "add the weights of '" << primitive.name << "' to WeightsInWords";
  }
}

TEST(Markdown, FindsBlocks) {
  const auto blocks = ReadBlocks("a\n  ```space file=b.space error=shape\n  x\n   y\n  ```\n");
  ASSERT_TRUE(blocks.ok()) << blocks.status();
  ASSERT_EQ(blocks->size(), 1u);
  EXPECT_EQ((*blocks)[0].line, 2);
  EXPECT_EQ((*blocks)[0].file, "b.space");
  EXPECT_EQ((*blocks)[0].error, "shape");
  EXPECT_EQ((*blocks)[0].text, "x\n y\n");
}

TEST(Markdown, RefusesWhatWouldNotBeTested) {
  for (const char* text :
       {"```\nspace tiny\n```\n", "```spcae\n```\n", "```space eror=shape\n```\n",
        "```space fragment:\n```\n", "```space\n", "```cpp error=shape\n```\n"}) {
    EXPECT_FALSE(ReadBlocks(text).ok()) << text;
  }
}

}  // namespace
}  // namespace nasc

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (const std::filesystem::path& path : nasc::Pages()) {
    testing::RegisterTest("Docs", path.string().c_str(), nullptr, nullptr, path.string().c_str(), 1,
                          [path]() -> testing::Test* { return new nasc::OnePage(path); });
  }
  return RUN_ALL_TESTS();
}
