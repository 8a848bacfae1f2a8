// The grammar of `.space` files and of architecture texts. What the words mean is in docs/language.md.
grammar Space;

file: header? item* EOF;

// An architecture as text: a value for every decision that is alive.
architectureFile: ARCHITECTURE qname VERSION_WORD VERSION (IDENTITY STRING)? '{' choice* '}' EOF;
choice: path '=' (option | '{' (option (',' option)*)? '}');
option: anyName | '-'? NUMBER ('/' NUMBER)?;

// What replaces a setting of a search, given beside its file: `train.batch = 32`.
settingFile: path '=' expr EOF;

header: (SPACE | LIBRARY) qname VERSION_WORD VERSION;
item
  : importDecl | opsDecl | opDecl | cellDecl | networkDecl | scaleDecl | requireDecl | renamedDecl | searchDecl
  ;

importDecl: IMPORT (qname | STRING);

opsDecl: OPS name params? '{' candidate* '}';
candidate: (NONE | name) RELAXED? ('=' chain)?;

opDecl: OP name params? ('=' chain | block);
block: '{' (choose | let)* RETURN chain '}';
let: LET name '=' chain;
choose: CHOOSE name IN domain;
domain: '{' expr (',' expr)* '}' | expr '..' expr;
params: '(' param (',' param)* ')';
param: EACH? name ('=' expr)?;

// A chain applies its steps, one after the other, to the current value.
chain: step ('->' step)*;
step: primary (WITH assign (',' assign)*)?;
primary: when | repeat | oneOf | NONE | qname args?;
when: WHEN expr '{' chain '}' (ELSE '{' chain '}')?;
repeat: REPEAT expr '{' chain '}';
// A set of operations, or candidates on the spot, whose decision may have a name.
oneOf: ONE OF (name args? | name? '{' candidate* '}');
args: '(' (arg (',' arg)*)? ')';
arg: name '=' expr | chainArg | expr;
// A chain of one bare name or call reads as an expression; what the callee takes there decides.
chainArg: step ('->' step)+ | when | repeat | oneOf;

cellDecl: CELL name params? (LIKE name)? '{' cellItem* '}';
cellItem: ADAPT chain | choose | nodeDecl | OUTPUT chain | STRIDE expr;
nodeDecl: NODE name ('[' expr ('..' expr)? ']')? '{' choose* (edges | slots)? (MERGE chain)? (THEN chain)? '}';
edges: EDGES (PREVIOUS (AND someEdges)? | someEdges) ('{' chain '}')?;
someEdges: (ALL | ANY | expr ('..' expr)?) OF source (ELSE name)?;
slots: SLOTS expr OF source (AS '(' name (',' name)* ')')? ('{' chain '}')?;
source: EARLIER | BEFORE_PREVIOUS | '[' name (',' name)* ']';

networkDecl: NETWORK '{' networkItem* '}';
networkItem: choose | input | STEM chain | BODY chain | HEAD chain | STACK expr '{' stackRule* '}' | auxiliary;
input: INPUT qname args? (CLASSES expr | REGRESSION expr)?;
auxiliary: AUXILIARY AFTER expr ':' chain;
stackRule: (AT expr (',' expr)* | ELSE) ':' chain;

scaleDecl: SCALE name '{' scaleItem* '}';
// A scale sets numbers, and may replace parts of the network.
scaleItem: assign | input | STEM chain | HEAD chain | auxiliary;
assign: name ('=' | '*=') expr;

requireDecl: REQUIRE expr (AT name)?;
renamedDecl: RENAMED path '->' path;

searchDecl: SEARCH name '{' searchItem* '}';
searchItem
  : SPACE name (AT name)?
  | DATA call
  | STRATEGY call
  | SCHEDULE call
  | FIDELITY expr config
  | EVALUATE call
  | LATENCY config
  | TRAIN call
  | BUDGET amount+
  | OBJECTIVE (MAXIMIZE | MINIMIZE) expr
  | FINAL (AT name)? config?
  | BASELINE call
  | REQUIRE expr
  | SEED expr
  ;
// Words that begin another part of a search are no units: that part may follow a budget.
amount: unit expr;
unit: ID;
call: name config?;
config: '{' assign* '}';

