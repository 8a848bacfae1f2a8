// What a `.space` file is made of, as its layout sees it: pieces, and groups of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace antlr4 {
class CommonTokenStream;
class ParserRuleContext;
}  // namespace antlr4

namespace nasc::format {

// Where a line may end before a piece.
enum class Break {
  kNever,  // unless a comment comes before it
  kFill,   // where what begins here does not fit on the line
  kItem,   // where the brackets around it are broken: before each item and before the bracket
};

// A token or a comment.
struct Piece {
  std::string text;
  size_t width = 0;  // in code points; a comment has none, since no layout makes it shorter
  bool comment = false;
  bool own_line = false;  // a comment that stands alone on its line
  int lines_before = 0;   // ends of lines before it as it was written
  int spaces = 1;         // before it, where no line ends there
  Break can_break = Break::kNever;
  size_t unit_end = 0;  // of kFill: behind the last piece of what begins here
};

// Pieces that belong together.
struct Group {
  enum class Kind {
    kBlock,  // brackets of items that may have blank lines between them
    kList,   // other brackets
    kRun,    // no brackets; its later lines are indented
  };
  size_t first = 0;
  size_t last = 0;
  Kind kind = Kind::kRun;
  bool broken = false;         // a block that was written on several lines
  std::vector<size_t> arrows;  // of a chain: the places of its `->`
};

struct Pieces {
  std::vector<Piece> pieces;
  std::vector<Group> groups;  // by their first pieces, the outer ones first
};

// The widest line, in code points, without a comment at its end.
constexpr size_t kMaxColumns = 100;

// The pieces of a file whose tree is `file`. Blank lines between definitions are as if they had
// been written.
Pieces ReadPieces(antlr4::ParserRuleContext& file, antlr4::CommonTokenStream& tokens);

// The texts of tokens and comments, in order, without blanks at the end of comments.
std::vector<std::string> Texts(antlr4::CommonTokenStream& tokens);

}  // namespace nasc::format
