#include "runtime/run/json.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

JsonObject Parse(absl::string_view text) {
  absl::StatusOr<JsonObject> object = ParseJson(text);
  EXPECT_TRUE(object.ok()) << object.status();
  return object.ok() ? *std::move(object) : JsonObject({});
}

TEST(JsonTest, LineKeepsTheOrderOfKeysAndKindsOfValues) {
  const absl::string_view view = "view";
  EXPECT_EQ(JsonLine({{"z", 1},
                      {"a", -2L},
                      {"yes", true},
                      {"text", "x"},
                      {"view", view},
                      {"string", std::string("s")},
                      {"half", 0.5},
                      {"float", 0.25f},
                      {"nothing", JsonValue()}}),
            R"({"z":1,"a":-2,"yes":true,"text":"x","view":"view","string":"s","half":0.5,)"
            R"("float":0.25,"nothing":null})");
  EXPECT_EQ(JsonLine({}), "{}");
}

TEST(JsonTest, IntegersAreExact) {
  EXPECT_EQ(JsonLine({{"min", std::numeric_limits<int64_t>::min()},
                      {"max", std::numeric_limits<int64_t>::max()},
                      {"unsigned", std::numeric_limits<uint64_t>::max()},
                      {"small", uint64_t{7}}}),
            R"({"min":-9223372036854775808,"max":9223372036854775807,)"
            R"("unsigned":18446744073709551615,"small":7})");
}

TEST(JsonTest, NumbersReadBackTheSame) {
  EXPECT_EQ(JsonLine({{"x", 0.1}, {"y", 1e-5}, {"z", 3.0}}), R"({"x":0.1,"y":1e-05,"z":3.0})");
  for (const double number : {1.0 / 3, 1e300, -2.5e-310, 123456789.123456789, 0.1 + 0.2}) {
    const absl::StatusOr<double> read = Parse(JsonLine({{"x", number}})).Number("x");
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, number);
  }
}

TEST(JsonTest, NanAndInfinityAreNull) {
  EXPECT_EQ(JsonLine({{"a", std::nan("")}, {"b", HUGE_VAL}, {"c", -HUGE_VAL}}),
            R"({"a":null,"b":null,"c":null})");
}

TEST(JsonTest, LineHasNoLineBreakAndIsUtf8) {
  const std::string line = JsonLine({{"a\nb", "c\r\n\"\xff\""}, {"ü", "é"}});
  EXPECT_EQ(line, "{\"a\\nb\":\"c\\r\\n\\\"\xef\xbf\xbd\\\"\",\"ü\":\"é\"}");
}

TEST(JsonTest, DocumentNests) {
  const std::vector<std::string> files = {"a.space", "b.space"};
  EXPECT_EQ(JsonDocument({{"data", JsonFields{{"name", "fashion_mnist"}, {"limit", 0}}},
                          {"files", files},
                          {"runs", JsonList{JsonFields{{"seed", 1}}, JsonFields{{"seed", 2}}}},
                          {"flags", std::vector<bool>{true, false}},
                          {"empty", JsonFields{}}}),
            R"({
  "data": {
    "name": "fashion_mnist",
    "limit": 0
  },
  "files": [
    "a.space",
    "b.space"
  ],
  "runs": [
    {
      "seed": 1
    },
    {
      "seed": 2
    }
  ],
  "flags": [
    true,
    false
  ],
  "empty": {}
}
)");
}

TEST(JsonTest, ReadsBack) {
  const JsonFields fields = {{"strategy", "darts"},
                             {"seed", int64_t{1} << 62},
                             {"rate", 0.025},
                             {"first_order", false},
                             {"data", JsonFields{{"name", "fashion_mnist"}}},
                             {"files", std::vector<std::string>{"a", "b"}},
                             {"runs", std::vector<JsonFields>{{{"seed", 1}}, {{"seed", 2}}}}};
  const JsonObject object = Parse(JsonDocument(fields));
  EXPECT_EQ(*object.Text("strategy"), "darts");
  EXPECT_EQ(*object.Integer("seed"), int64_t{1} << 62);
  EXPECT_EQ(*object.Number("seed"), std::pow(2, 62));
  EXPECT_EQ(*object.Number("rate"), 0.025);
  EXPECT_FALSE(*object.Bool("first_order"));
  EXPECT_EQ(*object.Object("data")->Text("name"), "fashion_mnist");
  EXPECT_THAT(*object.Texts("files"), ElementsAre("a", "b"));
  EXPECT_EQ(*object.Objects("runs")->at(1).Integer("seed"), 2);
  EXPECT_TRUE(object.Has("data"));
  EXPECT_FALSE(object.Has("name"));
  EXPECT_EQ(JsonDocument(object.fields()), JsonDocument(fields));
}

TEST(JsonTest, ErrorsNameTheWholeKey) {
  const JsonObject object = Parse(
      R"({"data": {"seed": "1", "big": 18446744073709551615, "no": null}, "list": ["a", 1]})");
  const JsonObject data = *object.Object("data");
  EXPECT_EQ(data.Number("name").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Message(data.Number("name").status()), "'data.name' is missing");
  EXPECT_EQ(data.Number("seed").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message(data.Number("seed").status()), "'data.seed' is a text, not a number");
  EXPECT_EQ(Message(data.Number("no").status()), "'data.no' is null, not a number");
  EXPECT_EQ(Message(data.Integer("big").status()), "'data.big' is above 2^63 - 1");
  EXPECT_EQ(Message(object.Text("data").status()), "'data' is an object, not a text");
  EXPECT_EQ(Message(object.Texts("list").status()), "'list[1]' is an integer, not a text");
  EXPECT_EQ(Message(object.Objects("list").status()), "'list[0]' is a text, not an object");
}

TEST(JsonTest, NotJson) {
  for (const absl::string_view text : {"", "{", "{\"a\": }", "{\"a\": 1e999}", "{} x", "\xff"}) {
    const absl::Status status = ParseJson(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(Message(status), testing::StartsWith("not JSON: ")) << text;
    EXPECT_THAT(Message(status), testing::Not(HasSubstr("exception"))) << text;
  }
  EXPECT_THAT(Message(ParseJson("{\n\"a\": }").status()), HasSubstr("line 2, column 6"));
  EXPECT_EQ(Message(ParseJson("[1]").status()), "not a JSON object: it does not begin with '{'");
}

TEST(JsonTest, NestingIsLimited) {
  const auto nested = [](int depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(ParseJson(nested(99)).ok());
  EXPECT_THAT(Message(ParseJson(nested(100)).status()), HasSubstr("nests more than 100 deep"));
  EXPECT_FALSE(ParseJson(nested(1000000)).ok());
}

}  // namespace
}  // namespace nasc
