#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "compiler/ir/graph.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/printer.h"
#include "gtest/gtest.h"

namespace nasc::ir {
namespace {

// Everything that the text form has.
constexpr absl::string_view kText = R"(supernet @nas.réseau version 1.0.0 scale search {
  decision @ratio : one of [narrow, middle, wide]
  decision @n0.edges : 2 of [prev_prev, prev, n0]  loc("darts.space":20:5)
  decision @n0.prev.op : one of [none relaxed, conv_3x3] if prev in @n0.edges  loc("a\"b/é.space":21:7)
  weight @stem.conv.weight : f32[[@ratio: 12|16|20],3,3,3] init fan_in 27
  weight @stem.bn.weight : f32[48] init ones
  buffer @stem.bn.running_mean : f32[48] init zeros
  %image = input { channels = 3, height = 32, width = 32 } : f32[N,3,32,32]
  %stem.conv = conv(%image, @stem.conv.weight) { kernel = 3, filters = [@ratio: 12|16|20] } : f32[N,[@ratio: 12|16|20],32,32]  loc("darts.space":33:10)
  %drop = drop_path(%stem.conv) { rate = 0.2, one = 1.0, small = 1e-05, large = 1e+20, least = -3, batch = N, nested = [@ratio: 1|[@n0.prev.op: 2|3]|4] } : f32[]
  %n0.prev = select @n0.prev.op [ none: %drop, conv_3x3: %stem.conv ] : f32[N,16,32,32]
  %n0 = subset @n0.edges sum [ prev_prev: %drop, prev: %n0.prev, n0: %image ] : f32[N,16,32,32]
  %when = when_relaxed @n0.prev.op [ relaxed: %n0, fixed: %drop ] : f32[N,16,32,32]
  %p = logits @n0.prev.op : f32[2]
  %q = softmax(%p) : f32[2]
  %m = mix(%q, %n0, %when) : f32[N,16,32,32]
  return logits %m weight 1.0, auxiliary %41 weight 0.4
}
)";

std::string Text() {
  return absl::StrReplaceAll(kText, {{"  return", "  %41 = relu(%m) : f32[N,16,32,32]\n  return"}});
}

std::string ErrorOf(absl::string_view text) {
  return std::string(ParseGraph(text).status().message());
}

// The error where one piece of the text is another.
std::string ErrorWith(absl::string_view piece, absl::string_view other) {
  std::string text = Text();
  const size_t place = text.find(std::string(piece));
  EXPECT_NE(place, std::string::npos) << piece;
  if (place == std::string::npos) return "";
  return ErrorOf(text.replace(place, piece.size(), std::string(other)));
}

bool SameLocation(const Location& a, const Location& b) {
  if (a.known() != b.known()) return false;
  return !a.known() ||
         (a.file->path() == b.file->path() && a.line == b.line && a.column == b.column);
}

