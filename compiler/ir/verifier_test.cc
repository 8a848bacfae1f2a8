#include "compiler/ir/verifier.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/printer.h"
#include "gtest/gtest.h"

namespace nasc::ir {
namespace {

constexpr absl::string_view kText = R"(supernet @t version 1.0.0 scale s {
  decision @ratio : one of [narrow, wide]
  decision @edges : 1 of [first, second]
  decision @op : one of [none relaxed, conv] if second in @edges
  weight @conv.weight : f32[[@ratio: 4|8],3,3,3] init fan_in 27
  weight @bn.weight : f32[[@ratio: 4|8]] init ones
  weight @bn.bias : f32[[@ratio: 4|8]] init zeros
  buffer @bn.running_mean : f32[[@ratio: 4|8]] init zeros
  buffer @bn.running_var : f32[[@ratio: 4|8]] init ones
  %image = input { channels = 3, height = 8, width = 8 } : f32[N,3,8,8]
  %conv = conv(%image, @conv.weight) { kernel = 3, filters = [@ratio: 4|8], stride = 1, dilation = 1, padding = 1, bias = 0, kernel_width = 3, padding_width = 1 } : f32[N,[@ratio: 4|8],8,8]
  %bn = bn(%conv, @bn.weight, @bn.bias, @bn.running_mean, @bn.running_var) { affine = 1 } : f32[N,[@ratio: 4|8],8,8]
  %drop = drop_path(%bn) { rate = 0.2 } : f32[N,[@ratio: 4|8],8,8]
  %select = select @op [ none: %conv, conv: %drop ] : f32[N,[@ratio: 4|8],8,8]
  %subset = subset @edges sum [ first: %bn, second: %select ] : f32[N,[@ratio: 4|8],8,8]
  %cases = when_relaxed @op [ relaxed: %bn, fixed: %subset ] : f32[N,[@ratio: 4|8],8,8]
  %logits = logits @op : f32[2]
  %weights = softmax(%logits) : f32[2]
  %mix = mix(%weights, %cases, %bn) : f32[N,[@ratio: 4|8],8,8]
  %both = concat(%mix, %image) : f32[N,[@ratio: 7|11],8,8]
  return logits %both weight 1.0
}
)";

std::string Error(const Graph& graph) { return std::string(Verify(graph).message()); }

// The error of the graph where one piece of its text is another.
std::string ErrorWith(absl::string_view piece, absl::string_view other) {
  std::string text(kText);
  const size_t place = text.find(std::string(piece));
  EXPECT_NE(place, std::string::npos) << piece;
  if (place == std::string::npos) return "";
  const absl::StatusOr<Graph> graph =
      ParseGraph(text.replace(place, piece.size(), std::string(other)));
  EXPECT_TRUE(graph.ok()) << graph.status();
  return graph.ok() ? Error(*graph) : "";
}

// The error of the graph after a change that no text can express.
template <typename F>
std::string ErrorAfter(F change) {
  Graph graph = *ParseGraph(kText);
  change(graph);
  const std::string error = Error(graph);
  Print(graph);  // whatever is wrong with it
  return error;
}

Instruction& Named(Graph& graph, absl::string_view name) {
  for (Instruction& instruction : graph.instructions) {
    if (instruction.name == name) return instruction;
  }
  ADD_FAILURE() << name;
  return graph.instructions[0];
}

TEST(VerifierTest, AcceptsAGraph) {
  const absl::StatusOr<Graph> graph = ParseGraph(kText);
  ASSERT_TRUE(graph.ok()) << graph.status();
  EXPECT_EQ(Print(*graph), kText);
  EXPECT_EQ(Error(*graph), "");
}

TEST(VerifierTest, WantsOperationsOfTheTable) {
  EXPECT_EQ(ErrorWith("softmax(", "softest("),
            "instruction '%weights' (softest): 'softest' is no operation");
}

