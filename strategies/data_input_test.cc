#include "strategies/data_input.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/primitives.h"
#include "dsl/check.h"
#include "dsl/diagnostics.h"
#include "dsl/sources.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

// Lowers a space with this `input` line and body for data.
absl::StatusOr<ir::Graph> Lower(const std::string& input, const std::string& body,
                                const InputSpec& data) {
  Diagnostics diagnostics;
  const Sources sources = LoadSourcesFromText(
      "test.space",
      absl::StrCat("space small version 1.0.0\nnetwork {\n  input ", input, "\n", body, "\n}\n"),
      diagnostics);
  CheckSources(sources, LanguageVocabulary(), diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  const std::optional<Space> space = SpaceOf(sources.root());
  if (!space.has_value()) return absl::InternalError("no space");
  return LowerForData(*space, "", data);
}

InputSpec Images(int64_t channels, int64_t height, int64_t width) {
  return {channels, height, width, 7};
}

InputSpec Rows(int64_t features, int64_t outputs) {
  InputSpec input;
  input.features = features;
  input.outputs = outputs;
  return input;
}

constexpr char kImages[] = "image(1, 12, 12)  classes 4";
constexpr char kNarrow[] =
    "  body conv(9, filters = 4, padding = 0)\n  head global_avg_pool -> linear(classes)";

TEST(DataInputTest, TheDataDecide) {
  const absl::StatusOr<ir::Graph> graph = Lower(kImages, kNarrow, Images(3, 10, 40));
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_EQ(graph->instruction(graph->results[0].value).type.dims[1], ir::Dim(7));
}

TEST(DataInputTest, SaysWhatIsDeclaredAndWhatTheDataHave) {
  absl::Status status = Lower(kImages, kNarrow, Images(1, 8, 8)).status();
  EXPECT_TRUE(absl::StartsWith(
      status.message(),
      "space small cannot take these data, `image(1, 8, 8) classes 7`; it declares `image(1, 12, "
      "12) classes 4`.\n  fix: more padding may help: add 2 to `pad` of the data line\n"
      "test.space:4:"))
      << status;
  EXPECT_FALSE(FirstCode(status).empty());
  status = Lower(kImages, kNarrow, Images(1, 5, 8)).status();
  EXPECT_TRUE(absl::StrContains(status.message(), "fix: bring the images to the declared size"))
      << status;
}

TEST(DataInputTest, DataOfAnotherKind) {
  EXPECT_EQ(Lower(kImages, kNarrow, Rows(5, 2)).status(),
            absl::InvalidArgumentError(
                "space small declares `input image(...) classes`, the data are `features(5) "
                "regression 2`: take a space or data of the other kind"));
  EXPECT_EQ(
      Lower("features(4)  regression 1", "  body linear(4)\n  head linear(1)", Images(1, 8, 8))
          .status(),
      absl::InvalidArgumentError(
          "space small declares `input features(...) regression`, the data are `image(1, 8, "
          "8) classes 7`: take a space or data of the other kind"));
}

}  // namespace
}  // namespace nasc
