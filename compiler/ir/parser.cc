#include "compiler/ir/parser.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/lexer.h"
#include "compiler/ir/token_reader.h"
#include "dsl/source.h"

namespace nasc::ir {
namespace {

// Choices within choices; more only come from a hostile text, which must not exhaust the stack.
constexpr int kMaxNesting = 256;

// Recursive descent over tokens.
class Parser : private TokenReader {
 public:
  explicit Parser(absl::string_view text) : TokenReader(text) {}

  absl::StatusOr<Graph> Parse() {
    ParseHeader();
    while (ok() && !At("return")) {
      if (At("decision")) {
        ParseDecision();
      } else if (At("require")) {
        ParseConstraint();
      } else if (At("weight") || At("buffer")) {
        ParseParam();
      } else if (token().kind == Kind::kValue) {
        ParseInstruction();
      } else {
        Fail("a decision, a weight, a buffer, an instruction or 'return'");
      }
    }
    ParseResults();
    Expect("}");
    if (token().kind != Kind::kEnd) Fail("the end of the text");
    if (!ok()) return status();
    return std::move(graph_);
  }

 private:
  using Ids = absl::flat_hash_map<std::string, int>;

  // --- names and numbers ---

  // A name for element `id`, which no other has.
  std::string ParseNewName(Kind kind, Ids& ids, size_t id) {
    const Token token =
        Take(kind, kind == Kind::kValue ? "the name of a value" : "a name after '@'");
    std::string name(token.name());
    if (ok() && !ids.emplace(name, static_cast<int>(id)).second) {
      FailAt(token, "a name that is not taken");
    }
    return name;
  }

  int ParseKnownName(Kind kind, const Ids& ids, absl::string_view expected) {
    const Token token = Take(kind, expected);
    const auto found = ids.find(token.name());
    if (found != ids.end()) return found->second;
    FailAt(token, expected);
    return -1;
  }
  DecisionId ParseKnownDecision() {
    return ParseKnownName(Kind::kSymbol, decisions_, "a decision declared above");
  }
  ValueId ParseKnownValue() {
    return ParseKnownName(Kind::kValue, values_, "a value defined above");
  }

  // --- dims and types ---

  // A number, or a diagram whose variables come after `above`; `labels` are those of the dim.
  Diagram<int64_t> ParseDiagram(std::vector<Diagram<int64_t>>& labels, const Variable& above,
                                int nesting) {
    if (Accept("_")) return Diagram<int64_t>::Undefined();
    if (At("#")) return ParseLabelled(labels, above, nesting);
    if (!Accept("[")) return ParseWhole();
    const Token token = this->token();
    const Variable variable = ParseVariable();
    if (ok() && !(above < variable)) FailAt(token, "a later decision than that around it");
    if (ok() && nesting == kMaxNesting) FailAt(token, "fewer choices within choices");
    Expect(":");
    std::vector<Diagram<int64_t>> branches;
    ParseList("|", "]", [&] { branches.push_back(ParseDiagram(labels, variable, nesting + 1)); });
    if (!ok()) return 0;
    const size_t count =
        variable.option < 0 ? graph_.decisions[variable.decision].options.size() : 2;
    if (branches.empty() || branches.size() != count) {
      FailAt(token, absl::StrCat("a decision with ", branches.size(), " options; it has ", count));
      return 0;
    }
    return Diagram<int64_t>::Choice(variable, std::move(branches));
  }

  // `#1=[...]`, and `#1` for the same again.
  Diagram<int64_t> ParseLabelled(std::vector<Diagram<int64_t>>& labels, const Variable& above,
                                 int nesting) {
    Expect("#");
    const Token token = this->token();
    const auto number = ParseWhole<int>("the number of a label");
    const size_t index = static_cast<size_t>(number) - 1;
    if (Accept("=")) {
      // The label counts what is printed before it, so its place is known before its branches are.
      if (ok() && (number < 1 || index != labels.size())) FailAt(token, "the next label");
      labels.emplace_back(0);
      Diagram<int64_t> diagram = ParseDiagram(labels, above, nesting);
      if (ok()) labels[index] = diagram;
      return diagram;
    }
    if (!ok()) return 0;
    if (number < 1 || index >= labels.size()) {
      FailAt(token, "a label that was defined before");
      return 0;
    }
    const Diagram<int64_t>& diagram = labels[index];
    if (diagram.is_choice() && !(above < diagram.variable())) {
      FailAt(token, "a later decision than that around it");
    }
    return diagram;
  }

