#include "dsl/parse.h"

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "dsl/ast_printer.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

std::string DartsText() {
  std::ifstream file("examples/darts/darts.space");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_GT(text.str().size(), 1000u);
  return text.str();
}

// Whether the text can be parsed; in any case it is survived.
bool Parses(const std::string& text) {
  Diagnostics diagnostics;
  const ast::File file =
      ParseSpace(std::make_shared<const SourceFile>("t.space", text), diagnostics);
  PrintAst(file);
  diagnostics.Render();
  return !diagnostics.has_errors();
}

double Seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(ParseTest, SurvivesEveryTruncation) {
  const std::string text = DartsText();
  EXPECT_TRUE(Parses(text));
  for (size_t size = 0; size < text.size(); size += 2) Parses(text.substr(0, size));
}

TEST(ParseTest, SurvivesRandomEdits) {
  const std::string text = DartsText();
  std::mt19937 random(1);
  const std::string often = "{}()[]=,:.->*/^+\"%1 \n\xc3\xa4\xff";
  int parsed = 0;
  for (int trial = 0; trial < 1500; ++trial) {
    std::string edited = text;
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      const size_t place = random() % edited.size();
      const char byte =
          random() % 4 == 0 ? static_cast<char>(random() % 256) : often[random() % often.size()];
      switch (random() % 4) {
        case 0:
          edited[place] = byte;
          break;
        case 1:
          edited.insert(place, 1, byte);
          break;
        case 2:
          edited.erase(place, 1 + random() % 8);
          break;
        case 3:
          edited.insert(place, edited.substr(random() % edited.size(), random() % 40));
          break;
      }
    }
    parsed += Parses(edited);
  }
  // Edits of comments and of numbers leave it a space.
  EXPECT_GT(parsed, 15);
  EXPECT_LT(parsed, 1485);
}

