// The grammar of `.space` files and of architecture texts. What the words mean is in docs/language.md.
grammar Space;

file: header? item* EOF;

// An architecture as text: a value for every decision that is alive.
architectureFile: ARCHITECTURE qname VERSION_WORD VERSION '{' choice* '}' EOF;
choice: path '=' (anyName | '{' anyName (',' anyName)* '}');

header: (SPACE | LIBRARY) qname VERSION_WORD VERSION;
item: importDecl | opsDecl | opDecl | cellDecl | networkDecl | scaleDecl | searchDecl;

importDecl: IMPORT (qname | STRING);

opsDecl: OPS name '{' candidate* '}';
candidate: (NONE | name) RELAXED? ('=' chain)?;

opDecl: OP name params? ('=' chain | block);
block: '{' let* RETURN chain '}';
let: LET name '=' chain;
params: '(' param (',' param)* ')';
param: name ('=' expr)?;

// A chain applies its steps, one after the other, to the current value.
chain: step ('->' step)*;
step: primary (WITH assign (',' assign)*)?;
primary: when | ONE OF name | NONE | qname args?;
when: WHEN expr '{' chain '}' (ELSE '{' chain '}')?;
args: '(' (arg (',' arg)*)? ')';
arg: name '=' expr | chainArg | expr;
// A chain of one bare name or call reads as an expression; what the callee takes there decides.
chainArg: step ('->' step)+ | when | ONE OF name;

cellDecl: CELL name params? (LIKE name)? '{' cellItem* '}';
cellItem: ADAPT chain | nodeDecl | OUTPUT chain | STRIDE expr;
nodeDecl: NODE name '[' expr ']' '{' edges MERGE chain '}';
edges: EDGES expr OF EARLIER '{' chain '}';

networkDecl: NETWORK '{' networkItem* '}';
networkItem
  : INPUT qname args? (CLASSES expr)?
  | STEM chain
  | HEAD chain
  | STACK expr '{' stackRule* '}'
  | AUXILIARY AFTER expr ':' chain
  ;
stackRule: (AT expr (',' expr)* | ELSE) ':' chain;

scaleDecl: SCALE name '{' assign* '}';
assign: name ('=' | '*=') expr;

searchDecl: SEARCH name '{' searchItem* '}';
searchItem
  : SPACE name (AT name)?
  | DATA call
  | STRATEGY call
  | TRAIN call
  | BUDGET amount+
  | OBJECTIVE (MAXIMIZE | MINIMIZE) expr
  | FINAL (AT name)? config?
  | BASELINE call
  | SEED expr
  ;
amount: name expr;
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
  | qname args?
  | '(' expr ')'
  ;

qname: name ('.' anyName)*;
path: anyName ('.' anyName)*;

// Words that begin a construct only where that construct can stand are free as names elsewhere.
name
  : ID | ARCHITECTURE | SEARCH | FINAL | SPACE | LIBRARY | DATA | STRATEGY | TRAIN | BUDGET | OBJECTIVE | BASELINE | SEED
  | INPUT | OUTPUT | STRIDE | AUXILIARY | CLASSES | STEM | HEAD | STACK | SCALE | NODE | CELL | MERGE
  ;
// After a dot, and in an architecture, no construct can begin: every word is a name.
anyName
  : name | VERSION_WORD | IMPORT | OPS | OP | RETURN | LET | WITH | WHEN | ELSE | ONE | OF | NONE | RELAXED | LIKE | ADAPT
  | EDGES | AND | OR | NOT | EARLIER | NETWORK | AFTER | AT | MAXIMIZE | MINIMIZE
  ;

ARCHITECTURE: 'architecture';
SPACE: 'space';
LIBRARY: 'library';
VERSION_WORD: 'version';
IMPORT: 'import';
OPS: 'ops';
OP: 'op';
RETURN: 'return';
LET: 'let';
WITH: 'with';
WHEN: 'when';
ELSE: 'else';
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
MERGE: 'merge';
EARLIER: 'earlier';
AND: 'and';
OR: 'or';
NOT: 'not';
NETWORK: 'network';
INPUT: 'input';
CLASSES: 'classes';
STEM: 'stem';
HEAD: 'head';
STACK: 'stack';
AUXILIARY: 'auxiliary';
AFTER: 'after';
AT: 'at';
SCALE: 'scale';
SEARCH: 'search';
DATA: 'data';
STRATEGY: 'strategy';
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
COMMENT: '//' ~[\n]* -> skip;
WS: [ \t\r\n]+ -> skip;
UNKNOWN: .;
