#include "dsl/format.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

const char* const kSamples[] = {
    "dsl/std/cnn.space",       "examples/darts/darts.space",        "examples/darts/search.space",
    "tests/driver/tiny.space", "tests/reference/darts_small.space",
};

// Every construct of the language.
constexpr char kEverything[] = R"(space a.b version 1.0.0
/// A space of everything.

import std.cnn
import "other file.space"

ops candidates(x, y = 1/2) {
  none relaxed
  identity
  pool = max_pool(3) -> when relaxed { bn }
}

op unit(kernel, kind = -1) = one of kind { a = conv(kernel)  b = conv(kernel) -> relu }

op stage(each base) {
  choose kind in { a, b }
  choose layers in 1..4
  choose more in layers + 1 .. 2 * layers
  let x = one of candidates(1, y = 2)
  return concat(x -> relu, none -> bn, one of { a  b }) -> repeat layers - 1 { unit(3) with stride = 1, k *= 2 }
}

cell normal(prev_prev, prev = 3) {
  adapt when not same_size and (a == b or c <= -d) { relu } else { bn }
  choose k in { 1, 2 }
  node n[1..4] {
    choose m in { 1, 2 }
    edges 1..2 of earlier else first { one of candidates }
    merge sum
    then relu -> bn
  }
  node single {
    slots 2 of [prev, n] as (a, b) { relu }
  }
  node p[2] { edges previous and any of before_previous }
  output concat(n)
  stride 2
}

cell reduction like normal { }

network {
  choose depth in { 6, 8 }
  input image(3, 32, 32)  classes 10
  stem conv(3)
  body normal
  stack 3 * cells + 2 {
    at 1/3, 2/3: reduction with width *= 2
    else: normal
  }
  auxiliary after 2/3: relu -> linear(classes)
  head global_avg_pool()
}

scale search { width = 16  input features(12)  regression 1 }
scale final { width = 36  stem conv(5)  auxiliary after 1/2: linear(classes) }

require macs <= 400e6 and latency < 78ms at final
require 2 ^ -x > 50%

renamed old.path -> new.path

search first {
  space a at search
  data images { path = "a // b"  pad = 2 }
  strategy darts
  train sgd { learning_rate = cosine(0.05, 0.001) }
  budget steps 120  epochs 3
  objective maximize accuracy * (latency / 78ms) ^ -0.07
  final at final { steps = 500 }
  baseline random
  seed 2
}
)";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

// The formatted text, or the diagnostics.
std::string Formatted(const std::string& text) {
  Diagnostics diagnostics;
  std::optional<std::string> formatted =
      FormatSpace(std::make_shared<const SourceFile>("t.space", text), diagnostics);
  EXPECT_NE(formatted.has_value(), diagnostics.has_errors());
  return formatted.has_value() ? *formatted : diagnostics.Render();
}

// What is left of a text without its blanks and ends of lines, which is all that a layout may
// change.
std::string WithoutBlanks(const std::string& text) {
  std::string rest;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') rest += c;
  }
  return rest;
}

// Checks what holds for every formatted text, and gives it.
std::string FormattedWell(const std::string& text) {
  const std::string formatted = Formatted(text);
  EXPECT_FALSE(absl::StrContains(formatted, "error:")) << formatted << text;
  EXPECT_EQ(WithoutBlanks(text), WithoutBlanks(formatted));
  EXPECT_EQ(formatted, Formatted(formatted)) << text;
  EXPECT_FALSE(absl::StrContains(formatted, "\n\n\n")) << formatted;
  EXPECT_FALSE(absl::StartsWith(formatted, "\n")) << formatted;
  EXPECT_FALSE(absl::EndsWith(formatted, "\n\n")) << formatted;
  EXPECT_TRUE(absl::EndsWith(formatted, "\n")) << formatted;
  for (const absl::string_view line : absl::StrSplit(formatted, '\n')) {
    EXPECT_FALSE(absl::EndsWith(line, " ")) << "'" << line << "'";
  }
  return formatted;
}

size_t WidestLine(const std::string& text) {
  size_t widest = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::StrContains(line, "//")) widest = std::max(widest, line.size());
  }
  return widest;
}

std::string Repeated(const std::string& text, int times) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

std::vector<std::string> Samples() {
  std::vector<std::string> samples = {kEverything};
  for (const char* path : kSamples) samples.push_back(ReadFile(path));
  return samples;
}

TEST(FormatTest, LeavesWhatHasTheLayout) {
  for (const char* path : kSamples) {
    EXPECT_EQ(ReadFile(path), FormattedWell(ReadFile(path))) << path;
  }
}

TEST(FormatTest, KnowsEveryConstruct) {
  std::string expected = kEverything;
  const auto replace = [&](const std::string& from, const std::string& to) {
    const size_t place = expected.find(from);
    ASSERT_NE(place, std::string::npos) << from;
    expected.replace(place, from.size(), to);
  };
  replace(" -> repeat layers", "\n      -> repeat layers");
  replace("like normal { }", "like normal {}");
  EXPECT_EQ(expected, FormattedWell(kEverything));
}

TEST(FormatTest, GivesNothingForBlanks) {
  EXPECT_EQ("", Formatted(""));
  EXPECT_EQ("", Formatted(" \r\n\t\n"));
}

TEST(FormatTest, KeepsAFileOfComments) {
  EXPECT_EQ("// a\n\n/// b\n", FormattedWell("\n\n// a  \n\n\n   /// b"));
}

TEST(FormatTest, EndsLinesAsUnixDoes) {
  EXPECT_EQ("import a  // b\nimport c\n", FormattedWell("import a // b \t\r\nimport\tc\r\n"));
}

