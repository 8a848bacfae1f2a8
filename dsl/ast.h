#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/rational.h"
#include "dsl/source.h"

// The syntax of a file as a tree: what was written and where, nothing resolved but step labels.
namespace nasc::ast {

struct Identifier {
  std::string text;  // dotted where a qualified name is allowed
  Location location;
};

struct Arg;

struct Expr {
  enum class Kind { kNumber, kString, kName, kCall, kUnary, kBinary };
  Kind kind = Kind::kNumber;
  Location location;
  Rational number;   // kNumber; percent and units are applied: 50% is 1/2, 78ms is 78/1000
  std::string text;  // kString: the text; kName, kCall: the name; kUnary, kBinary: the operator
  std::vector<Expr> operands;
  std::vector<Arg> args;  // kCall
};

struct Assign {
  Identifier name;
  bool scaled = false;  // `name *= value`
  Expr value;
};

struct Candidate;
struct Chain;

// One step of a chain.
struct Step {
  enum class Kind {
    kCall,
    kWhen,
    kRepeat,
    kOneOf,
    kNone,
  };
  Kind kind = Kind::kCall;
  Location location;
  // kCall: an operation, primitive, combiner, cell or value; kOneOf: a set of operations, or, with
  // candidates on the spot, the decision's name, which may be missing (empty).
  Identifier callee;
  std::vector<Arg> args;              // kCall, kOneOf
  bool inline_set = false;            // kOneOf: the candidates are here
  std::vector<Candidate> candidates;  // of an inline set
  std::vector<Expr> condition;        // kWhen: the condition; kRepeat: how often; exactly one
  std::vector<Chain> branches;        // kWhen: then, and else if there is one; kRepeat: the body
  std::vector<Assign> with;
  // What the values and weights of this step are named by inside its definition: the callee, with
  // an ordinal where the definition calls it more than once. `repeat`, `when`, `none` and an inline
  // set without a name ("op") are labelled by these words.
  std::string label;
};

struct Chain {
  Location location;
  std::vector<Step> steps;
};

struct Arg {
  std::optional<Identifier> name;
  // Exactly one of the two. A bare name or call is an expression here; what the callee expects in
  // its place decides whether it is read as a chain (see AsChain).
  std::optional<Expr> expr;
  std::optional<Chain> chain;
  std::string label;  // of that step, where the expression is read as a chain
};

struct Param {
  Identifier name;
  std::optional<Expr> default_value;
};

struct Let {
  Identifier name;
  Chain value;
};

// `choose kernel in { 3, 5 }`, `choose layers in 1..4`
struct Choose {
  Identifier name;
  bool range = false;         // first..last, both in it
  std::vector<Expr> options;  // of a range: first and last
};

struct OpDecl {
  Identifier name;
  std::string doc;
  std::vector<Param> params;
  std::vector<Choose> chooses;
  std::vector<Let> lets;
  Chain result;
};

struct Candidate {
  Identifier name;
  bool none = false;           // the candidate `none`: the edge is absent
  bool relaxed = false;        // competes while the decision is relaxed, is never in a result
  std::optional<Chain> chain;  // absent: the operation of the same name
};

struct OpsDecl {
  Identifier name;
  std::string doc;
  std::vector<Param> params;
  std::vector<Candidate> candidates;
};

// Which values of a cell an input comes from.
struct Source {
  enum class Kind {
    kEarlier,         // the inputs and all earlier nodes
    kBeforePrevious,  // the same without the last one
    kList,            // named values; a family stands for its earlier nodes
  };
  Kind kind = Kind::kEarlier;
  Location location;
  std::vector<Identifier> names;
};

// `edges 2 of earlier { one of candidates }`, `edges previous and any of before_previous`
struct Edges {
  enum class Take {
    kNothing,  // only `previous`
    kAll,
    kAny,   // a bit a source
    kSome,  // `least` to `most` of them
  };
  Location location;
  bool previous = false;
  Take take = Take::kNothing;
  std::optional<Expr> least;  // kSome
  std::optional<Expr> most;   // kSome with a range; absent: as many as `least`
  std::optional<Source> source;
  std::optional<Identifier> otherwise;  // the value that is taken where no edge is
  std::optional<Chain> operation;       // absent: the value as it is
};

// `slots 2 of earlier as (a, b) { one of candidates }`: picks with a source of their own each.
struct Slots {
  Location location;
  Expr count;
  Source source;
  std::vector<Identifier> names;
  std::optional<Chain> operation;
};

// `node n[4] { ... }`: nodes n0, n1, n2, n3; `node x { ... }`: the node x.
struct NodeDecl {
  Identifier name;
  std::optional<Expr> count;  // absent: one node of that name
  std::optional<Expr> most;   // `n[count..most]`: how many there are is a decision
  std::vector<Choose> chooses;
  std::optional<Edges> edges;
  std::optional<Slots> slots;
  std::optional<Chain> merge;
  std::optional<Chain> then;
};

struct CellInput {
  Identifier name;
  bool each = false;  // `each feature`: one input a feature of the value
};

struct CellDecl {
  Identifier name;
  std::string doc;
  std::vector<CellInput> inputs;
  std::optional<Identifier> like;
  std::optional<Chain> adapt;
  std::vector<Choose> chooses;
  std::vector<NodeDecl> nodes;
  std::optional<Chain> output;
  std::optional<Expr> stride;
};

struct StackRule {
  Location location;
  std::vector<Expr> at;  // empty: `else`
  Chain chain;
};

struct Stack {
  Location location;
  Expr count;
  std::vector<StackRule> rules;
};

struct Auxiliary {
  Location location;
  Expr after;
  Chain chain;
};

struct Input {
  Identifier kind;  // image, features
  std::vector<Arg> args;
  std::optional<Expr> classes;     // one of the two: how many classes,
  std::optional<Expr> regression;  // or how many numbers are predicted
};

struct NetworkDecl {
  Location location;
  std::vector<Choose> chooses;
  std::optional<Input> input;
  std::optional<Chain> stem;
  std::optional<Stack> stack;
  std::optional<Chain> body;
  std::optional<Chain> head;
  std::optional<Auxiliary> auxiliary;
};

// Settings, and parts that replace those of the network.
struct ScaleDecl {
  Identifier name;
  std::string doc;
  std::vector<Assign> assigns;
  std::optional<Input> input;
  std::optional<Chain> stem;
  std::optional<Chain> head;
  std::optional<Auxiliary> auxiliary;
};

// `require macs <= 400e6 at final`
struct Require {
  Location location;
  Expr condition;
  std::optional<Identifier> scale;
};

// `renamed normal.n1 -> normal.first`: paths of decisions, old and new.
struct Renamed {
  Location location;
  Identifier from;
  Identifier to;
};

// `darts { order = 1 }`
struct Call {
  Identifier name;
  std::vector<Assign> config;
};

struct Amount {
  Identifier unit;
  Expr value;
};

// `maximize accuracy * (latency / 78ms) ^ -0.07`
struct Objective {
  Identifier direction;  // maximize, minimize
  Expr value;
};

// `fidelity 1/9 { epochs = 1/9  data = 0.25 }`
struct Fidelity {
  Location location;
  Expr part;  // of a trial's budget
  std::vector<Assign> axes;
};

struct SearchDecl {
  Identifier name;
  std::string doc;
  std::optional<Identifier> space;
  std::optional<Identifier> scale;
  std::optional<Call> data;
  std::optional<Call> strategy;
  std::optional<Call> schedule;
  std::vector<Fidelity> fidelities;
  std::optional<Call> evaluate;
  std::optional<Location> latency_location;
  std::vector<Assign> latency;  // how latency is measured
  std::optional<Call> train;
  std::vector<Amount> budget;
  std::vector<Objective> objectives;
  std::optional<Identifier> final_scale;
  std::optional<Location> final_location;
  std::vector<Assign> final_config;
  std::optional<Call> baseline;
  std::optional<Expr> require;
  std::optional<Expr> seed;
};

struct Import {
  Location location;
  std::string target;  // a library's qualified name, or a path
  bool is_path = false;
};

struct Header {
  bool library = false;
  Identifier name;
  std::string version;
  std::string doc;
};

struct File {
  std::shared_ptr<const SourceFile> source;
  std::optional<Header> header;
  std::vector<Import> imports;
  std::vector<OpsDecl> ops;
  std::vector<OpDecl> operations;
  std::vector<CellDecl> cells;
  std::vector<NetworkDecl> networks;
  std::vector<ScaleDecl> scales;
  std::vector<Require> requirements;
  std::vector<Renamed> renamed;
  std::vector<SearchDecl> searches;
};

// `normal.n0.edges = { prev_prev, prev }`
struct Choice {
  Identifier path;
  std::vector<Identifier> picks;
};

struct ArchitectureFile {
  std::shared_ptr<const SourceFile> source;
  Identifier space;
  std::string version;
  std::string identity;  // of the space; "": not said
  std::vector<Choice> choices;
};

// A bare name or call in argument position, read as a chain of one step; nothing if it is another
// expression.
std::optional<Chain> AsChain(const Arg& arg);

}  // namespace nasc::ast