  // `@path`, or `@path{option}` of a decision that takes several.
  Variable ParseVariable() {
    const Token token = this->token();
    const DecisionId id = ParseKnownDecision();
    if (!ok()) return {};
    const Decision& decision = graph_.decisions[id];
    if (decision.kind == Decision::Kind::kOne) return {id, -1};
    Expect("{");
    const int option = ParseOption(decision, token);
    Expect("}");
    return {id, option};
  }

  int ParseOption(const Decision& decision, const Token& where) {
    const std::string option = ParseName("an option of the decision");
    for (size_t i = 0; i < decision.options.size(); ++i) {
      if (decision.options[i] == option) return static_cast<int>(i);
    }
    if (ok()) FailAt(where, absl::StrCat("an option of '@", decision.path, "'"));
    return 0;
  }

  Dim ParseDim() {
    if (Accept("N")) return Dim::Batch();
    std::vector<Diagram<int64_t>> labels;
    DimSum sum;
    do {
      sum.AddApart(ParseDiagram(labels, {}, 0));
    } while (ok() && Accept("+"));
    return sum.Take();
  }

  TensorType ParseType() {
    TensorType type;
    Expect("f32");
    Expect("[");
    ParseList(",", "]", [&] { type.dims.push_back(ParseDim()); });
    return type;
  }

  // --- the parts of a graph ---

  void ParseHeader() {
    Expect("supernet");
    graph_.space = std::string(Take(Kind::kSymbol, "the name of the space after '@'").name());
    Expect("version");
    graph_.version = ParseName("a version");
    Expect("scale");
    graph_.scale = ParseName("the name of a scale");
    Expect("{");
  }

  void ParseDecision() {
    Decision decision;
    Expect("decision");
    decision.path = ParseNewName(Kind::kSymbol, decisions_, graph_.decisions.size());
    Expect(":");
    if (!Accept("one")) {
      decision.kind = Decision::Kind::kSome;
      decision.least = ParseWhole<int>("'one' or a number of options");
      decision.most = Accept("to") ? ParseWhole<int>("a number of options") : decision.least;
    }
    Expect("of");
    Expect("[");
    ParseList(",", "]", [&] {
      decision.options.push_back(ParseName("an option"));
      decision.relaxed_only.push_back(Accept("relaxed"));
    });
    if (Accept("if")) decision.alive = ParseAlive();
    decision.location = ParseLocation();
    graph_.decisions.push_back(std::move(decision));
  }

  // `prev in @normal.n0.edges and 2|3 in @grown.n`, or a dim.
  Condition ParseAlive() {
    const Token token = this->token();
    absl::StatusOr<Condition> alive = Condition(true);
    if (At("[") || At("#")) {
      alive = ToCondition(ParseDim());
    } else {
      do {
        const absl::StatusOr<Condition> member = ParseMembership();
        if (ok() && alive.ok()) alive = member.ok() ? And(*alive, *member) : member;
      } while (ok() && Accept("and"));
    }
    if (alive.ok()) return *std::move(alive);
    FailAt(token, "a simpler condition");
    return Condition(false);
  }

  absl::StatusOr<Condition> ParseMembership() {
    const Token token = this->token();
    std::vector<std::string> options;
    do {
      options.push_back(ParseName("an option of another decision"));
    } while (ok() && Accept("|"));
    Expect("in");
    const DecisionId id = ParseKnownDecision();
    // Its own name is known already.
    if (id < 0 || id == static_cast<int>(graph_.decisions.size())) {
      FailAt(token, "an option of a decision declared above");
      return Condition(false);
    }
    const Decision& decision = graph_.decisions[id];
    absl::StatusOr<Condition> member = Condition(false);
    for (const std::string& option : options) {
      const auto found = std::find(decision.options.begin(), decision.options.end(), option);
      if (found == decision.options.end()) {
        FailAt(token, absl::StrCat("an option of '@", decision.path, "'"));
        return Condition(false);
      }
      const auto index = static_cast<int>(found - decision.options.begin());
      member = Or(*member, Takes(decision, id, index));
      if (!member.ok()) return member;
    }
    return member;
  }

  void ParseConstraint() {
    Constraint constraint;
    Expect("require");
    constraint.text = ParseString("the constraint in quotes");
    constraint.least = ParseWhole();
    Expect("to");
    constraint.most = ParseWhole();
    Expect(":");
    constraint.value = ParseDim();
    constraint.location = ParseLocation();
    graph_.constraints.push_back(std::move(constraint));
  }

