#include "lsp/workspace.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "compiler/lower.h"
#include "dsl/check.h"
#include "dsl/parse.h"
#include "dsl/standard_library.h"
#include "lsp/uri.h"

namespace nasc::lsp {

Document& Workspace::Open(const std::string& uri, int64_t version, std::string text) {
  const std::string path = PathOf(uri);
  Document& document = documents_[path];
  document.uri = uri;
  document.path = path;
  SetText(document, version, std::move(text));
  return document;
}

void Workspace::SetText(Document& document, int64_t version, std::string text) {
  document.version = version;
  document.source = std::make_shared<const SourceFile>(document.path, std::move(text));
}

void Workspace::Close(const std::string& uri) { documents_.erase(PathOf(uri)); }

Document* Workspace::Find(const std::string& uri) {
  const auto it = documents_.find(PathOf(uri));
  return it == documents_.end() ? nullptr : &it->second;
}

absl::StatusOr<std::string> Workspace::Read(const std::string& path) const {
  if (const auto it = documents_.find(path); it != documents_.end()) {
    return it->second.source->text();
  }
  // Reading a device or a pipe that a text names might never end.
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError("is no file");
  }
  return ReadSourceFile(path);
}

void Workspace::Check(Document& document) {
  graph_of_ = nullptr;
  graph_.reset();
  document.diagnostics = Diagnostics();
  document.sources = Sources();
  if (absl::EndsWith(document.path, ".arch")) {
    ParseArchitecture(document.source, document.diagnostics);
    return;
  }
  SourceOptions options;
  options.read = [this](const std::string& path) { return Read(path); };
  document.sources = LoadSources(document.path, document.diagnostics, options);
  CheckFile(document.sources, check_search_, document.diagnostics);
}

bool Workspace::Reads(const Document& document, const std::string& path) {
  const auto& modules = document.sources.modules();
  return std::any_of(modules.begin(), modules.end(),
                     [&path](const auto& module) { return module->file.source->path() == path; });
}

const ir::Graph* Workspace::Graph(const Document& document) {
  if (document.diagnostics.has_errors() || document.sources.modules().empty()) return nullptr;
  if (graph_of_ != document.source) {
    graph_of_ = document.source;
    graph_.reset();
    const Module& root = document.sources.root();
    std::optional<Space> space = SpaceOf(root);
    if (const auto names = root.SpaceNames(); !space.has_value() && names.size() == 1) {
      space = SpaceOf(*root.FindSpace(names.front()));
    }
    if (space.has_value()) {
      Diagnostics ignored;  // the check has reported them
      const std::string scale = space->scales.empty() ? "" : space->scales.front()->name.text;
      graph_ = LowerSpace(*space, {scale, std::nullopt}, ignored);
    }
  }
  return graph_.has_value() ? &*graph_ : nullptr;
}

std::shared_ptr<const SourceFile> Workspace::Source(const std::string& path) const {
  if (const auto it = documents_.find(path); it != documents_.end()) return it->second.source;
  absl::StatusOr<std::string> text = StandardLibraryFile(path);
  if (!text.ok()) text = Read(path);
  return text.ok() ? std::make_shared<const SourceFile>(path, *std::move(text)) : nullptr;
}

std::string Workspace::Uri(const std::string& path) const {
  if (const auto it = documents_.find(path); it != documents_.end()) return it->second.uri;
  if (!StandardLibraryFile(path).ok()) return UriOf(path);
  const absl::StatusOr<std::string> copy = LibraryCopy(path);
  return copy.ok() ? UriOf(*copy) : "";
}

}  // namespace nasc::lsp