TEST(FormatTest, CountsCodePointsForTheWidth) {
  const std::string wide = Repeated("ß", 84);
  EXPECT_EQ("op x = relu -> " + wide + "\n", FormattedWell("op x = relu->" + wide));
  EXPECT_EQ("op x = relu -> b\n    -> " + wide + "\n", FormattedWell("op x = relu->b->" + wide));
}

TEST(FormatTest, DoesNotFormatWhatDoesNotParse) {
  EXPECT_TRUE(absl::StrContains(Formatted("op f = \xff"), "not UTF-8"));
  EXPECT_TRUE(absl::StrContains(Formatted("op f = relu -> "), "unexpected end of the file"));
  EXPECT_TRUE(absl::StrContains(Formatted("op f = relu $"), "unexpected '$'"));
}

TEST(FormatTest, DoesNotMakeATextThatIsTooLargeToRead) {
  const std::string text = "op f = " + Repeated("when a { ", 90) + "conv(" + Repeated("1,", 25000) +
                           "1)" + Repeated("}", 90);
  EXPECT_TRUE(absl::StrContains(Formatted(text), "formatted, a text of"));
}

// Other blanks between the tokens, other ends of lines, comments, and longer names.
std::string Shaken(const std::string& text, std::mt19937& random) {
  const std::vector<std::string> blanks = {
      " ",        "  ",       " ", "\n",          "\n",          "\t ",           "\r\n\n",
      "\n\n\n\n", "  // c\n", " ", "\n // own\n", "\n/// doc\n", "\n\n//  x \n\n"};
  const unsigned kinds = random() % 3 == 0 ? blanks.size() : 7;
  const unsigned rate = 1 + random() % 20;
  const std::string longer = Repeated("x", random() % 3 == 0 ? random() % 60 : 0);
  std::string shaken;
  bool comment = false;
  bool text_in_quotes = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && !comment) text_in_quotes = !text_in_quotes;
    if (text.compare(i, 2, "//") == 0 && !text_in_quotes) comment = true;
    if (text[i] == '\n') {
      shaken += comment ? "\n" : "";
      comment = false;
    }
    const bool blank = text[i] == ' ' || text[i] == '\n';
    if (blank && !comment && !text_in_quotes && random() % rate == 0) {
      shaken += blanks[random() % kinds];
    } else {
      shaken += text[i];
    }
    if (!comment && text.compare(i, 5, "relu ") == 0) {
      shaken += "elu" + longer;
      i += 3;
    }
  }
  return shaken;
}

TEST(FormatTest, IsTheSameForItsResultHoweverTheTextWasWritten) {
  std::mt19937 random(1);
  for (const std::string& sample : Samples()) {
    for (int trial = 0; trial < 80 && !HasFailure(); ++trial) {
      FormattedWell(Shaken(sample, random));
    }
  }
}

TEST(FormatTest, HasOneLayoutForAllSpacesBetweenTokens) {
  for (const std::string& sample : Samples()) {
    const std::string formatted = Formatted(sample);
    std::string spread;
    for (const absl::string_view line : absl::StrSplit(formatted, '\n')) {
      // Blanks inside of comments and strings are theirs.
      const bool text = absl::StrContains(line, "//") || absl::StrContains(line, "\"");
      for (const char c : line) spread += c == ' ' && !text ? "\t  " : std::string(1, c);
      spread += " \r\n";
    }
    EXPECT_EQ(formatted, Formatted(spread));
  }
}

TEST(FormatTest, StaysWithinTheWidthWhereItCan) {
  const std::string chain = "op f = " + Repeated("relu -> conv(3, stride = 1) -> ", 30) + "bn";
  const std::string call = "op f = sum(" + Repeated("relu -> bn(affine = true), ", 30) + "bn)";
  const std::string domain = "op f { choose k in { " + Repeated("12, ", 99) + "1 } return relu }";
  const std::string condition = "require " + Repeated("width * 2 + depth >= 3 and ", 20) + "true";
  for (const std::string& text : {chain, call, domain, condition}) {
    const std::string formatted = FormattedWell(text);
    EXPECT_LE(WidestLine(formatted), 100u) << formatted;
    EXPECT_GT(WidestLine(formatted), 20u) << formatted;
  }
}

TEST(FormatTest, SurvivesDeepText) {
  const std::string op = "op f = ";
  FormattedWell(op + "conv(" + Repeated("(", 150) + "1" + Repeated(")", 151));
  FormattedWell(op + "conv(" + Repeated("- ", 150) + "1)");
  FormattedWell(op + Repeated("sum(relu, ", 60) + "bn" + Repeated(")", 60));
  FormattedWell(op + Repeated("sum(relu -> ", 60) + "bn" + Repeated(")", 60));
  FormattedWell(op + Repeated("when a { ", 150) + "bn" + Repeated("}", 150));
  EXPECT_TRUE(absl::StrContains(Formatted(op + "conv(" + Repeated("(", 20000)), "too-deep"));
}

double Seconds(const std::string& text) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(absl::StrContains(Formatted(text), "error:"));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST(FormatTest, TakesTimeInProportionToTheText) {
  const std::string parts[] = {"// a comment\n", "scale s { a = 1  b = 2 }\n", "/// c\n\n",
                               "op f = relu -> sum(bn, relu) -> bn\n"};
  for (const std::string& part : parts) {
    const int times = 20000 / static_cast<int>(part.size());
    const double few = Seconds(Repeated(part, times));
    EXPECT_LT(Seconds(Repeated(part, 8 * times)), 8 * 4 * few + 1) << part;
  }
  const double few = Seconds("op f = " + Repeated("relu -> ", 5000) + "bn");
  EXPECT_LT(Seconds("op f = " + Repeated("relu -> ", 40000) + "bn"), 8 * 4 * few + 1);
}

}  // namespace
}  // namespace nasc
