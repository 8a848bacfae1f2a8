#include "compiler/ir/parser.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compiler/ir/lexer.h"
#include "dsl/source.h"

namespace nasc::ir {
namespace {

using Kind = Token::Kind;

// Choices within choices; more only come from a hostile text, which must not exhaust the stack.
constexpr int kMaxNesting = 256;

// Recursive descent. The first fault is kept and ends the text: from then on every token is the
// end, nothing matches, and the functions return what they like.
class Parser {
 public:
  explicit Parser(absl::string_view text) : lexer_(text), token_(lexer_.Next()) {}

  absl::StatusOr<Graph> Parse() {
    ParseHeader();
    while (ok() && !At("return")) {
      if (At("decision")) {
        ParseDecision();
      } else if (At("weight") || At("buffer")) {
        ParseParam();
      } else if (token_.kind == Kind::kValue) {
        ParseInstruction();
      } else {
        Fail("a decision, a weight, a buffer, an instruction or 'return'");
      }
    }
    ParseResults();
    Expect("}");
    if (token_.kind != Kind::kEnd) Fail("the end of the text");
    if (!ok()) return status_;
    return std::move(graph_);
  }

 private:
  using Ids = absl::flat_hash_map<std::string, int>;

  // --- tokens ---

  bool ok() const { return status_.ok(); }

  void FailAt(const Token& token, absl::string_view expected) {
    if (ok()) {
      status_ = absl::InvalidArgumentError(absl::StrCat(token.line, ":", token.column, ": found ",
                                                        Describe(token), ", expected ", expected));
    }
    token_ = Token();
  }
  void Fail(absl::string_view expected) { FailAt(token_, expected); }

  Token Take() {
    const Token taken = token_;
    if (ok()) token_ = lexer_.Next();
    return taken;
  }

  // A token of the kind; where there is another, that is a fault.
  Token Take(Kind kind, absl::string_view expected) {
    if (token_.kind == kind) return Take();
    Fail(expected);
    return {kind, "?"};
  }

  bool At(absl::string_view text) const { return token_.text == text; }
  bool Accept(absl::string_view text) {
    if (!At(text)) return false;
    Take();
    return true;
  }
  void Expect(absl::string_view text) {
    if (!Accept(text)) Fail(absl::StrCat("'", text, "'"));
  }

  // Items up to the closing sign.
  template <typename F>
  void ParseList(absl::string_view separator, absl::string_view close, F parse_item) {
    if (Accept(close)) return;
    do {
      parse_item();
    } while (Accept(separator));
    Expect(close);
  }

  // --- names and numbers ---

  std::string ParseName(absl::string_view expected) {
    const Token token = token_;
    // A name may start with a digit, but has no sign.
    const bool number =
        token.kind == Kind::kNumber && token.text.find_first_of("+-") == absl::string_view::npos;
    if (token.kind != Kind::kWord && !number) Fail(expected);
    return std::string(Take().text);
  }

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

  template <typename Int>
  Int ParseWhole(absl::string_view expected) {
    const Token token = Take(Kind::kNumber, expected);
    Int value = 0;
    if (!absl::SimpleAtoi(token.text, &value)) FailAt(token, expected);
    return value;
  }
  int64_t ParseWhole() { return ParseWhole<int64_t>("a whole number of 64 bits"); }

  double ParseReal() {
    constexpr absl::string_view kExpected = "a finite number";
    const Token token = Take(Kind::kNumber, kExpected);
    double value = 0;
    if (!absl::SimpleAtod(token.text, &value) || !std::isfinite(value)) FailAt(token, kExpected);
    return value;
  }

  // --- dims and types ---

  // A number, or a choice by a decision that comes after `above`.
  Dim ParseSize(DecisionId above = -1, int nesting = 0) {
    if (!Accept("[")) return ParseWhole();
    const Token token = token_;
    const DecisionId decision = ParseKnownDecision();
    if (ok() && decision <= above) FailAt(token, "a later decision than that around it");
    if (ok() && nesting == kMaxNesting) FailAt(token, "fewer choices within choices");
    Expect(":");
    std::vector<Dim> options;
    ParseList("|", "]", [&] { options.push_back(ParseSize(decision, nesting + 1)); });
    if (!ok()) return 0;
    const size_t count = graph_.decisions[decision].options.size();
    if (options.empty() || options.size() != count) {
      FailAt(token, absl::StrCat("a decision with ", options.size(), " options; it has ", count));
      return 0;
    }
    return Dim::Choice(decision, std::move(options));
  }

  Dim ParseDim() { return Accept("N") ? Dim::Batch() : ParseSize(); }

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
      decision.kind = Decision::Kind::kSubset;
      decision.take = ParseWhole<int>("'one' or a number of options");
    }
    Expect("of");
    Expect("[");
    ParseList(",", "]", [&] {
      decision.options.push_back(ParseName("an option"));
      decision.relaxed_only.push_back(Accept("relaxed"));
    });
    if (Accept("if")) ParseParent(decision);
    decision.location = ParseLocation();
    graph_.decisions.push_back(std::move(decision));
  }

  void ParseParent(Decision& decision) {
    const Token token = token_;
    const std::string option = ParseName("an option of another decision");
    Expect("in");
    decision.parent = ParseKnownDecision();
    // Its own name is known already.
    if (decision.parent < 0 || decision.parent == static_cast<int>(graph_.decisions.size())) {
      return FailAt(token, "an option of a decision declared above");
    }
    const std::vector<std::string>& options = graph_.decisions[decision.parent].options;
    for (size_t i = 0; i < options.size(); ++i) {
      if (options[i] == option) decision.parent_option = static_cast<int>(i);
    }
    if (decision.parent_option < 0) {
      FailAt(token, absl::StrCat("an option of '@", graph_.decisions[decision.parent].path, "'"));
    }
  }

  void ParseParam() {
    Param param;
    param.role = Take().text == "weight" ? Param::Role::kWeight : Param::Role::kBuffer;
    param.name = ParseNewName(Kind::kSymbol, params_, graph_.params.size());
    Expect(":");
    param.type = ParseType();
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
    const Token token = Take(Kind::kValue, "the name of a value");
    instruction.name = std::string(token.name());
    Expect("=");
    instruction.op = std::string(Take(Kind::kWord, "an operation").text);
    if (token_.kind == Kind::kSymbol) instruction.decision = ParseKnownDecision();
    if (token_.kind == Kind::kWord) instruction.combiner = std::string(Take().text);
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
      FailAt(token, "a name that is not taken");
    }
    graph_.instructions.push_back(std::move(instruction));
  }

  // Values first, then weights and buffers.
  void ParseArgument(Instruction& instruction) {
    if (token_.kind == Kind::kValue && instruction.params.empty()) {
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
    const bool real =
        token_.kind == Kind::kNumber && token_.text.find_first_of(".eE") != absl::string_view::npos;
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
    const Token token = Take(Kind::kString, "a path in quotes");
    Expect(":");
    location.line = ParseWhole<int>("a line");
    Expect(":");
    location.column = ParseWhole<int>("a column");
    Expect(")");
    if (!ok()) return location;
    std::string path;
    if (!absl::CUnescape(token.text.substr(1, token.text.size() - 2), &path)) {
      FailAt(token, "a path in quotes");
    }
    std::shared_ptr<const SourceFile>& file = files_[path];
    if (file == nullptr) file = std::make_shared<SourceFile>(path, "");
    location.file = file;
    return location;
  }

  Lexer lexer_;
  Token token_;
  absl::Status status_;
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
