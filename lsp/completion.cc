#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "dsl/parse.h"
#include "dsl/standard_library.h"
#include "lsp/features.h"

namespace nasc::lsp {
namespace {

using Kind = Definition::Kind;

constexpr size_t kMostCompletions = 5000;

Completion::Kind KindOf(const Meaning& meaning) {
  switch (meaning.kind) {
    case Meaning::Kind::kPrimitive:
      return Completion::Kind::kOperation;
    case Meaning::Kind::kSetting:
      return Completion::Kind::kSetting;
    case Meaning::Kind::kAttribute:
      return Completion::Kind::kArgument;
    case Meaning::Kind::kFile:
      return Completion::Kind::kFile;
    case Meaning::Kind::kSearchPart:
      return Completion::Kind::kPart;
    case Meaning::Kind::kBuiltIn:
      return Completion::Kind::kValue;
    case Meaning::Kind::kDefinition:
      break;
  }
  switch (meaning.definition->kind) {
    case Kind::kOperation:
      return Completion::Kind::kOperation;
    case Kind::kSet:
      return Completion::Kind::kSet;
    case Kind::kCell:
      return Completion::Kind::kCell;
    case Kind::kScale:
      return Completion::Kind::kScale;
    case Kind::kSpace:
      return Completion::Kind::kPart;
    default:
      return Completion::Kind::kValue;
  }
}

class Completer {
 public:
  Completer(const Names& names, const Location& place) : names_(names), replaced_(place) {
    const std::vector<Token>& tokens = names.index().tokens;
    // The word that is being typed counts as not yet there.
    next_ = static_cast<int>(
        std::partition_point(tokens.begin(), tokens.end(),
                             [&place](const Token& token) {
                               return token.line < place.line ||
                                      (token.line == place.line &&
                                       token.column + token.length <
                                           place.column +
                                               (token.kind == Token::Kind::kWord ? 0 : 1));
                             }) -
        tokens.begin());
    const int count = static_cast<int>(tokens.size());
    Replace(ImportIsTyped() ? next_ - 2 : next_ < count ? next_ : -1, place);
    silent_ = next_ > 0 && tokens[next_ - 1].kind == Token::Kind::kDoc &&
              tokens[next_ - 1].line == place.line;
  }

  Completions Run() {
    if (!silent_) Collect();
    return {std::move(replaced_), std::move(completions_)};
  }

 private:
  void Collect() {
    const Token& before = Before();
    const Token& earlier = Before(2);
    if (before.Is("import") || ImportIsTyped()) {
      for (const std::string& name : StandardLibraryNames()) {
        AddCompletion({Completion::Kind::kFile, name, "", "", name});
      }
    } else if (before.Is("of") && earlier.Is("one")) {
      AddAll(names_.Items(Kind::kSet));
    } else if (before.Is("like")) {
      AddAll(names_.Items(Kind::kCell));
    } else if (InSearch()) {
      SearchPart();
    } else {
      if (before.Is("at")) AddAll(names_.Items(Kind::kScale));
      AddArguments();
      AddAll(names_.InScope(std::max(0, next_ - 1)));
      AddKeywords();
    }
  }

  // What is replaced begins with that token, if it begins before the place.
  void Replace(int token, const Location& place) {
    replaced_.length = 0;
    if (token < 0) return;
    const Token& first = names_.index().tokens[token];
    if (first.line != place.line || first.column >= place.column) return;
    replaced_.column = first.column;
    replaced_.length = place.column - first.column;
  }

  const Token& Before(int steps = 1) const { return names_.index().Before(next_, steps); }

  bool ImportIsTyped() const { return Before().Is(".") && Before(3).Is("import"); }

  bool InSearch() const {
    const Definition* item = names_.index().ItemOf(std::max(0, next_ - 1));
    return item != nullptr && item->kind == Kind::kSearch && Before().text != item->name;
  }

  void SearchPart() {
    const Token& before = Before();
    if (before.Is("at")) return AddAll(names_.Items(Kind::kScale));
    if (before.Is("space")) return AddAll(names_.Items(Kind::kSpace));
    const Names::PartPlace place = names_.PartAt(next_);
    const absl::string_view name = place.name < 0 ? "" : names_.index().tokens[place.name].text;
    bool names_part = false;
    for (const lsp::SearchPart& part : names_.parts()) {
      if (place.inside && part.word == place.word && (part.name.empty() || part.name == name)) {
        for (const OptionSpec& option : part.options) {
          AddCompletion({Completion::Kind::kArgument, option.name, "", option.doc,
                         absl::StrCat(option.name, " = ")});
        }
      } else if (!part.name.empty() && before.Is(part.word)) {
        names_part = true;
        AddCompletion({Completion::Kind::kPart, part.name, part.word, part.doc, part.name});
      }
    }
    if (!place.inside && !names_part) AddKeywords();
  }

  void AddArguments() {
    if (!Before().Is("(") && !Before().Is(",")) return;
    for (const Meaning& argument : names_.ArgumentsOf(names_.CalleeOf(next_))) {
      AddCompletion({Completion::Kind::kArgument, argument.name, argument.text, argument.doc,
                     absl::StrCat(argument.name, " = ")});
    }
  }

  void AddAll(const std::vector<Meaning>& meanings) {
    for (const Meaning& meaning : meanings) {
      AddCompletion({KindOf(meaning), meaning.name, meaning.text, meaning.doc, meaning.name});
    }
  }

  void AddKeywords() {
    for (const std::string& word : Keywords()) {
      AddCompletion({Completion::Kind::kKeyword, word, "", "", word});
    }
  }

  // The first meaning of a name hides the others, as it does in the text.
  void AddCompletion(Completion completion) {
    if (completions_.size() == kMostCompletions) return;
    if (seen_.insert(completion.label).second) completions_.push_back(std::move(completion));
  }

  const Names& names_;
  int next_ = 0;
  Location replaced_;
  bool silent_ = false;  // in a comment
  std::set<std::string> seen_;
  std::vector<Completion> completions_;
};

}  // namespace

Completions Complete(const Names& names, const Location& place) {
  return Completer(names, place).Run();
}

std::optional<Replacement> FixOf(const Diagnostic& diagnostic) {
  absl::string_view fix = diagnostic.fix;
  if (!absl::ConsumePrefix(&fix, "did you mean '") || !absl::ConsumeSuffix(&fix, "'?")) {
    return std::nullopt;
  }
  // The diagnostic may cover more than the word: it is the one for which the fix was found.
  const Location& at = diagnostic.location;
  const std::vector<Token> tokens = Scan(TextOf(at));
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::kWord) continue;
    size_t end = i;
    while (end + 2 < tokens.size() && tokens[end + 1].Is(".")) end += 2;
    const char* begin = tokens[i].text.data();
    const absl::string_view word(begin, tokens[end].text.data() + tokens[end].text.size() - begin);
    if (DidYouMean(word, {std::string(fix)}) == diagnostic.fix) {
      return Replacement{{at.file, at.line, at.column + tokens[i].column - 1,
                          tokens[end].column + tokens[end].length - tokens[i].column},
                         std::string(fix)};
    }
    i = end;
  }
  return std::nullopt;
}

}  // namespace nasc::lsp
