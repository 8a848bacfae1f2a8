#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "compiler/primitives.h"
#include "dsl/options.h"
#include "lsp/index.h"
#include "lsp/workspace.h"

namespace nasc::lsp {

// A name that a part of a search may take, and the settings of that part:
// `strategy darts { order = 1 }`. What there is lies in tables above the compiler.
struct SearchPart {
  std::string word;  // "strategy"
  std::string name;  // "darts"; "" where the part has none (`final { ... }`)
  std::string doc;
  std::vector<OptionSpec> options;
};

// What a name means.
struct Meaning {
  enum class Kind { kDefinition, kPrimitive, kSetting, kAttribute, kBuiltIn, kFile, kSearchPart };
  Kind kind = Kind::kDefinition;
  std::string name;
  std::string text;  // as code
  std::string doc;
  Location location;  // of the definition; not known for what the compiler defines
  const Definition* definition = nullptr;  // kDefinition
};

// The names of a file, with those of the files that it imports.
class Names {
 public:
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;
  Names(const Workspace& workspace, std::shared_ptr<const SourceFile> source,
        const std::vector<SearchPart>& parts);

  const Index& index() const { return index_; }
  const std::vector<SearchPart>& parts() const { return parts_; }

  // What the token means; nothing where it is no name or its definition is not found.
  std::optional<Meaning> At(int token) const;

  // What may stand where a token stands: parts of the item around it, items of this file and of its
  // imports, primitives, settings, names that the compiler gives a meaning.
  std::vector<Meaning> InScope(int token) const;

  // Items of one kind, of this file and of its imports.
  std::vector<Meaning> Items(Definition::Kind kind) const;

  // The token of the callee in whose brackets the token stands, -1 where it stands in none.
  int CalleeOf(int token) const;

  // What the callee's brackets take: attributes of a primitive, parameters of an operation.
  std::vector<Meaning> ArgumentsOf(int callee) const;

  // The part of a search in which the token stands: its word, the token of its name or -1, and
  // whether the token is inside its braces.
  struct PartPlace {
    absl::string_view word;
    int name = -1;
    bool inside = false;
  };
  PartPlace PartAt(int token) const;

 private:
  std::optional<Meaning> InSearch(int token) const;
  std::optional<Meaning> Import(int token) const;
  std::optional<Meaning> Item(Definition::Kind kind, absl::string_view name) const;
  std::optional<Meaning> Setting(absl::string_view name) const;
  std::optional<Meaning> Part(int token, absl::string_view name) const;
  std::optional<Meaning> Named(int token) const;

  // A definition and the index in which it is.
  struct Entry {
    const Definition* definition;
    const Index* index;
  };
  std::vector<Entry> Find(absl::string_view name) const;

  const Workspace& workspace_;
  const std::vector<SearchPart>& parts_;
  Index index_;
  std::vector<Index> imports_;
  std::map<absl::string_view, std::vector<Entry>> by_name_;  // own definitions before imported ones
};

Meaning MeaningOf(const Definition& definition);
Meaning MeaningOf(const Primitive& primitive);

}  // namespace nasc::lsp
