#include "lsp/index.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace nasc::lsp {
namespace {

using Kind = Definition::Kind;

struct ItemWord {
  absl::string_view word;
  Kind kind;
};
constexpr ItemWord kItemWords[] = {
    {"space", Kind::kSpace}, {"library", Kind::kLibrary}, {"op", Kind::kOperation},
    {"ops", Kind::kSet},     {"cell", Kind::kCell},       {"network", Kind::kNetwork},
    {"scale", Kind::kScale}, {"search", Kind::kSearch},
};

constexpr ItemWord kPartWords[] = {
    {"let", Kind::kValue},
    {"choose", Kind::kChoice},
    {"node", Kind::kNode},
};

// Words that go on with a candidate's chain instead of naming the next candidate.
bool ContinuesChain(absl::string_view word) {
  static const auto* const words = new std::set<absl::string_view>{
      "when", "else", "repeat", "one", "of", "with", "and", "or", "not", "relaxed"};
  return words->count(word) > 0;
}

const Token& NoToken() {
  static const auto* const none = new Token;
  return *none;
}

// A text may be one item or one line as a whole; what is read again for each definition is bounded.
constexpr int kFarthest = 500;  // tokens of an item's heading
constexpr int kLongest = 60;    // tokens that are shown of a part

class Indexer {
 public:
  explicit Indexer(Index& index) : index_(index) {}

  void Run() {
    const int count = static_cast<int>(index_.tokens.size());
    int braces = 0;
    int parens = 0;
    for (int i = 0; i < count; ++i) {
      const Token& token = index_.tokens[i];
      if (token.kind == Token::Kind::kDoc) continue;
      if (token.Is("{")) ++braces;
      if (token.Is("}")) braces = std::max(0, braces - 1);
      if (token.Is("(")) ++parens;
      if (token.Is(")")) parens = std::max(0, parens - 1);
      if (token.kind != Token::Kind::kWord) continue;
      if (BeginsItem(i, braces)) {
        braces = parens = 0;  // an item that is not closed ends where the next one begins
        continue;
      }
      if (item_ >= 0 && index_.definitions[item_].kind != Kind::kSearch) Part(i, braces, parens);
    }
    if (item_ >= 0) index_.definitions[item_].end_token = count;
  }

 private:
  // The words of items are names and words of other items too, such as `space` of a search. One
  // that begins a line counts all the same, as the item before may not be closed yet.
  bool BeginsItem(int i, int braces) {
    const Token& token = index_.tokens[i];
    const Token& before = index_.Before(i);
    const Token& after = index_.After(i);
    if (token.Is("import")) {
      Import(i);
      return true;
    }
    for (const ItemWord& item : kItemWords) {
      if (!token.Is(item.word)) continue;
      const bool network = item.kind == Kind::kNetwork;
      if (network ? !after.Is("{") : after.kind != Token::Kind::kWord) return false;
      if (token.column > 1) {
        if (before.Is("->") || before.Is("=") || before.Is(",") || before.Is("(")) return false;
        if (braces > 0) return false;
      }
      const int name = network ? i : Next(i);
      Close(i);
      item_ = -1;
      item_ = Add(item.kind, name, ItemText(i), Doc(i, item.kind));
      index_.definitions[item_].first_token = i;
      index_.items.push_back(item_);
      Parameters(name);
      return true;
    }
    return false;
  }

  void Import(int i) {
    const int target = Next(i);
    if (target < 0) return;
    const Token& first = index_.tokens[target];
    ast::Import import;
    import.location = LocationOf(first, index_.source);
    import.is_path = first.kind == Token::Kind::kString;
    if (import.is_path) {
      import.target = std::string(absl::StripSuffix(first.text.substr(1), "\""));
    } else if (first.kind == Token::Kind::kWord) {
      int end = target;
      while (index_.After(end).Is(".") && Next(Next(end)) >= 0) end = Next(Next(end));
      for (int k = target; k <= end; ++k) absl::StrAppend(&import.target, index_.tokens[k].text);
      import.location.length = index_.tokens[end].column + index_.tokens[end].length - first.column;
    } else {
      return;
    }
    index_.imports.push_back(std::move(import));
  }

