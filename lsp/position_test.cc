#include "lsp/position.h"

#include <memory>

#include "gtest/gtest.h"

namespace nasc::lsp {
namespace {

// "ü" is two bytes and one unit, "字" three bytes and one unit, "😀" four bytes and two units.
constexpr char kText[] = "op ü字😀x\r\nsecond\nlast😀";

std::shared_ptr<const SourceFile> File() {
  return std::make_shared<const SourceFile>("a.space", kText);
}

TEST(Position, RangesCountUtf16Units) {
  const Range before = RangeOf({File(), 1, 5, 1});
  EXPECT_EQ(before.start, (Position{0, 4}));
  EXPECT_EQ(before.end, (Position{0, 5}));
  const Range wide = RangeOf({File(), 1, 6, 1});
  EXPECT_EQ(wide.start, (Position{0, 5}));
  EXPECT_EQ(wide.end, (Position{0, 7}));
  const Range after = RangeOf({File(), 1, 7, 1});
  EXPECT_EQ(after.start, (Position{0, 7}));
  EXPECT_EQ(after.end, (Position{0, 8}));
}

TEST(Position, RangesEndWithTheirLine) {
  EXPECT_EQ(RangeOf({File(), 3, 4, 1000}).end, (Position{2, 6}));
  EXPECT_EQ(RangeOf({File(), 3, 1000, 1}).start, (Position{2, 6}));
  EXPECT_EQ(RangeOf({File(), 99, 4, 2}).start, (Position{98, 0}));
  EXPECT_EQ(RangeOf({}).start, (Position{0, 0}));
}

TEST(Position, PlacesCountCodePoints) {
  EXPECT_EQ(PlaceOf(File(), {0, 5}).column, 6);
  EXPECT_EQ(PlaceOf(File(), {0, 6}).column, 6);  // inside the pair of units
  EXPECT_EQ(PlaceOf(File(), {0, 7}).column, 7);
  EXPECT_EQ(PlaceOf(File(), {0, 99}).column, 8);
  EXPECT_EQ(PlaceOf(File(), {1, 2}).line, 2);
  EXPECT_EQ(PlaceOf(File(), {99, 2}).column, 1);
  EXPECT_EQ(PlaceOf(File(), {-1, -5}).column, 1);
}

TEST(Position, PlacesAndRangesAreInverse) {
  for (int column = 1; column <= 7; ++column) {
    const Location location{File(), 1, column, 1};
    EXPECT_EQ(PlaceOf(File(), RangeOf(location).start).column, column);
  }
}

TEST(Position, OffsetsAreBytes) {
  EXPECT_EQ(OffsetOf(kText, {0, 3}), 3u);
  EXPECT_EQ(OffsetOf(kText, {0, 4}), 5u);
  EXPECT_EQ(OffsetOf(kText, {0, 5}), 8u);
  EXPECT_EQ(OffsetOf(kText, {0, 7}), 12u);
  EXPECT_EQ(OffsetOf(kText, {0, 99}), 13u) << "before the line's end";
  EXPECT_EQ(OffsetOf(kText, {1, 0}), 15u);
  EXPECT_EQ(OffsetOf(kText, {2, 99}), sizeof(kText) - 1);
  EXPECT_EQ(OffsetOf(kText, {99, 0}), sizeof(kText) - 1);
}

TEST(Position, TextOfALocation) {
  EXPECT_EQ(TextOf({File(), 1, 4, 3}), "ü字😀");
  EXPECT_EQ(TextOf({File(), 1, 7, 9}), "x");
  EXPECT_EQ(TextOf({File(), 9, 7, 9}), "");
}

}  // namespace
}  // namespace nasc::lsp