// Equal but for the lengths of locations, which the text leaves out.
void ExpectEqual(const Graph& a, const Graph& b) {
  EXPECT_EQ(a.space, b.space);
  EXPECT_EQ(a.version, b.version);
  EXPECT_EQ(a.scale, b.scale);
  ASSERT_EQ(a.decisions.size(), b.decisions.size());
  for (size_t i = 0; i < a.decisions.size(); ++i) {
    const Decision& x = a.decisions[i];
    const Decision& y = b.decisions[i];
    EXPECT_EQ(std::tie(x.path, x.kind, x.least, x.most, x.options, x.relaxed_only),
              std::tie(y.path, y.kind, y.least, y.most, y.options, y.relaxed_only));
    EXPECT_TRUE(x.alive == y.alive) << x.path;
    EXPECT_TRUE(SameLocation(x.location, y.location)) << x.path;
  }
  ASSERT_EQ(a.params.size(), b.params.size());
  for (size_t i = 0; i < a.params.size(); ++i) {
    const Param& x = a.params[i];
    const Param& y = b.params[i];
    EXPECT_TRUE(std::tie(x.name, x.role, x.init, x.fan_in, x.type) ==
                std::tie(y.name, y.role, y.init, y.fan_in, y.type))
        << x.name;
  }
  ASSERT_EQ(a.instructions.size(), b.instructions.size());
  for (size_t i = 0; i < a.instructions.size(); ++i) {
    const Instruction& x = a.instructions[i];
    const Instruction& y = b.instructions[i];
    EXPECT_TRUE(
        std::tie(x.name, x.op, x.operands, x.labels, x.params, x.decision, x.combiner, x.type) ==
        std::tie(y.name, y.op, y.operands, y.labels, y.params, y.decision, y.combiner, y.type))
        << x.name;
    ASSERT_EQ(x.attributes.size(), y.attributes.size());
    for (size_t k = 0; k < x.attributes.size(); ++k) {
      EXPECT_EQ(x.attributes[k].name, y.attributes[k].name);
      EXPECT_TRUE(x.attributes[k].value == y.attributes[k].value) << x.attributes[k].name;
    }
    EXPECT_TRUE(SameLocation(x.location, y.location)) << x.name;
  }
  ASSERT_EQ(a.results.size(), b.results.size());
  for (size_t i = 0; i < a.results.size(); ++i) {
    const Result& x = a.results[i];
    const Result& y = b.results[i];
    EXPECT_EQ(std::tie(x.name, x.value, x.loss_weight), std::tie(y.name, y.value, y.loss_weight));
  }
}

TEST(TextTest, PrintsWhatItParsed) {
  const absl::StatusOr<Graph> graph = ParseGraph(Text());
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_EQ(Print(*graph), Text());
}

TEST(TextTest, PassesOverComments) {
  const std::string commented = absl::StrReplaceAll(
      Text(), {{"{\n", "{ // an opening\n"}, {"}\n", "}  //\n// and a line\n"}});
  ASSERT_NE(commented, Text());
  const absl::StatusOr<Graph> graph = ParseGraph(absl::StrCat("// first\n", commented, "// last"));
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_EQ(Print(*graph), Text());
}

TEST(TextTest, ParsesWhatItMeans) {
  const Graph graph = *ParseGraph(Text());
  EXPECT_EQ(graph.space, "nas.réseau");
  EXPECT_EQ(graph.version, "1.0.0");
  ASSERT_EQ(graph.decisions.size(), 3u);
  const Decision& edges = graph.decisions[1];
  EXPECT_EQ(edges.kind, Decision::Kind::kSome);
  EXPECT_EQ(edges.least, 2);
  EXPECT_EQ(edges.most, 2);
  EXPECT_EQ(edges.location.line, 20);
  const Decision& op = graph.decisions[2];
  EXPECT_TRUE(op.alive == Takes(edges, 1, 1));
  EXPECT_EQ(op.relaxed_only, std::vector<bool>({true, false}));
  EXPECT_EQ(op.location.file->path(), "a\"b/é.space");
  EXPECT_EQ(graph.params[0].fan_in, 27);
  EXPECT_EQ(graph.params[2].role, Param::Role::kBuffer);
  const Instruction& conv = graph.instructions[1];
  EXPECT_EQ(conv.operands, std::vector<ValueId>{0});
  EXPECT_EQ(conv.params, std::vector<ParamId>{0});
  EXPECT_EQ(conv.type.dims[1], Dim(Diagram<int64_t>::Choice({0, -1}, {12, 16, 20})));
  EXPECT_EQ(conv.location.file, edges.location.file) << "one file a path";
  const Instruction& subset = graph.instructions[4];
  EXPECT_EQ(subset.combiner, "sum");
  EXPECT_EQ(subset.labels, std::vector<std::string>({"prev_prev", "prev", "n0"}));
  EXPECT_EQ(graph.results[1].loss_weight, 0.4);
}

TEST(TextTest, RoundTripsTheStructure) {
  const Graph graph = *ParseGraph(Text());
  ExpectEqual(graph, *ParseGraph(Print(graph)));
}