TEST(VerifierTest, WantsOperandsBeforeTheirUsers) {
  EXPECT_EQ(ErrorAfter([](Graph& g) { Named(g, "conv").operands[0] = 3; }),
            "instruction '%conv' (conv): operand '%drop' does not precede it");
  EXPECT_EQ(ErrorAfter([](Graph& g) { Named(g, "conv").operands[0] = 1; }),
            "instruction '%conv' (conv): operand '%conv' does not precede it");
  EXPECT_EQ(ErrorAfter([](Graph& g) { Named(g, "conv").operands[0] = 99; }),
            "instruction '%conv' (conv): operand 99 does not exist");
  EXPECT_EQ(ErrorAfter([](Graph& g) { Named(g, "conv").params[0] = -1; }),
            "instruction '%conv' (conv): param -1 does not exist");
  EXPECT_EQ(ErrorAfter([](Graph& g) { Named(g, "logits").decision = 3; }),
            "instruction '%logits' (logits): decision 3 does not exist");
}

TEST(VerifierTest, WantsUniqueNames) {
  EXPECT_EQ(ErrorAfter([](Graph& g) { Named(g, "bn").name = "conv"; }),
            "instruction '%conv' (bn): its name is taken");
  EXPECT_EQ(ErrorAfter([](Graph& g) { g.params[2].name = "bn.weight"; }),
            "param '@bn.weight': its name is taken");
  EXPECT_EQ(ErrorAfter([](Graph& g) { g.decisions[1].path = "ratio"; }),
            "decision '@ratio': its name is taken");
}

TEST(VerifierTest, WantsLabelsOfTheDecision) {
  EXPECT_EQ(ErrorWith("[ none: %conv, conv: %drop ]", "[ conv: %drop, none: %conv ]"),
            "instruction '%select' (select): has the operands [conv, none], expected [none, conv]");
  EXPECT_EQ(ErrorWith("[ first: %bn, second: %select ]", "[ first: %bn ]"),
            "instruction '%subset' (subset): has the operands [first], expected [first, second]");
  EXPECT_EQ(ErrorWith("relaxed: %bn, fixed", "fixed: %bn, relaxed"),
            "instruction '%cases' (when_relaxed): has the operands [fixed, relaxed], expected "
            "[relaxed, fixed]");
  EXPECT_EQ(ErrorWith("select @op", "select @edges"),
            "instruction '%select' (select): '@edges' takes several options");
  EXPECT_EQ(ErrorWith("subset @edges", "subset @op"),
            "instruction '%subset' (subset): '@op' takes one option");
  EXPECT_EQ(ErrorWith("select @op", "select"), "instruction '%select' (select): needs a decision");
  EXPECT_EQ(ErrorWith("when_relaxed @op", "when_relaxed"),
            "instruction '%cases' (when_relaxed): needs a decision");
  EXPECT_EQ(ErrorWith("softmax(%logits)", "softmax [ a: %logits ]"),
            "instruction '%weights' (softmax): takes no labels");
  EXPECT_EQ(ErrorAfter([](Graph& g) { Named(g, "select").operands.pop_back(); }),
            "instruction '%select' (select): has the operands [none, conv], expected [none, conv]");
}

TEST(VerifierTest, WantsACombinerForSubsetsOnly) {
  EXPECT_EQ(ErrorWith("@edges sum", "@edges relu"),
            "instruction '%subset' (subset): 'relu' is no combiner");
  EXPECT_EQ(ErrorWith("@edges sum", "@edges"), "instruction '%subset' (subset): '' is no combiner");
  EXPECT_EQ(ErrorWith("select @op", "select @op sum"),
            "instruction '%select' (select): takes no combiner, has 'sum'");
}

TEST(VerifierTest, WantsTheRightOperands) {
  EXPECT_EQ(ErrorWith("softmax(%logits)", "softmax"),
            "instruction '%weights' (softmax): has 0 operands, expected 1");
  EXPECT_EQ(ErrorWith("drop_path(%bn)", "drop_path(%bn, %bn)"),
            "instruction '%drop' (drop_path): has 2 operands, expected 1");
  EXPECT_EQ(ErrorWith("mix(%weights, %cases, %bn)", "mix(%weights)"),
            "instruction '%mix' (mix): has 1 operands, expected 2 or more");
  EXPECT_EQ(ErrorWith("concat(%mix, %image)", "concat"),
            "instruction '%both' (concat): has 0 operands, expected 1 or more");
  EXPECT_EQ(ErrorWith("bn(%conv", "bn @op(%conv"), "instruction '%bn' (bn): takes no decision");
  EXPECT_EQ(ErrorWith("logits @op", "logits"), "instruction '%logits' (logits): needs a decision");
}

