#include "dsl/format_layout.h"

#include <utility>
#include <vector>

namespace nasc::format {
namespace {

constexpr size_t kItemIndent = 2;
constexpr size_t kRunIndent = 4;

class Layout {
 public:
  explicit Layout(const Pieces& pieces)
      : pieces_(pieces.pieces),
        groups_(pieces.groups),
        width_(pieces_.size() + 1, 0),
        ends_(pieces_.size() + 1, 0),
        next_break_(pieces_.size() + 1, pieces_.size()) {
    std::vector<bool> must_break(pieces_.size(), false);
    for (const Group& group : groups_) {
      if (group.broken) must_break[group.first + 1] = true;
    }
    for (size_t i = 0; i < pieces_.size(); ++i) {
      if (pieces_[i].own_line || (i > 0 && pieces_[i - 1].comment)) must_break[i] = true;
      width_[i + 1] = width_[i] + pieces_[i].width + (pieces_[i].comment ? 0 : pieces_[i].spaces);
      ends_[i + 1] = ends_[i] + (must_break[i] ? 1 : 0);
    }
    for (size_t i = pieces_.size(); i-- > 0;) {
      const bool may_end = must_break[i] || pieces_[i].can_break != Break::kNever;
      next_break_[i] = may_end ? i : next_break_[i + 1];
    }
  }

  std::string Text() && {
    for (size_t i = 0; i < pieces_.size(); ++i) {
      if (EndsLineBefore(i)) {
        NewLine(i);
      } else if (i > 0) {
        text_.append(pieces_[i].spaces, ' ');
        column_ += pieces_[i].spaces;
      }
      while (next_group_ < groups_.size() && groups_[next_group_].first == i) {
        Open(groups_[next_group_++]);
      }
      text_ += pieces_[i].text;
      column_ += pieces_[i].width;
      while (!open_.empty() && open_.back().group->last == i) open_.pop_back();
    }
    if (!text_.empty()) text_ += '\n';
    return std::move(text_);
  }

 private:
  struct OpenGroup {
    const Group* group;
    size_t outside;           // the indent of the line that it began on
    size_t indent;            // of the lines inside
    bool as_written = false;  // the lines of a chain that its author made are kept
  };

  // The columns from one piece to another, if no line ended between them.
  size_t WidthOf(size_t begin, size_t end) const {
    return begin == end ? 0 : width_[end] - width_[begin] - pieces_[begin].spaces;
  }

  // The columns of a unit with what cannot be parted from its end.
  size_t WidthWithTail(size_t begin, size_t end) const { return WidthOf(begin, next_break_[end]); }

  // Whether a line ends between the pieces in any layout.
  bool MustBreakInside(size_t begin, size_t end) const { return ends_[end] > ends_[begin + 1]; }

  size_t Indent() const { return open_.empty() ? 0 : open_.back().indent; }

  bool InBlock() const { return open_.empty() || open_.back().group->kind == Group::Kind::kBlock; }

  bool InBrackets() const {
    return !open_.empty() && open_.back().group->kind != Group::Kind::kRun;
  }

  // Whether a bracket stands before the piece.
  bool Opened(size_t i) const { return InBrackets() && open_.back().group->first + 1 == i; }

  // Whether the line before begins brackets; a comment may end it.
  bool OpenedOnLineBefore(size_t i) const {
    return Opened(i) || (Opened(i - 1) && pieces_[i - 1].comment && !pieces_[i - 1].own_line);
  }

  bool EndsLineBefore(size_t i) const {
    if (i == 0 || i < flat_end_) return false;
    const Piece& piece = pieces_[i];
    if (piece.own_line || pieces_[i - 1].comment) return true;
    switch (piece.can_break) {
      case Break::kNever:
        return false;
      case Break::kItem:
        return true;
      case Break::kFill:
        return !FitsBehind(i);
    }
    return false;
  }

  // Whether what begins at a place stays on the line.
  bool FitsBehind(size_t i) const {
    const Piece& piece = pieces_[i];
    const OpenGroup* around = open_.empty() ? nullptr : &open_.back();
    if (around != nullptr && around->as_written && piece.lines_before > 0) return false;
    if (Opened(i)) return false;
    const size_t column = column_ + piece.spaces;
    if (column <= Indent()) return true;
    if (!MustBreakInside(i, piece.unit_end)) {
      const size_t width = WidthWithTail(i, piece.unit_end);
      if (column + width <= kMaxColumns) return true;
      if (Indent() + width <= kMaxColumns) return false;
    }
    // It takes several lines anyway, and may as well begin here.
    return column + WidthWithTail(i, i + 1) <= kMaxColumns;
  }

  void NewLine(size_t i) {
    const bool closes = InBrackets() && open_.back().group->last == i;
    text_ += '\n';
    if (InBlock() && pieces_[i].lines_before > 1 && !closes && !OpenedOnLineBefore(i))
      text_ += '\n';
    line_indent_ = closes ? open_.back().outside : Indent();
    text_.append(line_indent_, ' ');
    column_ = line_indent_;
  }

  void Open(const Group& group) {
    if (group.first < flat_end_) {
      open_.push_back({&group, line_indent_, line_indent_});
      return;
    }
    const bool run = group.kind == Group::Kind::kRun;
    open_.push_back({&group, line_indent_, line_indent_ + (run ? kRunIndent : kItemIndent)});
    const size_t end = group.last + 1;
    if (!MustBreakInside(group.first, end) &&
        column_ + WidthWithTail(group.first, end) <= kMaxColumns) {
      flat_end_ = end;
    } else {
      open_.back().as_written = KeepsLines(group);
    }
  }

  // Whether the lines that the author gave a chain are its lines: they are where each of them fits;
  // otherwise the chain is filled anew. Lines inside of a step leave no choice but to keep them.
  bool KeepsLines(const Group& chain) const {
    if (chain.arrows.empty()) return false;
    if (MustBreakInside(chain.first, chain.last + 1)) return true;
    size_t column = column_ + WidthOf(chain.first, chain.arrows[0]);
    if (column > kMaxColumns) return true;
    const size_t indent = open_.back().indent;
    bool fits = true;
    for (size_t arrow : chain.arrows) {
      const Piece& piece = pieces_[arrow];
      const size_t width = WidthWithTail(arrow, piece.unit_end);
      if (indent + width > kMaxColumns) return true;
      column = piece.lines_before > 0 ? indent : column + piece.spaces;
      fits &= column + width <= kMaxColumns;
      column += WidthOf(arrow, piece.unit_end);
    }
    return fits;
  }

  const std::vector<Piece>& pieces_;
  const std::vector<Group>& groups_;
  // Of the pieces before each: their columns on one line, the ends of lines that every layout has.
  std::vector<size_t> width_;
  std::vector<size_t> ends_;
  std::vector<size_t> next_break_;  // the next place, from each, where a line may end

  std::string text_;
  size_t column_ = 0;
  size_t line_indent_ = 0;
  size_t flat_end_ = 0;  // no line ends before this piece
  size_t next_group_ = 0;
  std::vector<OpenGroup> open_;
};

}  // namespace

std::string LayOut(const Pieces& pieces) { return Layout(pieces).Text(); }

}  // namespace nasc::format
