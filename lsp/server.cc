#include "lsp/server.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "dsl/format.h"
#include "lsp/features.h"
#include "lsp/position.h"
#include "lsp/rpc.h"

namespace nasc::lsp {
namespace {

constexpr size_t kMostDiagnostics = 1000;

// --- values of the protocol ---

int64_t Whole(const Json& value) {
  if (!value.is_number_integer()) throw std::invalid_argument("a whole number is needed");
  return value.get<int64_t>();
}

Position ReadPosition(const Json& value) {
  const auto bounded = [](int64_t number) {
    constexpr int64_t kMost = std::numeric_limits<int>::max() / 2;
    return static_cast<int>(std::clamp<int64_t>(number, 0, kMost));
  };
  return {bounded(Whole(value.at("line"))), bounded(Whole(value.at("character")))};
}

Range ReadRange(const Json& value) {
  return {ReadPosition(value.at("start")), ReadPosition(value.at("end"))};
}

Json Write(const Position& position) {
  return {{"line", position.line}, {"character", position.character}};
}

Json Write(const Range& range) {
  return {{"start", Write(range.start)}, {"end", Write(range.end)}};
}

Json Markdown(const std::string& text) { return {{"kind", "markdown"}, {"value", text}}; }

int SymbolKindOf(Definition::Kind kind) {
  using Kind = Definition::Kind;
  switch (kind) {
    case Kind::kSpace:
    case Kind::kLibrary:
      return 2;  // module
    case Kind::kOperation:
      return 12;  // function
    case Kind::kSet:
      return 10;  // enumeration
    case Kind::kCell:
      return 5;  // class
    case Kind::kNetwork:
      return 23;  // structure
    case Kind::kScale:
      return 19;  // object
    case Kind::kSearch:
      return 24;  // event
    case Kind::kNode:
      return 8;  // field
    case Kind::kCandidate:
      return 22;  // member of an enumeration
    case Kind::kSetting:
      return 7;  // property
    case Kind::kParameter:
    case Kind::kValue:
    case Kind::kChoice:
      return 13;  // variable
  }
  return 13;
}

int CompletionKindOf(Completion::Kind kind) {
  switch (kind) {
    case Completion::Kind::kOperation:
      return 3;  // function
    case Completion::Kind::kSet:
      return 13;  // enumeration
    case Completion::Kind::kCell:
      return 7;  // class
    case Completion::Kind::kScale:
    case Completion::Kind::kPart:
      return 9;  // module
    case Completion::Kind::kValue:
      return 6;  // variable
    case Completion::Kind::kArgument:
    case Completion::Kind::kSetting:
      return 10;  // property
    case Completion::Kind::kKeyword:
      return 14;
    case Completion::Kind::kFile:
      return 17;
  }
  return 1;
}

// --- the server ---

class Server {
 public:
  Server(std::istream& in, std::ostream& out, SearchLanguage searches)
      : rpc_(in, out), parts_(std::move(searches.parts)), workspace_(std::move(searches.check)) {
    const auto request = [this](const char* method, Json (Server::*handler)(const Json&)) {
      rpc_.OnRequest(method,
                     [this, handler](const Json& params) { return (this->*handler)(params); });
    };
    const auto notification = [this](const char* method, void (Server::*handler)(const Json&)) {
      rpc_.OnNotification(method,
                          [this, handler](const Json& params) { (this->*handler)(params); });
    };
    request("initialize", &Server::Initialize);
    request("textDocument/hover", &Server::HoverAt);
    request("textDocument/definition", &Server::DefinitionAt);
    request("textDocument/references", &Server::ReferencesAt);
    request("textDocument/completion", &Server::CompletionAt);
    request("textDocument/codeAction", &Server::CodeActions);
    request("textDocument/documentSymbol", &Server::Symbols);
    request("textDocument/formatting", &Server::Formatting);
    notification("textDocument/didOpen", &Server::DidOpen);
    notification("textDocument/didChange", &Server::DidChange);
    notification("textDocument/didSave", &Server::CheckAll);
    notification("textDocument/didClose", &Server::DidClose);
    notification("workspace/didChangeWatchedFiles", &Server::CheckAll);
  }

  absl::Status Serve() { return rpc_.Serve(); }