TEST(VerifierTest, WantsExactlyTheAttributes) {
  EXPECT_EQ(ErrorWith("{ affine = 1 }", ""),
            "instruction '%bn' (bn): has the attributes (), expected (affine)");
  EXPECT_EQ(ErrorWith("height = 8, width = 8", "width = 8, height = 8"),
            "instruction '%image' (input): has the attributes (channels, width, height), expected "
            "(channels, height, width)");
  EXPECT_EQ(ErrorWith("rate = 0.2", "rate = 1"),
            "instruction '%drop' (drop_path): attribute 'rate' is a whole number, expected a real");
  EXPECT_EQ(ErrorWith("rate = 0.2", "rate = -0.5"),
            "instruction '%drop' (drop_path): attribute 'rate' is -0.5, below 0");
  EXPECT_EQ(ErrorWith("rate = 0.2", "rate = 1.5"),
            "instruction '%drop' (drop_path): attribute 'rate' is 1.5, above 1");
  EXPECT_EQ(ErrorWith("kernel = 3", "kernel = 16777217"),
            "instruction '%conv' (conv): attribute 'kernel' is 16777217, above 16777216");
  EXPECT_EQ(ErrorAfter([](Graph& g) { Named(g, "drop").attributes[0].value = std::nan(""); }),
            "instruction '%drop' (drop_path): attribute 'rate' is not finite");
  EXPECT_EQ(ErrorWith("kernel = 3", "kernel = 3.0"),
            "instruction '%conv' (conv): attribute 'kernel' is a real, expected a whole number");
  EXPECT_EQ(ErrorWith("stride = 1", "stride = [@ratio: 1|0]"),
            "instruction '%conv' (conv): attribute 'stride' is 0, below 1");
  EXPECT_EQ(ErrorWith("stride = 1", "stride = N"),
            "instruction '%conv' (conv): attribute 'stride' is the batch");
}

TEST(VerifierTest, WantsTheTypeOfTheShapeRule) {
  EXPECT_EQ(ErrorWith(" : f32[N,3,8,8]", " : f32[N,3,8,9]"),
            "instruction '%image' (input): has the type f32[N,3,8,9], expected f32[N,3,8,8]");
  EXPECT_EQ(ErrorWith("concat(%mix, %image) : f32[N,[@ratio: 7|11],8,8]",
                      "concat(%mix, %image) : f32[N,11,8,8]"),
            "instruction '%both' (concat): has the type f32[N,11,8,8], expected "
            "f32[N,[@ratio: 7|11],8,8]");
  EXPECT_EQ(ErrorWith("drop_path(%bn)", "drop_path(%image)"),
            "instruction '%drop' (drop_path): has the type f32[N,[@ratio: 4|8],8,8], expected "
            "f32[N,3,8,8]");
  EXPECT_EQ(ErrorWith("concat(%mix", "sum(%mix"),
            "instruction '%both' (sum): a sum of unlike shapes: f32[N,[@ratio: 4|8],8,8] and "
            "f32[N,3,8,8]");
}

TEST(VerifierTest, WantsDimsThatMakeSense) {
  EXPECT_EQ(ErrorWith("%image = input { channels = 3, height = 8, width = 8 } : f32[N,3,8,8]",
                      "%image = input { channels = 3, height = 8, width = 8 } : f32[N,N,8,8]"),
            "instruction '%image' (input): the batch cannot be axis 1 of f32[N,N,8,8]");
  EXPECT_EQ(ErrorWith("f32[[@ratio: 4|8],3,3,3]", "f32[N,3,3,3]"),
            "param '@conv.weight': the batch cannot be axis 0 of f32[N,3,3,3]");
  EXPECT_EQ(ErrorWith("4|8],3,3,3]", "4|8],3,3,-3]"),
            "param '@conv.weight': axis 3 is negative in f32[[@ratio: 4|8],3,3,-3]");
  EXPECT_EQ(ErrorWith("f32[[@ratio: 4|8],3,3,3]", "f32[[@edges{first}: 4|8],3,3,3]"),
            "instruction '%conv' (conv): param '@conv.weight' has the type "
            "f32[[@edges{first}: 4|8],3,3,3], expected f32[[@ratio: 4|8],3,3,3]");
  EXPECT_EQ(ErrorAfter([](Graph& g) {
              g.params[0].type.dims[0] = Dim(Diagram<int64_t>::Choice({7, -1}, {4, 8}));
            }),
            "param '@conv.weight': axis 0 depends on decision 7, which does not exist");
  EXPECT_EQ(ErrorAfter([](Graph& g) {
              g.params[0].type.dims[0] = Dim(Diagram<int64_t>::Choice({0, -1}, {4, 8, 9}));
            }),
            "param '@conv.weight': axis 0 has 3 branches by '@ratio'");
}