std::string Repeated(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

TEST(ParseTest, BoundsTheStackOfHostileText) {
  const std::string op = "library l version 1.0.0 op f = conv(";
  for (const char* text :
       {"(", "-", "1^", "1+", "1-", "1*", "1<", "not ", "1 and ", "f(", "relu->sum("}) {
    EXPECT_FALSE(Parses(op + Repeated(text, 20000))) << text;
    EXPECT_FALSE(Parses(op + Repeated(text, 20000) + "1)")) << text;
  }
  // Closing brackets before do not buy more opening ones.
  EXPECT_FALSE(Parses(Repeated("}", 20000) + op + Repeated("(", 20000)));
  EXPECT_FALSE(Parses(Repeated("when a { ", 20000)));
}

TEST(ParseTest, ReadsDeepTextWithinTheBoundQuickly) {
  const std::string op = "library l version 1.0.0 op f = ";
  const double seconds = Seconds([&] {
    EXPECT_TRUE(Parses(op + "conv(" + Repeated("(", 150) + "1" + Repeated(")", 151)));
    EXPECT_TRUE(Parses(op + "conv(" + Repeated("1 + ", 150) + "1)"));
    EXPECT_TRUE(Parses(op + Repeated("sum(relu, ", 60) + "bn" + Repeated(")", 60)));
    EXPECT_TRUE(Parses(op + Repeated("sum(relu -> ", 60) + "bn" + Repeated(")", 60)));
    EXPECT_TRUE(Parses(op + Repeated("when a { ", 150) + "bn" + Repeated("}", 150)));
    EXPECT_TRUE(Parses(op + Repeated("relu -> ", 20000) + "bn"));
  });
  EXPECT_LT(seconds, 20);
}

ast::File Parsed(const std::string& text) {
  Diagnostics diagnostics;
  ast::File file = ParseSpace(std::make_shared<const SourceFile>("t.space", text), diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  return file;
}

TEST(ParseTest, FindsAMistakeInEveryDefinition) {
  Diagnostics diagnostics;
  const std::string text =
      "library l version 1.0.0\nop f(a = = b, c) = relu\nop g { let x relu return x }\n"
      "cel h { }\nops i { a = conv(3 }\ncell j(x) { node n[1 { } } }\nop k = relu\n"
      "scale m { a = }\n";
  ParseSpace(std::make_shared<const SourceFile>("t.space", text), diagnostics);
  std::vector<int> lines;
  for (const Diagnostic& diagnostic : diagnostics.Sorted()) {
    lines.push_back(diagnostic.location.line);
  }
  EXPECT_EQ(lines, (std::vector<int>{2, 3, 4, 5, 6, 8})) << diagnostics.Render();
}

TEST(ParseTest, LabelsStepsByWhatTheyCall) {
  const ast::File file = Parsed(
      "library l version 1.0.0\n"
      "op f = conv(1) -> one of { a = conv(1)  b = conv(1) -> conv(3) } -> repeat 2 { conv(3) }\n"
      "    -> repeat 3 { relu } -> one of kind { c = relu } -> sum(conv(1), x = bn, none)");
  ASSERT_EQ(file.operations.size(), 1u);
  const std::vector<ast::Step>& steps = file.operations[0].result.steps;
  ASSERT_EQ(steps.size(), 6u);
  EXPECT_EQ(steps[0].label, "conv1");
  EXPECT_EQ(steps[1].label, "op");
  EXPECT_EQ(steps[2].label, "repeat1");
  EXPECT_EQ(steps[2].branches[0].steps[0].label, "conv2");
  EXPECT_EQ(steps[3].label, "repeat2");
  EXPECT_EQ(steps[4].label, "kind");
  EXPECT_EQ(steps[5].label, "sum");
  EXPECT_EQ(steps[5].args[0].label, "conv3");
  EXPECT_EQ(steps[5].args[1].label, "bn");
  EXPECT_EQ(steps[5].args[2].label, "none");
  // Candidates on the spot are scopes of their own.
  ASSERT_EQ(steps[1].candidates.size(), 2u);
  EXPECT_EQ(steps[1].candidates[0].chain->steps[0].label, "conv");
  EXPECT_EQ(steps[1].candidates[1].chain->steps[0].label, "conv1");
  EXPECT_EQ(steps[1].candidates[1].chain->steps[1].label, "conv2");
}

TEST(ParseTest, TakesOnlyThreeSlashesForDocumentation) {
  const ast::File file = Parsed(
      "library l version 1.0.0  // not this\n/// A library.\n// Not this.\n/// Not this either.\n"
      "// Nor this.\n/// The first line,\n/// the second.\nop f = relu");
  EXPECT_EQ(file.header->doc, "A library.");
  EXPECT_EQ(file.operations[0].doc, "The first line,\nthe second.");
}

TEST(ParseTest, ReadsOptionsOfArchitectures) {
  Diagnostics diagnostics;
  const ast::ArchitectureFile file = ParseArchitecture(
      std::make_shared<const SourceFile>(
          "t.arch",
          "architecture a version 1.0.0 { x.edges = { }  y = -1  z = { 1/3, -0.75, none } }"),
      diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  std::string read;
  for (const ast::Choice& choice : file.choices) {
    read += choice.path.text + ":";
    for (const ast::Identifier& pick : choice.picks) read += " " + pick.text;
    read += "\n";
  }
  EXPECT_EQ(read, "x.edges:\ny: -1\nz: 1/3 -0.75 none\n");
}

TEST(ParseTest, GivesAPlaceToEveryName) {
  Diagnostics diagnostics;
  const ast::File file = ParseSpace(
      std::make_shared<const SourceFile>("t.space", "library l version 1.0.0\n\nop größe = relu"),
      diagnostics);
  ASSERT_EQ(file.operations.size(), 1u);
  const ast::Identifier& name = file.operations[0].name;
  EXPECT_EQ(name.text, "größe");
  EXPECT_EQ(ToString(name.location), "t.space:3:4");
  EXPECT_EQ(name.location.length, 5);
  const ast::Step& step = file.operations[0].result.steps[0];
  EXPECT_EQ(ToString(step.location), "t.space:3:12");
}

}  // namespace
}  // namespace nasc
