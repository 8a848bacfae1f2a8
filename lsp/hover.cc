#include "absl/strings/str_cat.h"
#include "lsp/features.h"
#include "lsp/figures.h"

namespace nasc::lsp {
namespace {

using Kind = Definition::Kind;

void Paragraph(std::string& text, absl::string_view paragraph) {
  if (paragraph.empty()) return;
  absl::StrAppend(&text, text.empty() ? "" : "\n\n", paragraph);
}

// The figures of what is defined; those of a candidate say more than those of its first step.
std::string Figures(const ir::Graph& graph, const Names& names, int token, const Meaning& meaning) {
  const Definition& definition = *meaning.definition;
  switch (definition.kind) {
    case Kind::kSpace:
      return definition.name == graph.space ? Counts(graph, "") : "";
    case Kind::kCell:
      return Counts(graph, definition.name);
    case Kind::kCandidate: {
      const Definition* set = names.index().ItemOf(token);
      return set == nullptr ? "" : ShapesOfCandidate(graph, set->name, definition.name);
    }
    default:
      return "";
  }
}

}  // namespace

std::string Hover(Workspace& workspace, const Document& document, const Names& names,
                  const Location& place) {
  const int token = TokenAt(names.index().tokens, place);
  if (token < 0) return "";
  const std::optional<Meaning> meaning = names.At(token);
  std::string text;
  if (meaning.has_value()) {
    Paragraph(text, absl::StrCat("```nasc\n", meaning->text, "\n```"));
    Paragraph(text, meaning->doc);
    const Location& location = meaning->location;
    if (location.known() && location.file->path() != document.path) {
      Paragraph(text, absl::StrCat("Defined in ", location.file->path(), ", line ", location.line));
    }
  }
  const ir::Graph* graph = workspace.Graph(document);
  if (graph == nullptr) return text;
  std::string figures;
  if (meaning.has_value() && meaning->definition != nullptr) {
    figures = Figures(*graph, names, token, *meaning);
  }
  if (figures.empty()) {
    figures = ShapesAt(*graph, LocationOf(names.index().tokens[token], document.source));
  }
  Paragraph(text, figures);
  return text;
}

std::vector<Location> References(const Names& names, const Meaning& meaning) {
  const auto same = [&meaning](const Meaning& other) {
    if (!meaning.location.known()) return other.kind == meaning.kind && other.text == meaning.text;
    return other.location.known() && ToString(other.location) == ToString(meaning.location);
  };
  std::vector<Location> references;
  const std::vector<Token>& tokens = names.index().tokens;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].text != meaning.name) continue;
    const std::optional<Meaning> other = names.At(static_cast<int>(i));
    if (other.has_value() && same(*other)) {
      references.push_back(LocationOf(tokens[i], names.index().source));
    }
  }
  return references;
}

}  // namespace nasc::lsp