TEST(VerifierTest, WantsTheParamsOfTheRule) {
  EXPECT_EQ(ErrorWith("(%image, @conv.weight)", "(%image)"),
            "instruction '%conv' (conv): has 0 params, expected 1");
  EXPECT_EQ(ErrorWith("@bn.weight, @bn.bias", "@bn.bias, @bn.weight"),
            "instruction '%bn' (bn): has the param '@bn.bias', expected '@bn.weight'");
  EXPECT_EQ(ErrorWith("buffer @bn.running_mean", "weight @bn.running_mean"),
            "instruction '%bn' (bn): param '@bn.running_mean' is a weight, expected a buffer");
  EXPECT_EQ(ErrorWith("@bn.bias : f32[[@ratio: 4|8]]", "@bn.bias : f32[8]"),
            "instruction '%bn' (bn): param '@bn.bias' has the type f32[8], expected "
            "f32[[@ratio: 4|8]]");
}

TEST(VerifierTest, WantsResults) {
  EXPECT_EQ(ErrorWith("return logits %both weight 1.0", "return"), "the graph has no result");
  EXPECT_EQ(ErrorWith("weight 1.0\n", "weight 1.0, logits %mix weight 0.4\n"),
            "result 'logits': its name is taken");
  EXPECT_EQ(ErrorAfter([](Graph& g) { g.results[0].value = 99; }),
            "result 'logits': value 99 does not exist");
  EXPECT_EQ(ErrorAfter([](Graph& g) { g.results[0].loss_weight = HUGE_VAL; }),
            "result 'logits': its weight is not finite");
}

TEST(VerifierTest, WantsDecisionsThatMakeSense) {
  EXPECT_EQ(ErrorWith("1 of", "2 to 1 of"), "decision '@edges': takes 2 to 1 of 2 options");
  EXPECT_EQ(ErrorWith("1 of", "3 of"), "decision '@edges': takes 3 to 3 of 2 options");
  EXPECT_EQ(ErrorWith("[first, second]", "[second, second]"),
            "decision '@edges': has option 'second' twice");
  EXPECT_EQ(ErrorAfter([](Graph& g) { g.decisions[0].options.clear(); }),
            "decision '@ratio': has no options");
  EXPECT_EQ(ErrorAfter([](Graph& g) { g.decisions[0].relaxed_only.clear(); }),
            "decision '@ratio': says of 0 options whether they only compete; it has 2");
  EXPECT_EQ(ErrorAfter([](Graph& g) { g.decisions[0].most = 2; }),
            "decision '@ratio': is one of its options and takes another number");
  EXPECT_EQ(ErrorAfter([](Graph& g) {
              g.decisions[2].alive = Condition::Choice({2, -1}, {false, true});
            }),
            "decision '@op': comes before a decision that it depends on");
  EXPECT_EQ(ErrorAfter([](Graph& g) {
              g.decisions[2].alive = Condition::Choice({1, 5}, {false, true});
            }),
            "decision '@op': depends on an option that '@edges' does not have");
}

// Whatever parses can be verified: words and numbers in each other's places.
TEST(VerifierTest, SurvivesGarbledGraphs) {
  const std::vector<std::string> words = absl::StrSplit(kText, absl::ByAnyChar(" ,\n"));
  std::mt19937 random(3);
  int parsed = 0;
  for (int i = 0; i < 30000; ++i) {
    std::string text(kText);
    for (int edits = 1 + i % 2; edits > 0; --edits) {
      const std::string& from = words[random() % words.size()];
      const std::string& to = words[random() % words.size()];
      const size_t place = text.find(from, random() % text.size());
      if (place != std::string::npos) text.replace(place, from.size(), to);
    }
    const absl::StatusOr<Graph> graph = ParseGraph(text);
    if (!graph.ok()) continue;
    ++parsed;
    (void)Verify(*graph);
  }
  EXPECT_GT(parsed, 1000);
}

}  // namespace
}  // namespace nasc::ir