 private:
  Json Initialize(const Json&) {
    return {{"serverInfo", {{"name", "nasc"}}},
            {"capabilities",
             {{"positionEncoding", "utf-16"},
              {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", true}}},
              {"hoverProvider", true},
              {"definitionProvider", true},
              {"referencesProvider", true},
              {"documentSymbolProvider", true},
              {"documentFormattingProvider", true},
              {"completionProvider", {{"triggerCharacters", {"(", "."}}}},
              {"codeActionProvider", {{"codeActionKinds", {"quickfix"}}}}}}};
  }

  // --- texts ---

  void DidOpen(const Json& params) {
    const Json& text = params.at("textDocument");
    Document& document =
        workspace_.Open(text.at("uri").get<std::string>(), Whole(text.at("version")),
                        text.at("text").get<std::string>());
    CheckReaders(document.path);
  }

  void DidChange(const Json& params) {
    const Json& identifier = params.at("textDocument");
    Document* document = workspace_.Find(identifier.at("uri").get<std::string>());
    if (document == nullptr) return;
    std::string text = document->source->text();
    for (const Json& change : params.at("contentChanges")) {
      std::string piece = change.at("text").get<std::string>();
      if (!change.contains("range")) {
        text = std::move(piece);
        continue;
      }
      const Range range = ReadRange(change.at("range"));
      const size_t begin = OffsetOf(text, range.start);
      const size_t end = std::max(begin, OffsetOf(text, range.end));
      text.replace(begin, end - begin, piece);
    }
    workspace_.SetText(*document, Whole(identifier.at("version")), std::move(text));
    CheckReaders(document->path);
  }

  void DidClose(const Json& params) {
    const std::string uri = params.at("textDocument").at("uri").get<std::string>();
    const Document* document = workspace_.Find(uri);
    if (document == nullptr) return;
    const std::string path = document->path;
    workspace_.Close(uri);
    rpc_.Notify("textDocument/publishDiagnostics", {{"uri", uri}, {"diagnostics", Json::array()}});
    CheckReaders(path);
  }

  void CheckAll(const Json&) {
    for (auto& [path, document] : workspace_.documents()) CheckAndPublish(document);
  }

  // Checks the document of that path and those that import it.
  void CheckReaders(const std::string& path) {
    for (auto& [other, document] : workspace_.documents()) {
      if (other == path || Workspace::Reads(document, path)) CheckAndPublish(document);
    }
  }

  void CheckAndPublish(Document& document) {
    workspace_.Check(document);
    Json diagnostics = Json::array();
    for (const Diagnostic& diagnostic : document.diagnostics.Sorted()) {
      if (diagnostics.size() == kMostDiagnostics) break;
      diagnostics.push_back(Write(diagnostic, document));
    }
    rpc_.Notify("textDocument/publishDiagnostics", {{"uri", document.uri},
                                                    {"version", document.version},
                                                    {"diagnostics", std::move(diagnostics)}});
  }

  static bool IsIn(const Location& location, const Document& document) {
    return location.known() && location.file->path() == document.path;
  }

  // What is wrong with an imported file is shown at the first import, with its place beside it.
  Json Write(const Diagnostic& diagnostic, const Document& document) const {
    std::string message = diagnostic.message;
    Json related = Json::array();
    Location place = diagnostic.location;
    if (place.known() && !IsIn(place, document)) {
      message = absl::StrCat(ToString(place), ": ", message);
      related.push_back(Related({place, diagnostic.message}));
      const Index index = MakeIndex(document.source);
      place = index.imports.empty() ? Location{} : index.imports.front().location;
    }
    for (const Note& note : diagnostic.notes) {
      if (Json written = Related(note); !written.is_null()) {
        related.push_back(std::move(written));
      } else {
        absl::StrAppend(&message, "\n", note.message);
      }
    }
    if (!diagnostic.fix.empty()) absl::StrAppend(&message, "\n", diagnostic.fix);
    return {{"range", lsp::Write(RangeOf(place))},
            {"severity", diagnostic.kind->severity == Severity::kError ? 1 : 2},
            {"code", std::string(diagnostic.kind->code)},
            {"source", "nasc"},
            {"message", std::move(message)},
            {"relatedInformation", std::move(related)}};
  }

  Json Related(const Note& note) const {
    if (!note.location.known()) return nullptr;
    Json place = Place(note.location);
    if (place.is_null()) return nullptr;
    return {{"location", std::move(place)}, {"message", note.message}};
  }

  Json Place(const Location& location) const {
    const std::string uri = workspace_.Uri(location.file->path());
    if (uri.empty()) return nullptr;
    return {{"uri", uri}, {"range", lsp::Write(RangeOf(location))}};
  }

  // --- questions ---

  // The open space of a request; an architecture has no names that this file defines.
  Document* SpaceOf(const Json& params) {
    Document* document = workspace_.Find(params.at("textDocument").at("uri").get<std::string>());
    return document == nullptr || absl::EndsWith(document->path, ".arch") ? nullptr : document;
  }

  static Location PlaceIn(const Document& document, const Json& params) {
    return PlaceOf(document.source, ReadPosition(params.at("position")));
  }

  std::optional<Meaning> MeaningAt(const Document& document, const Names& names,
                                   const Json& params) const {
    return names.At(TokenAt(names.index().tokens, PlaceIn(document, params)));
  }

  Json HoverAt(const Json& params) {
    const Document* document = SpaceOf(params);
    if (document == nullptr) return nullptr;
    const Names names(workspace_, document->source, parts_);
    const std::string text = Hover(workspace_, *document, names, PlaceIn(*document, params));
    return text.empty() ? Json() : Json{{"contents", Markdown(text)}};
  }

  Json DefinitionAt(const Json& params) {
    const Document* document = SpaceOf(params);
    if (document == nullptr) return nullptr;
    const Names names(workspace_, document->source, parts_);
    const std::optional<Meaning> meaning = MeaningAt(*document, names, params);
    return meaning.has_value() && meaning->location.known() ? Place(meaning->location) : Json();
  }

  // In all open texts.
  Json ReferencesAt(const Json& params) {
    const Document* document = SpaceOf(params);
    if (document == nullptr) return nullptr;
    const Names names(workspace_, document->source, parts_);
    const std::optional<Meaning> meaning = MeaningAt(*document, names, params);
    if (!meaning.has_value()) return nullptr;
    const Json context = params.value("context", Json::object());
    const bool with_definition = context.value("includeDeclaration", true);
    Json places = Json::array();
    for (const auto& [path, other] : workspace_.documents()) {
      for (const Location& location :
           References(Names(workspace_, other.source, parts_), *meaning)) {
        const bool definition = ToString(location) == ToString(meaning->location);
        if (with_definition || !definition) places.push_back(Place(location));
      }
    }
    return places;
  }

  Json CompletionAt(const Json& params) {
    const Document* document = SpaceOf(params);
    if (document == nullptr) return nullptr;
    const Names names(workspace_, document->source, parts_);
    const Completions completions = Complete(names, PlaceIn(*document, params));
    Json items = Json::array();
    for (const Completion& completion : completions.items) {
      Json item = {{"label", completion.label},
                   {"kind", CompletionKindOf(completion.kind)},
                   {"textEdit", Edit(completions.replaced, completion.insert)}};
      if (!completion.detail.empty()) item["detail"] = completion.detail;
      if (!completion.doc.empty()) item["documentation"] = Markdown(completion.doc);
      items.push_back(std::move(item));
    }
    return items;
  }

  static Json Edit(const Location& location, const std::string& text) {
    return {{"range", lsp::Write(RangeOf(location))}, {"newText", text}};
  }

  Json CodeActions(const Json& params) {
    const Document* document = SpaceOf(params);
    if (document == nullptr) return nullptr;
    const Range asked = ReadRange(params.at("range"));
    Json actions = Json::array();
    for (const Diagnostic& diagnostic : document->diagnostics.Sorted()) {
      if (!IsIn(diagnostic.location, *document)) continue;
      const Range range = RangeOf(diagnostic.location);
      if (range.end < asked.start || asked.end < range.start) continue;
      const std::optional<Replacement> fix = FixOf(diagnostic);
      if (!fix.has_value()) continue;
      actions.push_back(
          {{"title", absl::StrCat("Replace '", TextOf(fix->location), "' with '", fix->text, "'")},
           {"kind", "quickfix"},
           {"isPreferred", true},
           {"diagnostics", Json::array({Write(diagnostic, *document)})},
           {"edit",
            {{"changes", {{document->uri, Json::array({Edit(fix->location, fix->text)})}}}}}});
    }
    return actions;
  }

  // The one layout, as an edit of the whole text; the editor's own settings do not count. Nothing
  // where the text does not parse, which its diagnostics say.
  Json Formatting(const Json& params) {
    const Document* document = SpaceOf(params);
    if (document == nullptr) return nullptr;
    Diagnostics ignored;
    const std::optional<std::string> text = FormatSpace(document->source, ignored);
    if (!text.has_value()) return nullptr;
    if (*text == document->source->text()) return Json::array();
    constexpr int kEnd = std::numeric_limits<int>::max() / 2;
    const Range whole = {{0, 0}, {kEnd, 0}};
    return Json::array({{{"range", lsp::Write(whole)}, {"newText", *text}}});
  }

  Json Symbols(const Json& params) {
    const Document* document = SpaceOf(params);
    if (document == nullptr) return nullptr;
    const Index index = MakeIndex(document->source);
    Json symbols = Json::array();
    for (const Definition& definition : index.definitions) {
      const Range name = RangeOf(definition.location);
      Json symbol = {{"name", definition.name},
                     {"detail", definition.text},
                     {"kind", SymbolKindOf(definition.kind)},
                     {"range", lsp::Write(name)},
                     {"selectionRange", lsp::Write(name)}};
      if (definition.item >= 0) {
        symbols.back()["children"].push_back(std::move(symbol));  // parts follow their item
        continue;
      }
      const Location first = LocationOf(index.tokens[definition.first_token], document->source);
      const Location last = LocationOf(index.LastOf(definition), document->source);
      symbol["range"] = lsp::Write(Range{RangeOf(first).start, RangeOf(last).end});
      symbol["children"] = Json::array();
      symbols.push_back(std::move(symbol));
    }
    return symbols;
  }

  Rpc rpc_;
  std::vector<SearchPart> parts_;
  Workspace workspace_;
};

}  // namespace

absl::Status Serve(std::istream& in, std::ostream& out, SearchLanguage searches) {
  return Server(in, out, std::move(searches)).Serve();
}

}  // namespace nasc::lsp
