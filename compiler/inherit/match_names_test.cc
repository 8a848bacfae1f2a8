#include "compiler/inherit/match_names.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

using Names = std::vector<std::string>;

const MatchOptions kNumbers{{"sep3", "sep5", "dil3"}, /*nearest=*/false};
const MatchOptions kNearest{{"sep3", "sep5", "dil3"}, /*nearest=*/true};

TEST(MatchNamesTest, TheSameNameComesFirst) {
  const auto matches = MatchNames({"stem.conv.weight"}, {"stem.conv.weight", "head.weight"}, {});
  EXPECT_EQ(matches.at("stem.conv.weight").donor, "stem.conv.weight");
  EXPECT_EQ(matches.at("stem.conv.weight").rule, NameRule::kSame);
}

TEST(MatchNamesTest, CellsOfADeeperStageInheritFromTheNearest) {
  const Names donor = {"stage0.cell0.c.w", "stage0.cell1.c.w", "stage1.cell0.c.w"};
  Names child;
  for (int i = 0; i < 5; ++i) child.push_back("stage0.cell" + std::to_string(i) + ".c.w");
  const auto matches = MatchNames(child, donor, kNearest);
  const Names expected = {donor[0], donor[0], donor[1], donor[1], donor[1]};
  for (size_t i = 0; i < child.size(); ++i) {
    EXPECT_EQ(matches.at(child[i]).donor, expected[i]) << child[i];
  }
  EXPECT_EQ(MatchNames(child, donor, kNumbers).size(), 2u);
}

TEST(MatchNamesTest, ACellWithoutTheWeightIsPassedOver) {
  const Names donor = {"stage0.cell0.adapt.a.w", "stage0.cell1.adapt.b.w"};
  const auto matches =
      MatchNames({"stage0.cell0.adapt.b.w", "stage0.cell1.adapt.b.w"}, donor, kNearest);
  EXPECT_EQ(matches.at("stage0.cell0.adapt.b.w").donor, "stage0.cell1.adapt.b.w");
}

TEST(MatchNamesTest, AnOperationOfTheSameFormAtThePlaceBeatsTheSameElsewhere) {
  const Names donor = {"c.n0.a.sep3.conv.w", "c.n1.a.sep5.conv.w"};
  const auto matches = MatchNames({"c.n0.a.sep5.conv.w"}, donor, kNumbers);
  EXPECT_EQ(matches.at("c.n0.a.sep5.conv.w").donor, "c.n0.a.sep3.conv.w");
  EXPECT_EQ(matches.at("c.n0.a.sep5.conv.w").rule, NameRule::kOtherOperation);
}

TEST(MatchNamesTest, TheSameOperationElsewhereIsTakenFromTheNearestPlaceAndSpreadOut) {
  const Names donor = {"c.n0.a.sep3.conv.w", "c.n0.b.dil3.one.w", "c.n1.b.sep3.conv.w",
                       "d.n0.b.sep3.conv.w"};
  const auto matches = MatchNames(
      {"c.n0.b.sep3.conv.w", "c.n2.a.sep3.conv.w", "c.n2.b.sep3.conv.w"}, donor, kNumbers);
  EXPECT_EQ(matches.at("c.n0.b.sep3.conv.w").donor, "c.n0.a.sep3.conv.w");
  EXPECT_EQ(matches.at("c.n0.b.sep3.conv.w").rule, NameRule::kOtherPlace);
  EXPECT_EQ(matches.at("c.n2.a.sep3.conv.w").donor, "c.n1.b.sep3.conv.w");
  EXPECT_EQ(matches.at("c.n2.b.sep3.conv.w").donor, "c.n0.a.sep3.conv.w");
}

TEST(MatchNamesTest, WhatIsBeyondTheDonorsDepthInheritsNothingByNumbers) {
  const Names donor = {"s.cell0.n0.a.sep3.conv.w"};
  EXPECT_TRUE(MatchNames({"s.cell1.n0.a.sep3.conv.w"}, donor, kNumbers).empty());
  EXPECT_EQ(MatchNames({"s.cell1.n0.a.sep3.conv.w"}, donor, kNearest).size(), 1u);
}

}  // namespace
}  // namespace nasc