  void Part(int i, int braces, int parens) {
    const Token& token = index_.tokens[i];
    const Token& before = index_.Before(i);
    const Token& after = index_.After(i);
    const Kind item = index_.definitions[item_].kind;
    for (const ItemWord& part : kPartWords) {
      if (before.Is(part.word) && !after.Is("(") && braces > 0) {
        Add(part.kind, i, LineText(PreviousIndex(i)), "");
        return;
      }
    }
    // `slots 2 of earlier as (a, b)`
    if (token.Is("as") && after.Is("(") && item == Kind::kCell) {
      for (int name = Next(Next(i)); name >= 0 && index_.tokens[name].kind == Token::Kind::kWord;) {
        Add(Kind::kValue, name, LineText(i), "");
        name = index_.After(name).Is(",") ? Next(Next(name)) : -1;
      }
      return;
    }
    if (braces != 1 || parens != 0) return;
    if (item == Kind::kScale && (after.Is("=") || after.Is("*="))) {
      Add(Kind::kSetting, i, SettingText(i), "");
    } else if (item == Kind::kSet && !ContinuesChain(token.text) && !before.Is("=") &&
               !before.Is("->") && !before.Is(".") &&
               (before.kind != Token::Kind::kSymbol || before.Is("{") || before.Is("}") ||
                before.Is(")")) &&
               (!ContinuesChain(before.text) || before.Is("relaxed"))) {
      Add(Kind::kCandidate, i, LineText(i), "");
    }
  }

  // `(kernel, part = 1/2)` behind an item's name.
  void Parameters(int name) {
    int depth = 0;
    for (int i = Next(name); i >= 0 && i < name + kFarthest; i = Next(i)) {
      const Token& token = index_.tokens[i];
      if (token.Is("(")) ++depth;
      if (token.Is(")")) --depth;
      if (depth == 0) return;
      const Token& before = index_.Before(i);
      const bool first = before.Is("(") || before.Is(",") || before.Is("each");
      if (depth == 1 && first && token.kind == Token::Kind::kWord && !token.Is("each")) {
        int end = i;
        for (int inner = 0; Next(end) >= 0 && end < i + kLongest; end = Next(end)) {
          const Token& next = index_.After(end);
          if (next.Is("(")) ++inner;
          if (inner == 0 && (next.Is(",") || next.Is(")"))) break;
          if (next.Is(")")) --inner;
        }
        Add(Kind::kParameter, i, TokensText(i, end + 1), "");
      }
    }
  }

  int Add(Kind kind, int name, std::string text, std::string doc) {
    Definition definition;
    definition.kind = kind;
    const Token& token = index_.tokens[name];
    definition.name = std::string(token.text);
    definition.location = LocationOf(token, index_.source);
    // The name of a space or library may have dots.
    if (kind == Kind::kSpace || kind == Kind::kLibrary) {
      for (int end = name; index_.After(end).Is(".") && Next(Next(end)) >= 0;) {
        end = Next(Next(end));
        absl::StrAppend(&definition.name, ".", index_.tokens[end].text);
        definition.location.length =
            index_.tokens[end].column + index_.tokens[end].length - token.column;
      }
    }
    definition.text = std::move(text);
    definition.doc = std::move(doc);
    definition.item = item_;
    index_.definitions.push_back(std::move(definition));
    return static_cast<int>(index_.definitions.size()) - 1;
  }

  void Close(int next_item) {
    if (item_ >= 0) index_.definitions[item_].end_token = next_item;
  }

  int Next(int token) const {
    if (token < 0) return -1;
    const int count = static_cast<int>(index_.tokens.size());
    for (int i = token + 1; i < count; ++i) {
      if (index_.tokens[i].kind != Token::Kind::kDoc) return i;
    }
    return -1;
  }

  int PreviousIndex(int token) const {
    do {
      --token;
    } while (token > 0 && index_.tokens[token].kind == Token::Kind::kDoc);
    return token;
  }