TEST(TextTest, RoundTripsReals) {
  Graph graph = *ParseGraph(Text());
  AttributeValue& rate = graph.instructions[2].attributes[0].value;
  std::mt19937_64 random(1);
  std::vector<double> values = {0.0,
                                -0.0,
                                1e15,
                                123456789.0,
                                0.1 + 0.2,
                                1.0 / 3,
                                std::numeric_limits<double>::max(),
                                std::numeric_limits<double>::denorm_min()};
  for (int i = 0; i < 100; ++i) {
    values.push_back(std::ldexp(static_cast<double>(random()), static_cast<int>(i * 10) - 600));
  }
  for (const double value : values) {
    rate = value;
    const absl::StatusOr<Graph> parsed = ParseGraph(Print(graph));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(RealAttribute(parsed->instructions[2], "rate"), value);
  }
}

TEST(TextTest, PrintsTypes) {
  const Graph graph = *ParseGraph(Text());
  EXPECT_EQ(Print(graph.instructions[1].type, graph), "f32[N,[@ratio: 12|16|20],32,32]");
}

TEST(TextTest, PrintsAWrongGraph) {
  Graph graph;
  Decision decision;
  decision.path = "d";
  decision.options = {"a"};
  decision.alive = Condition::Choice({7, -1}, {false, true});
  graph.decisions.push_back(decision);
  Instruction instruction;
  instruction.op = "conv";
  instruction.operands = {-1, 5};
  instruction.params = {3};
  instruction.decision = 4;
  graph.instructions.push_back(instruction);
  graph.results.push_back({"logits", 9});
  EXPECT_EQ(Print(graph), R"(supernet @ version  scale  {
  decision @d : one of [a] if ? in @?
  % = conv @?(%?, %?, @?) : f32[]
  return logits %? weight 1.0
}
)");
}

TEST(TextTest, SaysWhatItFoundAndExpected) {
  EXPECT_EQ(ErrorOf(""), "1:1: found the end of the text, expected 'supernet'");
  EXPECT_EQ(ErrorOf("supernet @a version 1.0.0 scale s {\n  é!"),
            "2:3: found 'é', expected a decision, a weight, a buffer, an instruction or 'return'");
  EXPECT_EQ(ErrorOf("supernet @é %"), "1:13: found '%', expected 'version'");
  EXPECT_EQ(ErrorOf("supernet @a version 1.0.0 scale s { return } x"),
            "1:46: found 'x', expected the end of the text");
  EXPECT_EQ(ErrorOf("supernet\n \xFF"), "2:2: found a byte that is not UTF-8, expected text");
  EXPECT_EQ(ErrorOf("supernet \x01"),
            "1:10: found '\\x01', expected the name of the space after '@'");
}

TEST(TextTest, RefusesUnknownAndDuplicateNames) {
  EXPECT_EQ(ErrorWith("conv(%image", "conv(%picture"),
            "9:21: found '%picture', expected a value defined above");
  EXPECT_EQ(ErrorWith("%stem.conv = conv(%image", "%stem.conv = conv(%stem.conv"),
            "9:21: found '%stem.conv', expected a value defined above");
  EXPECT_EQ(ErrorWith("@stem.conv.weight)", "@stem)"),
            "9:29: found '@stem', expected a weight or buffer declared above");
  EXPECT_EQ(ErrorWith("select @n0.prev.op", "select @op"),
            "11:21: found '@op', expected a decision declared above");
  EXPECT_EQ(ErrorWith("%drop =", "%image ="),
            "10:3: found '%image', expected a name that is not taken");
  EXPECT_EQ(ErrorWith("decision @n0.edges", "decision @ratio"),
            "3:12: found '@ratio', expected a name that is not taken");
  EXPECT_EQ(ErrorWith("weight @stem.bn.weight", "weight @stem.conv.weight"),
            "6:10: found '@stem.conv.weight', expected a name that is not taken");
}

