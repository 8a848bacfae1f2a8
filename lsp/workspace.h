#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/check_file.h"
#include "compiler/ir/graph.h"
#include "dsl/diagnostics.h"
#include "dsl/sources.h"
#include "lsp/position.h"

namespace nasc::lsp {

// A text that is open in the editor, and what the last check found in it.
struct Document {
  std::string uri;  // as the editor spells it
  std::string path;
  int64_t version = 0;
  std::shared_ptr<const SourceFile> source;
  Diagnostics diagnostics;
  Sources sources;
};

// The texts of the editor over the files of the disk.
class Workspace {
 public:
  explicit Workspace(SearchCheck check_search) : check_search_(std::move(check_search)) {}

  Document& Open(const std::string& uri, int64_t version, std::string text);
  // A new text for an open document.
  void SetText(Document& document, int64_t version, std::string text);
  void Close(const std::string& uri);

  // nullptr where it is not open.
  Document* Find(const std::string& uri);
  std::map<std::string, Document>& documents() { return documents_; }

  // Checks a document with everything that it imports.
  void Check(Document& document);

  // Whether the last check of the document read this file.
  static bool Reads(const Document& document, const std::string& path);

  // The space of the document, or the only one that it imports, at its first scale; nullptr where
  // it has none or mistakes keep it from being built. Built when first asked for after a check.
  const ir::Graph* Graph(const Document& document);

  // The text of a file: that of the editor, of the standard library, or of the disk; nullptr where
  // there is none.
  std::shared_ptr<const SourceFile> Source(const std::string& path) const;

  // The URI by which an editor opens a file; "" for what it cannot open.
  std::string Uri(const std::string& path) const;

 private:
  absl::StatusOr<std::string> Read(const std::string& path) const;

  SearchCheck check_search_;
  std::map<std::string, Document> documents_;  // by path
  // The last graph that was asked for; graphs may be large.
  std::shared_ptr<const SourceFile> graph_of_;
  std::optional<ir::Graph> graph_;
};

}  // namespace nasc::lsp
