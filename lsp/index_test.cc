#include "lsp/index.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace nasc::lsp {
namespace {

using Kind = Definition::Kind;

Index Of(const std::string& text) {
  return MakeIndex(std::make_shared<const SourceFile>("a.space", text));
}

// "name: text" of the definitions of a kind.
std::vector<std::string> Texts(const Index& index, Kind kind) {
  std::vector<std::string> texts;
  for (const Definition& definition : index.definitions) {
    if (definition.kind == kind) {
      texts.push_back(absl::StrCat(definition.name, ": ", definition.text));
    }
  }
  return texts;
}

using Strings = std::vector<std::string>;

constexpr char kSpace[] = R"(space my.tiny version 1.0.0
/// What it is,
/// in two lines.
import std.cnn
import "other.space"

/// Half of it.
op half(kernel, part = max(1, 2)) {
  let x = relu     // not a doc
  choose k in { 3, 5 }
  return x -> conv(kernel)
}
ops candidates { none relaxed  skip_connect  pool = max_pool(3) -> when relaxed { bn } else { relu }
  conv = half(3) -> one of inner  last }
cell normal(prev_prev, prev) {
  node n[2] { edges 2 of earlier { one of candidates } merge sum }
  output concat(n)
}
network { input image(1, 8, 8) stack depth { else: normal } }
scale small { width = 4  depth = 1/2 + 3 affine = false }
search look { space my.tiny at small  data fashion_mnist { pad = 2 } }
)";

TEST(Index, FindsItems) {
  const Index index = Of(kSpace);
  EXPECT_EQ(Texts(index, Kind::kSpace), Strings{"my.tiny: space my.tiny version 1.0.0"});
  EXPECT_EQ(Texts(index, Kind::kOperation), Strings{"half: op half(kernel, part = max(1, 2))"});
  EXPECT_EQ(Texts(index, Kind::kSet), Strings{"candidates: ops candidates"});
  EXPECT_EQ(Texts(index, Kind::kCell), Strings{"normal: cell normal(prev_prev, prev)"});
  EXPECT_EQ(Texts(index, Kind::kNetwork), Strings{"network: network"});
  EXPECT_EQ(Texts(index, Kind::kScale), Strings{"small: scale small"});
  EXPECT_EQ(Texts(index, Kind::kSearch), Strings{"look: search look"});
}

TEST(Index, FindsParts) {
  const Index index = Of(kSpace);
  EXPECT_EQ(Texts(index, Kind::kParameter), (Strings{"kernel: kernel", "part: part = max(1, 2)",
                                                     "prev_prev: prev_prev", "prev: prev"}));
  EXPECT_EQ(Texts(index, Kind::kValue), Strings{"x: let x = relu"});
  EXPECT_EQ(Texts(index, Kind::kChoice), Strings{"k: choose k in { 3, 5 }"});
  EXPECT_EQ(Texts(index, Kind::kSetting),
            (Strings{"width: width = 4", "depth: depth = 1/2 + 3", "affine: affine = false"}));
  std::string candidates;
  for (const Definition& definition : index.definitions) {
    if (definition.kind == Kind::kCandidate) absl::StrAppend(&candidates, definition.name, " ");
  }
  EXPECT_EQ(candidates, "none skip_connect pool conv last ");
}

TEST(Index, FindsDocs) {
  const Index index = Of(kSpace);
  EXPECT_EQ(index.definitions[0].doc, "What it is,\nin two lines.");
  EXPECT_EQ(index.definitions[1].doc, "Half of it.");
}

TEST(Index, FindsImports) {
  const Index index = Of(kSpace);
  ASSERT_EQ(index.imports.size(), 2u);
  EXPECT_EQ(index.imports[0].target, "std.cnn");
  EXPECT_FALSE(index.imports[0].is_path);
  EXPECT_EQ(index.imports[0].location.length, 7);
  EXPECT_EQ(index.imports[1].target, "other.space");
  EXPECT_TRUE(index.imports[1].is_path);
}

TEST(Index, TextMayBeHalfWritten) {
  for (const char* text :
       {"op", "op f(", "op f(a, b = ", "ops s { a = conv(", "import", "import std.", "import \"x",
        "cell c(a) { node", "scale s { width =", "scale s { width = (", "space", "space a.", ")",
        "}{", "\"", "1..4", "///", "op f /// x"}) {
    Of(text);
  }
  const Index index = Of("ops s { a = conv(\nop f(k) = relu\ncell c(p) { node n[");
  EXPECT_EQ(Texts(index, Kind::kOperation), Strings{"f: op f(k)"});
  EXPECT_EQ(Texts(index, Kind::kCell), Strings{"c: cell c(p)"});
}

// What is read for each definition must not be the whole text each time: this would run into the
// time limit.
TEST(Index, TimeIsLinearInHostileText) {
  for (const std::string piece :
       {"op f(a(\n", "space a ", "a = ", "scale s { a = ", "cell c { space x ", "ops s { a a a ",
        "import a.", "let x ", "/// x\nop f = a\n", "op f(a, "}) {
    std::string text = "scale s { ";
    while (text.size() < (1 << 20)) text += piece;
    EXPECT_EQ(Of(text).source->text().size(), text.size());
  }
}

TEST(Tokens, NumbersKeepTheirDotsAndUnits) {
  std::string texts;
  for (const Token& token : Scan("1..4 0.5 1.0.0 6e-3 50% 78ms 2s 3x")) {
    absl::StrAppend(&texts, token.text, "|");
  }
  EXPECT_EQ(texts, "1|..|4|0.5|1.0.0|6e-3|50%|78ms|2s|3|x|");
}

TEST(Tokens, PlacesCountCodePoints) {
  const std::vector<Token> tokens = Scan("größe = \"字😀\" x");
  ASSERT_EQ(tokens.size(), 4u);
  EXPECT_EQ(tokens[0].length, 5);
  EXPECT_EQ(tokens[2].column, 9);
  EXPECT_EQ(tokens[2].length, 4);
  EXPECT_EQ(tokens[3].column, 14);
}

TEST(Tokens, AtAPlace) {
  const std::string text = "a->bc (d\n e";
  const std::vector<Token> tokens = Scan(text);
  const auto at = [&](int line, int column) {
    const int token = TokenAt(tokens, {nullptr, line, column, 1});
    return token < 0 ? "" : std::string(tokens[token].text);
  };
  EXPECT_EQ(at(1, 1), "a");
  EXPECT_EQ(at(1, 2), "a") << "the word before";
  EXPECT_EQ(at(1, 4), "bc") << "the word behind";
  EXPECT_EQ(at(1, 6), "bc");
  EXPECT_EQ(at(1, 8), "d");
  EXPECT_EQ(at(2, 1), "");
  EXPECT_EQ(at(2, 2), "e");
  EXPECT_EQ(at(3, 1), "");
}

}  // namespace
}  // namespace nasc::lsp
