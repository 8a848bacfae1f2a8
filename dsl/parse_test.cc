#include "dsl/parse.h"

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <random>
#include <sstream>
#include <string>

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