expr
  : <assoc=right> expr '^' expr
  | '-' expr
  | expr ('*' | '/') expr
  | expr ('+' | '-') expr
  | expr ('==' | '!=' | '<=' | '>=' | '<' | '>') expr
  | NOT expr
  | expr AND expr
  | expr OR expr
  | NUMBER
  | STRING
  | RELAXED
  | NONE
  | qname args?
  | '(' expr ')'
  ;

qname: name ('.' anyName)*;
path: anyName ('.' anyName)*;

// Words that begin a construct only where that construct can stand are free as names elsewhere.
name
  : ID | ARCHITECTURE | IDENTITY | SEARCH | FINAL | SPACE | LIBRARY | DATA | STRATEGY | SCHEDULE | FIDELITY | EVALUATE
  | LATENCY | TRAIN | BUDGET | OBJECTIVE | BASELINE | SEED
  | INPUT | OUTPUT | STRIDE | AUXILIARY | CLASSES | REGRESSION | STEM | BODY | HEAD | STACK | SCALE | NODE | CELL | MERGE
  ;
// After a dot, and in an architecture, no construct can begin: every word is a name.
anyName
  : name | VERSION_WORD | IMPORT | OPS | OP | RETURN | LET | CHOOSE | IN | EACH | WITH | WHEN | ELSE | REPEAT | ONE | OF
  | NONE | RELAXED | LIKE | ADAPT | EDGES | SLOTS | AS | THEN | PREVIOUS | AND | OR | NOT | ALL | ANY | EARLIER
  | BEFORE_PREVIOUS | NETWORK | AFTER | AT | REQUIRE | RENAMED | MAXIMIZE | MINIMIZE
  ;

ARCHITECTURE: 'architecture';
IDENTITY: 'identity';
SPACE: 'space';
LIBRARY: 'library';
VERSION_WORD: 'version';
IMPORT: 'import';
OPS: 'ops';
OP: 'op';
RETURN: 'return';
LET: 'let';
CHOOSE: 'choose';
IN: 'in';
EACH: 'each';
WITH: 'with';
WHEN: 'when';
ELSE: 'else';
REPEAT: 'repeat';
ONE: 'one';
OF: 'of';
NONE: 'none';
RELAXED: 'relaxed';
CELL: 'cell';
LIKE: 'like';
ADAPT: 'adapt';
OUTPUT: 'output';
STRIDE: 'stride';
NODE: 'node';
EDGES: 'edges';
SLOTS: 'slots';
AS: 'as';
MERGE: 'merge';
THEN: 'then';
PREVIOUS: 'previous';
ALL: 'all';
ANY: 'any';
EARLIER: 'earlier';
BEFORE_PREVIOUS: 'before_previous';
AND: 'and';
OR: 'or';
NOT: 'not';
NETWORK: 'network';
INPUT: 'input';
CLASSES: 'classes';
REGRESSION: 'regression';
STEM: 'stem';
BODY: 'body';
HEAD: 'head';
STACK: 'stack';
AUXILIARY: 'auxiliary';
AFTER: 'after';
AT: 'at';
SCALE: 'scale';
REQUIRE: 'require';
RENAMED: 'renamed';
SEARCH: 'search';
DATA: 'data';
STRATEGY: 'strategy';
SCHEDULE: 'schedule';
FIDELITY: 'fidelity';
EVALUATE: 'evaluate';
LATENCY: 'latency';
TRAIN: 'train';
BUDGET: 'budget';
OBJECTIVE: 'objective';
MAXIMIZE: 'maximize';
MINIMIZE: 'minimize';
FINAL: 'final';
BASELINE: 'baseline';
SEED: 'seed';

VERSION: [0-9]+ '.' [0-9]+ '.' [0-9]+;
NUMBER: [0-9]+ ('.' [0-9]+)? ([eE] [+-]? [0-9]+)? ('%' | 'ms' | 's')?;
STRING: '"' ~["\n]* '"';
ID: [\p{L}_] [\p{L}\p{Nd}_]*;

DOC: '///' ~[\n]* -> channel(HIDDEN);
COMMENT: '//' ~[\n]* -> channel(HIDDEN);
WS: [ \t\r\n]+ -> skip;
UNKNOWN: .;