  // What stands above an item; of a header, below it.
  std::string Doc(int token, Kind kind) const {
    const int step = kind == Kind::kSpace || kind == Kind::kLibrary ? 1 : -1;
    const int count = End(token, step > 0 ? kFarthest : 0);
    int line = index_.tokens[token].line;
    int i = token + step;
    while (step > 0 && i < count && index_.tokens[i].line == line &&
           index_.tokens[i].kind != Token::Kind::kDoc) {
      ++i;
    }
    std::vector<absl::string_view> lines;
    for (; i >= 0 && i < count && index_.tokens[i].kind == Token::Kind::kDoc &&
           index_.tokens[i].line == line + step;
         i += step) {
      line = index_.tokens[i].line;
      lines.push_back(absl::StripPrefix(absl::StripPrefix(index_.tokens[i].text, "///"), " "));
    }
    if (step < 0) std::reverse(lines.begin(), lines.end());
    std::string doc;
    for (const absl::string_view text : lines) absl::StrAppend(&doc, doc.empty() ? "" : "\n", text);
    return doc;
  }

  // The end of so many tokens from that one.
  int End(int first, int most) const {
    return std::min(first + most, static_cast<int>(index_.tokens.size()));
  }

  // The tokens as one line, with spaces where the text had any.
  std::string TokensText(int first, int end) const {
    std::string text;
    const char* last = nullptr;
    for (int i = first; i < end; ++i) {
      const Token& token = index_.tokens[i];
      if (token.kind == Token::Kind::kDoc) continue;
      if (last != nullptr && token.text.data() != last) text += ' ';
      absl::StrAppend(&text, token.text);
      last = token.text.data() + token.text.size();
    }
    return text;
  }

  // Up to the `=` or `{` with which the item's body begins; the default of a parameter has one too.
  std::string ItemText(int first) const {
    int parens = 0;
    int i = first;
    const int end = End(first, kFarthest);
    for (; i < end; ++i) {
      const Token& token = index_.tokens[i];
      if (token.Is("(")) ++parens;
      if (token.Is(")")) --parens;
      if (parens == 0 && (token.Is("{") || token.Is("=") || token.kind == Token::Kind::kDoc)) break;
      if (i > first && parens == 0 && token.line > index_.tokens[i - 1].line) break;
    }
    return TokensText(first, i);
  }

  std::string LineText(int first) const {
    int i = first;
    const int count = End(first, kLongest);
    while (i < count && index_.tokens[i].line == index_.tokens[first].line) ++i;
    return TokensText(first, i);
  }

  // `width = 16`, up to the next setting.
  std::string SettingText(int first) const {
    int i = Next(Next(first));
    int parens = 0;
    const int end = End(first, kLongest);
    while (i >= 0 && i < end) {
      const Token& token = index_.tokens[i];
      const Token& after = index_.After(i);
      if (token.Is("(")) ++parens;
      if (token.Is(")")) --parens;
      const bool operand = token.kind != Token::Kind::kSymbol || token.Is(")");
      if (parens == 0 && operand && (after.kind == Token::Kind::kWord || after.Is("}"))) break;
      i = Next(i);
    }
    return TokensText(first, i < 0 ? end : std::min(i + 1, end));
  }

  Index& index_;
  int item_ = -1;  // the definition whose parts are being read
};

}  // namespace

const Definition* Index::ItemOf(int token) const {
  const auto behind = std::partition_point(
      items.begin(), items.end(), [&](int item) { return definitions[item].first_token <= token; });
  return behind == items.begin() ? nullptr : &definitions[*(behind - 1)];
}

const Token& Index::LastOf(const Definition& item) const { return Before(item.end_token); }

const Token& Index::Before(int token, int steps) const {
  for (int i = token - 1; i >= 0; --i) {
    if (tokens[i].kind != Token::Kind::kDoc && --steps == 0) return tokens[i];
  }
  return NoToken();
}

const Token& Index::After(int token) const {
  const int count = static_cast<int>(tokens.size());
  for (int i = token + 1; i < count; ++i) {
    if (tokens[i].kind != Token::Kind::kDoc) return tokens[i];
  }
  return NoToken();
}

Index MakeIndex(std::shared_ptr<const SourceFile> source) {
  Index index;
  index.source = std::move(source);
  index.tokens = Scan(index.source->text());
  Indexer(index).Run();
  return index;
}

}  // namespace nasc::lsp
