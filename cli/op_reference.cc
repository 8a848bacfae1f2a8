#include "cli/op_reference.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "compiler/primitives.h"
#include "dsl/ast_printer.h"
#include "dsl/parse.h"
#include "dsl/standard_library.h"
#include "glog/logging.h"

namespace nasc {
namespace {

using Default = AttributeSpec::Default;

constexpr char kPrimitives[] = "primitives";

OpEntry Entry(std::string name, std::string origin, std::string signature, absl::string_view doc,
              absl::string_view details) {
  OpEntry entry{std::move(name), std::move(origin), std::move(signature), "", ""};
  entry.summary = std::string(doc.substr(0, doc.find('\n')));
  entry.text = absl::StrCat("### ", entry.name, "\n\n`", entry.signature, "`\n\n", doc,
                            doc.empty() ? "" : "\n\n", details);
  return entry;
}

// --- primitives ---

// How a default is written in a signature, and what it is in words; both "" for what must be given.
std::pair<std::string, std::string> DefaultOf(const AttributeSpec& attribute) {
  const std::string number = absl::StrCat(attribute.number);
  switch (attribute.fallback) {
    case Default::kRequired:
      return {"", ""};
    case Default::kNumber:
      return {number, number};
    case Default::kKernel:
      return {"...", "the value of `kernel`"};
    case Default::kSame:
      return {"...", "what keeps the size before the stride"};
    case Default::kSameWidth:
      return {"...", "`padding` for a square window, else what keeps the width before the stride"};
    case Default::kStep:
      return {"...", "the `stride` in scope"};
    case Default::kWidth:
      return {"...", "the `filters` in scope"};
    case Default::kSetting:
      return {"...", absl::StrCat("the scale's `", attribute.name, "`, else ", number)};
  }
  return {"", ""};
}

OpEntry PrimitiveEntry(const Primitive& primitive) {
  std::vector<std::string> arguments;
  std::string details;
  for (const AttributeSpec& attribute : primitive.attributes) {
    const auto [written, words] = DefaultOf(attribute);
    arguments.push_back(absl::StrCat(attribute.name, written.empty() ? "" : " = ", written));
    absl::StrAppend(&details, "- `", attribute.name, "`: ", attribute.doc,
                    words.empty() ? "" : absl::StrCat(" (default: ", words, ")"), "\n");
  }
  if (primitive.form == Primitive::Form::kCombiner) arguments.emplace_back("chain, ...");
  if (!details.empty()) details += "\n";
  absl::StrAppend(&details, "Gives ", ShapeInWords(primitive), ".\n");
  if (const absl::string_view weights = WeightsInWords(primitive); !weights.empty()) {
    absl::StrAppend(&details, "\nWeights: ", weights, ".\n");
  }
  if (const absl::string_view algebra = AlgebraInWords(primitive); !algebra.empty()) {
    absl::StrAppend(&details, "\nAlgebra: ", algebra, ".\n");
  }
  std::string signature = primitive.name;
  if (!arguments.empty()) absl::StrAppend(&signature, "(", absl::StrJoin(arguments, ", "), ")");
  return Entry(primitive.name, kPrimitives, std::move(signature), primitive.doc, details);
}

// --- the standard library ---

// The text of a definition that begins at a line: up to the next line that begins in the first
// column with anything but the bracket that ends it.
std::string DefinitionAt(const SourceFile& source, int line) {
  const std::vector<absl::string_view> lines = absl::StrSplit(source.text(), '\n');
  std::vector<absl::string_view> taken;
  for (size_t i = line - 1; i < lines.size(); ++i) {
    const bool first_column = !lines[i].empty() && !absl::ascii_isspace(lines[i][0]);
    if (!taken.empty() && first_column && lines[i][0] != '}' && lines[i][0] != ')') break;
    taken.push_back(lines[i]);
  }
  while (absl::StripAsciiWhitespace(taken.back()).empty()) taken.pop_back();
  return absl::StrJoin(taken, "\n");
}

std::string SignatureOf(const ast::OpDecl& op) {
  const std::string parameters =
      absl::StrJoin(op.params, ", ", [](std::string* out, const ast::Param& param) {
        absl::StrAppend(out, param.name.text);
        if (param.default_value) absl::StrAppend(out, " = ", PrintExpr(*param.default_value));
      });
  return parameters.empty() ? op.name.text : absl::StrCat(op.name.text, "(", parameters, ")");
}

ast::File ReadLibrary(const std::string& name) {
  const std::string path = absl::StrCat(absl::StrReplaceAll(name, {{".", "/"}}), ".space");
  absl::StatusOr<std::string> text = StandardLibraryFile(path);
  CHECK(text.ok()) << text.status();
  Diagnostics diagnostics;
  ast::File file =
      ParseSpace(std::make_shared<const SourceFile>(path, *std::move(text)), diagnostics);
  CHECK(!diagnostics.has_errors()) << diagnostics.Render();
  return file;
}

// --- the page ---

std::string Section(absl::string_view origin) {
  std::string text;
  for (const OpEntry& entry : AllOps()) {
    if (entry.origin == origin) absl::StrAppend(&text, "\n", entry.text);
  }
  return text;
}

}  // namespace

const std::vector<OpEntry>& AllOps() {
  static const auto* const all = [] {
    auto* entries = new std::vector<OpEntry>;
    for (const Primitive& primitive : Primitives()) {
      if (LanguageVocabulary().Find(primitive.name) == nullptr) continue;
      entries->push_back(PrimitiveEntry(primitive));
    }
    for (const std::string& library : StandardLibraryNames()) {
      const ast::File file = ReadLibrary(library);
      for (const ast::OpDecl& op : file.operations) {
        const std::string definition = DefinitionAt(*file.source, op.name.location.line);
        entries->push_back(Entry(op.name.text, library, SignatureOf(op), op.doc,
                                 absl::StrCat("```space fragment: a definition of ", library, "\n",
                                              definition, "\n```\n")));
      }
    }
    return entries;
  }();
  return *all;
}

std::string OpsPage() {
  std::string page = absl::StrCat(
      "# Operations\n\n"
      "<!-- `bazel run //docs:update` writes this page from the definitions: change those. -->\n\n"
      "What a chain can call, as `nasc ops` prints it. Arguments are given in this order or by "
      "name; "
      "`...` is a default\nthat depends on the place of the call.\n\n## Primitives\n",
      Section(kPrimitives));
  for (const std::string& library : StandardLibraryNames()) {
    const ast::File file = ReadLibrary(library);
    const std::string doc = file.header.has_value() ? file.header->doc : "";
    absl::StrAppend(&page, "\n## ", library, "\n", doc.empty() ? "" : "\n", doc,
                    doc.empty() ? "" : "\n", Section(library));
  }
  return page;
}

}  // namespace nasc
