#include "lsp/names.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "dsl/standard_library.h"
#include "dsl/vocabulary.h"

namespace nasc::lsp {
namespace {

using Kind = Definition::Kind;

// Names that the compiler gives a value where they are in scope.
struct BuiltIn {
  absl::string_view name;
  absl::string_view doc;
};
constexpr BuiltIn kBuiltIns[] = {
    {"filters", "the width to produce: the cell's `width`, or what a call gave"},
    {"stride", "the stride of the edge; 1 outside edges"},
    {"in_filters", "the channels of the operation's input"},
    {"relaxed", "whether the decision around it is relaxed"},
    {"same_size", "in `adapt`: whether this input has the size of the cell's last input"},
    {"classes", "the number of classes"},
};

Meaning MeaningOf(const BuiltIn& name) {
  return {Meaning::Kind::kBuiltIn,
          std::string(name.name),
          std::string(name.name),
          std::string(name.doc),
          {},
          nullptr};
}

// What an attribute is where a call does not give it.
std::string DefaultOf(const AttributeSpec& attribute) {
  using Default = AttributeSpec::Default;
  switch (attribute.fallback) {
    case Default::kRequired:
      return "";
    case Default::kNumber:
      return absl::StrCat(" = ", attribute.number);
    case Default::kKernel:
      return " = kernel";
    case Default::kSame:
    case Default::kSameWidth:
      return " = what keeps the size";
    case Default::kStep:
      return " = stride";
    case Default::kWidth:
      return " = filters";
    case Default::kSetting:
      return absl::StrCat(" = the scale's, or ", attribute.number);
  }
  return "";
}

std::string Signature(const Primitive& primitive) {
  if (primitive.form == Primitive::Form::kCombiner)
    return absl::StrCat(primitive.name, "(chain, ...)");
  if (primitive.attributes.empty()) return primitive.name;
  return absl::StrCat(primitive.name, "(",
                      absl::StrJoin(primitive.attributes, ", ",
                                    [](std::string* out, const AttributeSpec& attribute) {
                                      absl::StrAppend(out, attribute.name, DefaultOf(attribute));
                                    }),
                      ")");
}

bool IsWritten(const Primitive& primitive) {
  return primitive.form == Primitive::Form::kUnary || primitive.form == Primitive::Form::kCombiner;
}

// "n" for "n12": nodes are named by their family.
absl::string_view Family(absl::string_view name) {
  while (!name.empty() && absl::ascii_isdigit(name.back())) name.remove_suffix(1);
  return name;
}

bool IsPart(const Definition& definition) {
  return definition.item >= 0 && definition.kind != Kind::kSetting;
}

// A text may be one call or one search as a whole; of it so many tokens are looked through.
constexpr int kFarthest = 2000;

constexpr absl::string_view kSearchWords[] = {
    "space", "data",   "strategy",  "schedule", "fidelity", "evaluate", "latency",
    "train", "budget", "objective", "final",    "baseline", "require",  "seed"};

}  // namespace

Meaning MeaningOf(const Definition& definition) {
  Meaning meaning;
  meaning.name = definition.name;
  meaning.text = definition.text;
  meaning.doc = definition.doc;
  meaning.location = definition.location;
  meaning.definition = &definition;
  return meaning;
}

Meaning MeaningOf(const Primitive& primitive) {
  return {
      Meaning::Kind::kPrimitive, primitive.name, Signature(primitive), primitive.doc, {}, nullptr};
}

Names::Names(const Workspace& workspace, std::shared_ptr<const SourceFile> source,
             const std::vector<SearchPart>& parts)
    : workspace_(workspace), parts_(parts), index_(MakeIndex(std::move(source))) {
  for (const ast::Import& import : index_.imports) {
    auto imported = workspace.Source(ImportPath(import, index_.source->path()).value_or(""));
    if (imported != nullptr) imports_.push_back(MakeIndex(std::move(imported)));
  }
  const auto add = [this](const Index& index) {
    for (const Definition& definition : index.definitions) {
      by_name_[definition.name].push_back({&definition, &index});
    }
  };
  add(index_);
  for (const Index& import : imports_) add(import);
}

std::vector<Names::Entry> Names::Find(absl::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? std::vector<Entry>() : it->second;
}

std::vector<Meaning> Names::Items(Kind kind) const {
  std::vector<Meaning> items;
  const auto add = [&](const Index& index) {
    for (const Definition& definition : index.definitions) {
      if (definition.kind == kind && definition.item < 0) items.push_back(MeaningOf(definition));
    }
  };
  add(index_);
  for (const Index& import : imports_) add(import);
  return items;
}

std::optional<Meaning> Names::Item(Kind kind, absl::string_view name) const {
  for (const Entry& entry : Find(name)) {
    if (entry.definition->kind == kind && entry.definition->item < 0) {
      return MeaningOf(*entry.definition);
    }
  }
  return std::nullopt;
}

std::optional<Meaning> Names::Setting(absl::string_view name) const {
  constexpr int kMostScales = 20;
  int scales = 0;
  Meaning meaning;
  meaning.kind = Meaning::Kind::kSetting;
  meaning.name = std::string(name);
  for (const auto& [definition, index] : Find(name)) {
    if (definition->kind != Kind::kSetting || ++scales > kMostScales) continue;
    absl::StrAppend(&meaning.text, meaning.text.empty() ? "" : "\n", definition->text,
                    "  // scale ", index->definitions[definition->item].name);
    if (!meaning.location.known()) meaning.location = definition->location;
  }
  for (const ScaleSetting& setting : ScaleSettings()) {
    if (setting.name == name) meaning.doc = std::string(setting.doc);
  }
  if (meaning.text.empty() && meaning.doc.empty()) return std::nullopt;
  if (meaning.text.empty()) meaning.text = meaning.name;
  return meaning;
}

int Names::CalleeOf(int token) const {
  int depth = 0;
  for (int i = token - 1; i >= 0 && i > token - kFarthest; --i) {
    const Token& at = index_.tokens[i];
    if (at.Is("{") || at.Is("}")) return -1;
    if (at.Is(")")) ++depth;
    if (at.Is("(") && depth-- == 0) {
      return i > 0 && index_.tokens[i - 1].kind == Token::Kind::kWord ? i - 1 : -1;
    }
  }
  return -1;
}

std::vector<Meaning> Names::ArgumentsOf(int callee) const {
  std::vector<Meaning> arguments;
  if (callee < 0) return arguments;
  const absl::string_view name = index_.tokens[callee].text;
  bool found = false;
  for (const auto& [definition, index] : Find(name)) {
    if (definition->item >= 0) continue;
    if (definition->kind != Kind::kOperation && definition->kind != Kind::kSet) continue;
    // Its parts follow it.
    const Definition* const end = index->definitions.data() + index->definitions.size();
    for (const Definition* part = definition + 1; part != end && part->item >= 0; ++part) {
      if (part->kind == Kind::kParameter) arguments.push_back(MeaningOf(*part));
    }
    found = true;
    break;
  }
  if (found) {
    // What a call of an operation gives to everything that it calls.
    for (const BuiltIn& name : kBuiltIns) {
      if (name.name != "stride" && name.name != "filters") continue;
      arguments.push_back(MeaningOf(name));
    }
    return arguments;
  }
  if (const Primitive* primitive = FindPrimitive(name);
      primitive != nullptr && IsWritten(*primitive)) {
    for (const AttributeSpec& attribute : primitive->attributes) {
      arguments.push_back({Meaning::Kind::kAttribute,
                           attribute.name,
                           absl::StrCat(attribute.name, DefaultOf(attribute)),
                           absl::StrCat(attribute.doc, " (of `", primitive->name, "`)"),
                           {},
                           nullptr});
    }
  }
  return arguments;
}

std::vector<Meaning> Names::InScope(int token) const {
  std::vector<Meaning> names;
  const Definition* item = index_.ItemOf(token);
  for (const Definition& definition : index_.definitions) {
    if (IsPart(definition) && &index_.definitions[definition.item] == item &&
        definition.kind != Kind::kCandidate) {
      names.push_back(MeaningOf(definition));
    }
  }
  for (const Kind kind : {Kind::kOperation, Kind::kCell, Kind::kSet}) {
    for (Meaning& meaning : Items(kind)) names.push_back(std::move(meaning));
  }
  for (const Primitive& primitive : Primitives()) {
    if (IsWritten(primitive)) names.push_back(MeaningOf(primitive));
  }
  std::set<absl::string_view> settings;
  for (const auto& [name, entries] : by_name_) {
    for (const Entry& entry : entries) {
      if (entry.definition->kind == Kind::kSetting) settings.insert(name);
    }
  }
  for (const ScaleSetting& setting : ScaleSettings()) settings.insert(setting.name);
  for (const absl::string_view setting : settings) names.push_back(*Setting(setting));
  for (const BuiltIn& name : kBuiltIns) {
    names.push_back(MeaningOf(name));
  }
  return names;
}

std::optional<Meaning> Names::Import(int token) const {
  const Token& at = index_.tokens[token];
  for (const ast::Import& import : index_.imports) {
    const Location& location = import.location;
    if (at.line != location.line || at.column < location.column ||
        at.column >= location.column + location.length) {
      continue;
    }
    const auto file = workspace_.Source(ImportPath(import, index_.source->path()).value_or(""));
    if (file == nullptr) return std::nullopt;
    Meaning meaning{Meaning::Kind::kFile, import.target, absl::StrCat("import ", import.target), "",
                    {file, 1, 1, 0},      nullptr};
    for (const Definition& definition : MakeIndex(file).definitions) {
      if (definition.kind != Kind::kSpace && definition.kind != Kind::kLibrary) continue;
      meaning.text = definition.text;
      meaning.doc = definition.doc;
    }
    return meaning;
  }
  return std::nullopt;
}

Names::PartPlace Names::PartAt(int token) const {
  PartPlace place;
  const Definition* item = index_.ItemOf(token);
  if (item == nullptr || item->kind != Kind::kSearch) return place;
  const auto is_word = [](const Token& at) {
    return at.kind == Token::Kind::kWord &&
           std::count(std::begin(kSearchWords), std::end(kSearchWords), at.text) > 0;
  };
  const int heading = item->first_token + 2;  // search NAME {
  int depth = 0;
  for (int i = token - 1; i > heading && i > token - kFarthest; --i) {
    const Token& at = index_.tokens[i];
    if (at.Is("}")) ++depth;
    if (at.Is("{") && depth-- == 0) {
      place.inside = true;
      depth = 0;
    }
    // Not a setting or a name that is such a word.
    if (depth > 0 || !is_word(at) || index_.After(i).Is("=") || index_.Before(i).Is("=") ||
        is_word(index_.Before(i))) {
      continue;
    }
    place.word = at.text;
    if (i + 1 < token && index_.tokens[i + 1].kind == Token::Kind::kWord) place.name = i + 1;
    break;
  }
  return place;
}

std::optional<Meaning> Names::InSearch(int token) const {
  const Token& at = index_.tokens[token];
  const Token& before = index_.Before(token);
  if (before.Is("at")) return Item(Kind::kScale, at.text);
  if (before.Is("space")) return Item(Kind::kSpace, at.text);
  const PartPlace place = PartAt(token);
  const absl::string_view name = place.name < 0 ? "" : index_.tokens[place.name].text;
  for (const SearchPart& part : parts_) {
    if (before.Is(part.word) && at.text == part.name) {
      return Meaning{Meaning::Kind::kSearchPart,
                     part.name,
                     absl::StrCat(part.word, " ", part.name),
                     part.doc,
                     {},
                     nullptr};
    }
    if (!place.inside || part.word != place.word || (!part.name.empty() && part.name != name))
      continue;
    for (const OptionSpec& option : part.options) {
      if (option.name != at.text) continue;
      return Meaning{Meaning::Kind::kAttribute,
                     option.name,
                     absl::StrCat(part.word, " ", part.name, part.name.empty() ? "" : " ", "{ ",
                                  option.name, " }"),
                     option.doc,
                     {},
                     nullptr};
    }
  }
  return std::nullopt;
}

std::optional<Meaning> Names::At(int token) const {
  if (token < 0) return std::nullopt;
  const Token& at = index_.tokens[token];
  if (std::optional<Meaning> import = Import(token)) return import;
  if (at.kind != Token::Kind::kWord) return std::nullopt;
  const Token& before = index_.Before(token);
  const Token& after = index_.After(token);
  const Definition* item = index_.ItemOf(token);
  std::vector<Entry> here = Find(at.text);
  // A header's name may have dots.
  if (item != nullptr) here.push_back({item, &index_});
  for (const auto& [definition, index] : here) {
    const Location& location = definition->location;
    if (index != &index_ || at.line != location.line || at.column < location.column ||
        at.column >= location.column + location.length) {
      continue;
    }
    if (definition->kind == Kind::kSetting) return Setting(definition->name);
    // A candidate without a chain of its own is the operation of its name.
    const bool own = definition->kind != Kind::kCandidate || after.Is("=") ||
                     (after.Is("relaxed") && index_.After(token + 1).Is("=")) || at.Is("none");
    if (own) return MeaningOf(*definition);
    break;
  }
  if (item != nullptr && item->kind == Kind::kSearch) return InSearch(token);
  if (before.Is("like")) return Item(Kind::kCell, at.text);
  if (before.Is("of") && index_.Before(token, 2).Is("one")) return Item(Kind::kSet, at.text);
  if (before.Is("at")) {
    if (auto scale = Item(Kind::kScale, at.text)) return scale;
  }
  if (after.Is("=")) {
    for (Meaning& argument : ArgumentsOf(CalleeOf(token))) {
      if (argument.name == at.text) return std::move(argument);
    }
  }
  return Named(token);
}

std::optional<Meaning> Names::Part(int token, absl::string_view name) const {
  const Definition* item = index_.ItemOf(token);
  for (const auto& [definition, index] : Find(name)) {
    if (index == &index_ && IsPart(*definition) && definition->kind != Kind::kCandidate &&
        &index_.definitions[definition->item] == item) {
      return MeaningOf(*definition);
    }
  }
  return std::nullopt;
}

// The names of InScope, looked up one by one in the same order.
std::optional<Meaning> Names::Named(int token) const {
  const absl::string_view name = index_.tokens[token].text;
  if (auto part = Part(token, name)) return part;
  for (const Kind kind : {Kind::kOperation, Kind::kCell, Kind::kSet}) {
    if (auto found = Item(kind, name)) return found;
  }
  if (const Primitive* primitive = FindPrimitive(name);
      primitive != nullptr && IsWritten(*primitive)) {
    return MeaningOf(*primitive);
  }
  if (auto setting = Setting(name)) return setting;
  for (const BuiltIn& built_in : kBuiltIns) {
    if (built_in.name == name) return MeaningOf(built_in);
  }
  auto node = Part(token, Family(name));
  if (node.has_value() && node->definition->kind == Kind::kNode) return node;
  return std::nullopt;
}

}  // namespace nasc::lsp
