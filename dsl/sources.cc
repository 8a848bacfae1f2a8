#include "dsl/sources.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "dsl/parse.h"
#include "dsl/standard_library.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kCannotRead, "cannot-read", kError);
NASC_DIAGNOSTIC(kImportCycle, "import-cycle", kError);
NASC_DIAGNOSTIC(kNoHeader, "no-header", kError);

template <typename Decl>
std::vector<std::string> Names(const Module& module, std::vector<Decl> ast::File::*list) {
  std::vector<std::string> names;
  for (const Decl& decl : module.file.*list) names.push_back(decl.name.text);
  for (const Module* import : module.imports) {
    for (const Decl& decl : import->file.*list) names.push_back(decl.name.text);
  }
  return names;
}

}  // namespace

template <typename Decl>
Module::Found<Decl> Module::Find(Index<Decl> Module::*index, absl::string_view name) const {
  const auto look = [&](const Module& module) -> Found<Decl> {
    const auto it = (module.*index).find(name);
    if (it == (module.*index).end()) return {};
    return {it->second, &module};
  };
  if (Found<Decl> own = look(*this)) return own;
  for (const Module* import : imports) {
    if (Found<Decl> imported = look(*import)) return imported;
  }
  return {};
}

absl::StatusOr<std::string> ReadSourceFile(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return absl::NotFoundError("is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(std::strerror(errno)));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string LibraryFile(absl::string_view name) {
  return absl::StrCat(absl::StrReplaceAll(name, {{".", "/"}}), ".space");
}

std::vector<std::string> LibraryPath() {
  const char* folders = std::getenv("NASC_PATH");
  if (folders == nullptr) return {};
  return absl::StrSplit(folders, ':', absl::SkipEmpty());
}

std::optional<std::string> ImportPath(const ast::Import& import, const std::string& importer,
                                      const SourceOptions& options) {
  const auto in = [](const std::filesystem::path& folder, const std::string& file) {
    return (folder / file).lexically_normal().string();
  };
  if (import.is_path) return in(std::filesystem::path(importer).parent_path(), import.target);
  const std::string file = LibraryFile(import.target);
  if (StandardLibraryFile(file).ok()) return file;
  for (const std::string& folder : options.search_path) {
    std::error_code error;
    if (std::filesystem::exists(in(folder, file), error)) return in(folder, file);
  }
  return std::nullopt;
}

Module::Found<ast::OpDecl> Module::FindOp(absl::string_view name) const {
  return Find(&Module::op_index_, name);
}

Module::Found<ast::OpsDecl> Module::FindOps(absl::string_view name) const {
  return Find(&Module::ops_index_, name);
}

Module::Found<ast::CellDecl> Module::FindCell(absl::string_view name) const {
  return Find(&Module::cell_index_, name);
}

// Of two definitions of a name, which the checker reports, the first counts.
void Module::BuildIndex() {
  for (const ast::OpDecl& op : file.operations) op_index_.emplace(op.name.text, &op);
  for (const ast::OpsDecl& ops : file.ops) ops_index_.emplace(ops.name.text, &ops);
  for (const ast::CellDecl& cell : file.cells) cell_index_.emplace(cell.name.text, &cell);
}

std::vector<std::string> Module::OpNames() const { return Names(*this, &ast::File::operations); }
std::vector<std::string> Module::OpsNames() const { return Names(*this, &ast::File::ops); }
std::vector<std::string> Module::CellNames() const { return Names(*this, &ast::File::cells); }

const Module* Module::FindSpace(absl::string_view name) const {
  const auto is_it = [name](const Module& module) {
    return module.file.header.has_value() && !module.file.header->library &&
           module.file.header->name.text == name;
  };
  if (is_it(*this)) return this;
  for (const Module* import : imports) {
    if (is_it(*import)) return import;
  }
  return nullptr;
}

std::vector<std::string> Module::SpaceNames() const {
  std::vector<std::string> names;
  const auto add = [&names](const Module& module) {
    if (module.file.header.has_value() && !module.file.header->library) {
      names.push_back(module.file.header->name.text);
    }
  };
  add(*this);
  for (const Module* import : imports) add(*import);
  return names;
}

class SourceLoader {
 public:
  SourceLoader(Diagnostics& diagnostics, const SourceOptions& options)
      : diagnostics_(diagnostics), options_(options) {}

  Sources LoadRoot(std::string path, absl::StatusOr<std::string> text) {
    if (text.ok()) {
      sources_.root_ = Add(std::move(path), *std::move(text));
    } else {
      diagnostics_.Report(kCannotRead, Location{},
                          absl::StrCat("cannot read ", path, ": ", text.status().message()));
    }
    return std::move(sources_);
  }

 private:
  const Module* Add(std::string path, std::string text) {
    auto source = std::make_shared<const SourceFile>(path, std::move(text));
    auto module = std::make_unique<Module>();
    module->file = ParseSpace(std::move(source), diagnostics_);
    module->BuildIndex();
    open_.push_back(path);
    absl::flat_hash_set<const Module*> seen;
    for (const ast::Import& import : module->file.imports) {
      const Module* imported = Load(import, path);
      if (imported != nullptr && seen.insert(imported).second) module->imports.push_back(imported);
    }
    open_.pop_back();
    loaded_[path] = module.get();
    sources_.modules_.push_back(std::move(module));
    return sources_.modules_.back().get();
  }

  void ReportNoLibrary(const ast::Import& import) {
    const std::vector<std::string> libraries = StandardLibraryNames();
    const std::string searched = options_.search_path.empty()
                                     ? "; folders of your own go into --path or NASC_PATH"
                                     : absl::StrCat("; the folders searched are ",
                                                    absl::StrJoin(options_.search_path, ", "));
    diagnostics_
        .Report(kCannotRead, import.location,
                absl::StrCat("cannot import ", import.target,
                             ": there is no such library; the standard library has ",
                             absl::StrJoin(libraries, ", "), searched))
        .fix = DidYouMean(import.target, libraries);
  }

  const Module* Load(const ast::Import& import, const std::string& importer) {
    const std::optional<std::string> located = ImportPath(import, importer, options_);
    if (!located.has_value()) {
      ReportNoLibrary(import);
      return nullptr;
    }
    const std::string& path = *located;
    if (const auto it = loaded_.find(path); it != loaded_.end()) return it->second;
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      diagnostics_.Report(
          kImportCycle, import.location,
          absl::StrCat("an import cycle: ", absl::StrJoin(open_, " -> "), " -> ", path));
      return nullptr;
    }
    absl::StatusOr<std::string> text = absl::NotFoundError("");
    if (!import.is_path) text = StandardLibraryFile(path);
    if (!text.ok()) text = options_.read(path);
    if (!text.ok()) {
      diagnostics_.Report(kCannotRead, import.location,
                          absl::StrCat("cannot import ", path, ": ", text.status().message()));
      return nullptr;
    }
    const Module* module = Add(path, *std::move(text));
    if (!module->file.header.has_value() && !diagnostics_.has_errors()) {
      diagnostics_.Report(kNoHeader, import.location,
                          absl::StrCat(path,
                                       " says neither `space` nor `library`: only those can "
                                       "be imported"));
    }
    return module;
  }

  Diagnostics& diagnostics_;
  const SourceOptions& options_;
  Sources sources_;
  std::map<std::string, const Module*> loaded_;
  std::vector<std::string> open_;
};

Sources LoadSources(const std::string& path, Diagnostics& diagnostics,
                    const SourceOptions& options) {
  return SourceLoader(diagnostics, options).LoadRoot(path, options.read(path));
}

Sources LoadSourcesFromText(std::string path, std::string text, Diagnostics& diagnostics,
                            const SourceOptions& options) {
  return SourceLoader(diagnostics, options).LoadRoot(std::move(path), std::move(text));
}

}  // namespace nasc