  void ParseParam() {
    Param param;
    param.role = Take().text == "weight" ? Param::Role::kWeight : Param::Role::kBuffer;
    param.name = ParseNewName(Kind::kSymbol, params_, graph_.params.size());
    Expect(":");
    param.type = ParseType();
    if (Accept("of")) {
      if (token().kind == Kind::kSymbol) param.whole_name = std::string(Take().name());
      param.whole = ParseType();
    }
    Expect("init");
    if (Accept("fan_in")) {
      param.fan_in = ParseWhole();
    } else if (Accept("zeros")) {
      param.init = Param::Init::kZeros;
    } else if (Accept("ones")) {
      param.init = Param::Init::kOnes;
    } else {
      Fail("'fan_in', 'zeros' or 'ones'");
    }
    graph_.params.push_back(std::move(param));
  }

  void ParseInstruction() {
    Instruction instruction;
    const Token defined = Take(Kind::kValue, "the name of a value");
    instruction.name = std::string(defined.name());
    Expect("=");
    instruction.op = std::string(Take(Kind::kWord, "an operation").text);
    if (token().kind == Kind::kSymbol) instruction.decision = ParseKnownDecision();
    if (token().kind == Kind::kWord) instruction.combiner = std::string(Take().text);
    if (Accept("[")) {
      ParseList(",", "]", [&] {
        instruction.labels.push_back(ParseName("an option or ']'"));
        Expect(":");
        instruction.operands.push_back(ParseKnownValue());
      });
    } else if (Accept("(")) {
      ParseList(",", ")", [&] { ParseArgument(instruction); });
    }
    if (Accept("{")) ParseList(",", "}", [&] { ParseAttribute(instruction); });
    Expect(":");
    instruction.type = ParseType();
    instruction.location = ParseLocation();
    // Only now, so that no instruction uses its own value.
    if (ok() && !values_.emplace(instruction.name, graph_.instructions.size()).second) {
      FailAt(defined, "a name that is not taken");
    }
    graph_.instructions.push_back(std::move(instruction));
  }

  // Values first, then weights and buffers.
  void ParseArgument(Instruction& instruction) {
    if (token().kind == Kind::kValue && instruction.params.empty()) {
      instruction.operands.push_back(ParseKnownValue());
    } else {
      instruction.params.push_back(
          ParseKnownName(Kind::kSymbol, params_, "a weight or buffer declared above"));
    }
  }

  void ParseAttribute(Instruction& instruction) {
    Attribute attribute;
    attribute.name = std::string(Take(Kind::kWord, "the name of an attribute").text);
    Expect("=");
    const bool real = token().kind == Kind::kNumber &&
                      token().text.find_first_of(".eE") != absl::string_view::npos;
    if (real) {
      attribute.value = ParseReal();
    } else {
      attribute.value = ParseDim();
    }
    instruction.attributes.push_back(std::move(attribute));
  }

  void ParseResults() {
    Expect("return");
    if (At("}")) return;
    do {
      Result result;
      result.name = ParseName("the name of a result");
      result.value = ParseKnownValue();
      Expect("weight");
      result.loss_weight = ParseReal();
      graph_.results.push_back(std::move(result));
    } while (Accept(","));
  }

  Location ParseLocation() {
    Location location;
    if (!Accept("loc")) return location;
    Expect("(");
    const std::string path = ParseString("a path in quotes");
    Expect(":");
    location.line = ParseWhole<int>("a line");
    Expect(":");
    location.column = ParseWhole<int>("a column");
    Expect(")");
    if (!ok()) return location;
    std::shared_ptr<const SourceFile>& file = files_[path];
    if (file == nullptr) file = std::make_shared<SourceFile>(path, "");
    location.file = file;
    return location;
  }

  Graph graph_;
  Ids decisions_;
  Ids params_;
  Ids values_;
  absl::flat_hash_map<std::string, std::shared_ptr<const SourceFile>> files_;
};

}  // namespace

absl::StatusOr<Graph> ParseGraph(absl::string_view text) {
  const size_t invalid = FindInvalidUtf8(text);
  if (invalid != absl::string_view::npos) {
    // The text ends there.
    Lexer lexer(text.substr(0, invalid));
    Token token = lexer.Next();
    while (token.kind != Token::Kind::kEnd) token = lexer.Next();
    return absl::InvalidArgumentError(absl::StrCat(
        token.line, ":", token.column, ": found a byte that is not UTF-8, expected text"));
  }
  return Parser(text).Parse();
}

}  // namespace nasc::ir
