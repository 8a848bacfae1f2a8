#include "dsl/diagnostics.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kFault, "fault", kError);
NASC_DIAGNOSTIC(kDoubt, "doubt", kWarning);

Location At(const std::string& text, int line, int column, int length) {
  return {std::make_shared<const SourceFile>("t.space", text), line, column, length};
}

std::string Rendered(const Location& location) {
  Diagnostics diagnostics;
  diagnostics.Report(kFault, location, "what was found");
  return diagnostics.Render();
}

TEST(DiagnosticsTest, UnderlinesThePlace) {
  EXPECT_EQ(Rendered(At("first\na bad word\n", 2, 3, 3)),
            "t.space:2:3: error: what was found [fault]\n"
            "    2 | a bad word\n"
            "      |   ^~~\n");
}

TEST(DiagnosticsTest, KeepsTabsSoThatTheCaretLinesUp) {
  EXPECT_EQ(Rendered(At("\ta\tbad", 1, 4, 3)),
            "t.space:1:4: error: what was found [fault]\n"
            "    1 | \ta\tbad\n"
            "      | \t \t^~~\n");
}

TEST(DiagnosticsTest, CountsCodePoints) {
  EXPECT_EQ(Rendered(At("größe = ähm", 1, 9, 3)),
            "t.space:1:9: error: what was found [fault]\n"
            "    1 | größe = ähm\n"
            "      |         ^~~\n");
  // A place that goes on in the next line is underlined to the end of this one.
  EXPECT_EQ(Rendered(At("größe = ähm", 1, 9, 80)),
            "t.space:1:9: error: what was found [fault]\n"
            "    1 | größe = ähm\n"
            "      |         ^~~\n");
}

TEST(DiagnosticsTest, PointsBehindTheLineAndShowsNoEmptyOne) {
  EXPECT_EQ(Rendered(At("ab\n", 1, 3, 1)),
            "t.space:1:3: error: what was found [fault]\n"
            "    1 | ab\n"
            "      |   ^\n");
  EXPECT_EQ(Rendered(At("ab\n", 2, 1, 1)), "t.space:2:1: error: what was found [fault]\n");
  EXPECT_EQ(Rendered(At("ab\r\n", 1, 2, 1)),
            "t.space:1:2: error: what was found [fault]\n"
            "    1 | ab\n"
            "      |  ^\n");
  EXPECT_EQ(Rendered(Location{}), "error: what was found [fault]\n");
}

TEST(DiagnosticsTest, ShowsThePartOfALongLineThatMatters) {
  const std::string line = std::string(500, 'a') + "bad" + std::string(500, 'c');
  EXPECT_EQ(Rendered(At(line, 1, 501, 3)),
            "t.space:1:501: error: what was found [fault]\n"
            "    1 | ..." +
                std::string(80, 'a') + "bad" + std::string(77, 'c') + "...\n" + "      |    " +
                std::string(80, ' ') + "^~~\n");
}

TEST(DiagnosticsTest, ShowsTheFirstOfVeryMany) {
  auto file = std::make_shared<const SourceFile>("t.space", std::string(30000, 'x'));
  Diagnostics diagnostics;
  for (int i = 1; i <= 30000; ++i) diagnostics.Report(kFault, {file, 1, i, 1}, "x");
  EXPECT_EQ(diagnostics.errors(), 30000);
  const std::string text = diagnostics.Render();
  EXPECT_LT(text.size(), 100000u);
  EXPECT_EQ(text.substr(text.size() - 19), "... and 29900 more\n");
}

TEST(DiagnosticsTest, AreSortedByPlaceAndNotRepeated) {
  auto file = std::make_shared<const SourceFile>("t.space", "abc");
  Diagnostics diagnostics;
  diagnostics.Report(kFault, {file, 1, 3, 1}, "third");
  Diagnostic& first = diagnostics.Report(kDoubt, {file, 1, 1, 1}, "first");
  first.notes.push_back({Location{}, "a note"});
  first.fix = "a fix";
  diagnostics.Report(kFault, {file, 1, 3, 1}, "third").fix = "of what was dropped";
  EXPECT_EQ(diagnostics.errors(), 1);
  EXPECT_EQ(diagnostics.Render(),
            "t.space:1:1: warning: first [doubt]\n"
            "    1 | abc\n"
            "      | ^\n"
            "note: a note\n"
            "  fix: a fix\n"
            "t.space:1:3: error: third [fault]\n"
            "    1 | abc\n"
            "      |   ^\n");
}

TEST(DiagnosticsTest, AnErrorMakesAStatus) {
  Diagnostics diagnostics;
  diagnostics.Report(kDoubt, Location{}, "a warning");
  EXPECT_TRUE(diagnostics.ToStatus().ok());
  EXPECT_NE(diagnostics.Render(), "");
  diagnostics.Report(kFault, Location{}, "an error");
  EXPECT_EQ(diagnostics.ToStatus().message(), diagnostics.Render());
}

TEST(DiagnosticsTest, TakeWhatIsNew) {
  Diagnostics diagnostics;
  diagnostics.Report(kFault, At("abc", 1, 1, 1), "at one scale");
  Diagnostics other;
  other.Report(kFault, At("abc", 1, 1, 1), "the same at another scale");
  other.Report(kFault, At("abc", 1, 2, 1), "elsewhere").fix = "a fix";
  other.Report(kFault, At("abc", 1, 2, 1), "elsewhere, too");
  diagnostics.TakeNew(other);
  EXPECT_EQ(diagnostics.errors(), 3);
  EXPECT_EQ(diagnostics.Sorted()[0].message, "at one scale");
  EXPECT_EQ(diagnostics.Sorted()[1].fix, "a fix");
}

TEST(DidYouMeanTest, FindsTheNearest) {
  EXPECT_EQ(DidYouMean("sep_cnov", {"dil_conv", "sep_conv", "sep_convs"}),
            "did you mean 'sep_conv'?");
  EXPECT_EQ(DidYouMean("rleu", {"relu6", "relu"}), "did you mean 'relu'?");
  EXPECT_EQ(DidYouMean("x", {"y"}), "did you mean 'y'?");
}

TEST(DidYouMeanTest, IsSilentWhereNothingIsNear) {
  EXPECT_EQ(DidYouMean("conv", {"sigmoid", "global_avg_pool"}), "");
  EXPECT_EQ(DidYouMean("conv", {"conv"}), "");
  EXPECT_EQ(DidYouMean("conv", {}), "");
  const std::string huge(1000000, 'a');  // takes no time
  EXPECT_EQ(DidYouMean(huge, {huge + "b"}), "");
}

TEST(Utf8Test, FindsTheFirstByteThatIsNone) {
  EXPECT_EQ(FindInvalidUtf8("aä€😀"), absl::string_view::npos);
  EXPECT_EQ(FindInvalidUtf8("ab\xff"), 2u);
  EXPECT_EQ(FindInvalidUtf8("a\xc3"), 1u);             // cut off
  EXPECT_EQ(FindInvalidUtf8("\xc0\xaf"), 0u);          // overlong
  EXPECT_EQ(FindInvalidUtf8("\xed\xa0\x80"), 0u);      // a surrogate
  EXPECT_EQ(FindInvalidUtf8("\xf4\x90\x80\x80"), 0u);  // above U+10FFFF
}

}  // namespace
}  // namespace nasc