TEST(TextTest, RefusesWrongDecisions) {
  EXPECT_EQ(ErrorWith("if prev in", "if next in"),
            "4:61: found 'next', expected an option of '@n0.edges'");
  EXPECT_EQ(ErrorWith("prev in @n0.edges", "none in @n0.prev.op"),
            "4:61: found 'none', expected an option of a decision declared above");
  EXPECT_EQ(ErrorWith("2 of", "two of"),
            "3:24: found 'two', expected 'one' or a number of options");
  EXPECT_EQ(ErrorWith("2 of", "99999999999 of"),
            "3:24: found '99999999999', expected 'one' or a number of options");
}

TEST(TextTest, RefusesWrongNumbersAndDims) {
  EXPECT_EQ(ErrorWith("kernel = 3", "kernel = 99999999999999999999"),
            "9:59: found '99999999999999999999', expected a whole number of 64 bits");
  EXPECT_EQ(ErrorWith("rate = 0.2", "rate = 1e999"),
            "10:42: found '1e999', expected a finite number");
  EXPECT_EQ(ErrorWith("weight 1.0", "weight nan"), "18:27: found 'nan', expected a finite number");
  EXPECT_EQ(ErrorWith("12|16|20", "12|16"),
            "5:35: found '@ratio', expected a decision with 2 options; it has 3");
  EXPECT_EQ(ErrorWith("[@ratio: 12|16|20]", "[@ratio: ]"),
            "5:35: found '@ratio', expected a decision with 0 options; it has 3");
  EXPECT_EQ(ErrorWith("12|16|20", "12|N|20"),
            "5:46: found 'N', expected a whole number of 64 bits");
  EXPECT_EQ(ErrorWith("[@n0.prev.op: 2|3]", "[@ratio: 2|3|4]"),
            "10:132: found '@ratio', expected a later decision than that around it");
}

TEST(TextTest, BoundsTheNestingOfChoices) {
  std::string text = "supernet @a version 1.0.0 scale s {\n";
  std::string dim;
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&text, "decision @d", i, " : one of [a, b]\n");
    absl::StrAppend(&dim, "[@d", i, ": 1|");
  }
  EXPECT_EQ(ErrorOf(absl::StrCat(text, "weight @w : f32[", dim)),
            "1002:2468: found '@d256', expected fewer choices within choices");
}

TEST(TextTest, ShortensWhatItFound) {
  const std::string error = ErrorOf(std::string(100000, 'x'));
  EXPECT_EQ(error, absl::StrCat("1:1: found '", std::string(40, 'x'), "...', expected 'supernet'"));
}

// Every text that breaks off, and many that were garbled, give a graph or an error, and no crash.
TEST(TextTest, SurvivesGarbledTexts) {
  const std::string text = Text();
  for (size_t length = 0; length + 2 < text.size(); ++length) {
    EXPECT_FALSE(ParseGraph(absl::string_view(text).substr(0, length)).ok()) << length;
  }
  std::mt19937 random(7);
  const std::string alphabet = "%@[]{}(),:|=\"\\\n -.019eNa_";
  for (int i = 0; i < 20000; ++i) {
    std::string garbled = text;
    for (int edits = 1 + i % 3; edits > 0; --edits) {
      const size_t place = random() % garbled.size();
      const size_t other = random() % garbled.size();
      switch (random() % 3) {
        case 0:
          garbled[place] = alphabet[random() % alphabet.size()];
          break;
        case 1:
          garbled.erase(place, random() % 20);
          break;
        default:
          garbled.insert(place, garbled.substr(other, random() % 20));
      }
    }
    const absl::StatusOr<Graph> graph = ParseGraph(garbled);
    if (!graph.ok()) continue;
    const std::string printed = Print(*graph);
    const absl::StatusOr<Graph> again = ParseGraph(printed);
    ASSERT_TRUE(again.ok()) << again.status() << "\n" << printed;
    ASSERT_EQ(Print(*again), printed);
  }
}

}  // namespace
}  // namespace nasc::ir
