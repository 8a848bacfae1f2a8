#include "dsl/sources.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "dsl/parse.h"
#include "dsl/standard_library.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kCannotRead, "cannot-read", kError);
NASC_DIAGNOSTIC(kImportCycle, "import-cycle", kError);
NASC_DIAGNOSTIC(kNoHeader, "no-header", kError);

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return absl::NotFoundError("is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat(std::strerror(errno)));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <typename Decl>
Module::Found<Decl> Find(const Module& module, std::vector<Decl> ast::File::*list,
                         absl::string_view name) {
  for (const Decl& decl : module.file.*list) {
    if (decl.name.text == name) return {&decl, &module};
  }
  for (const Module* import : module.imports) {
    for (const Decl& decl : import->file.*list) {
      if (decl.name.text == name) return {&decl, import};
    }
  }
  return {};
}

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

Module::Found<ast::OpDecl> Module::FindOp(absl::string_view name) const {
  return Find(*this, &ast::File::operations, name);
}

Module::Found<ast::OpsDecl> Module::FindOps(absl::string_view name) const {
  return Find(*this, &ast::File::ops, name);
}

Module::Found<ast::CellDecl> Module::FindCell(absl::string_view name) const {
  return Find(*this, &ast::File::cells, name);
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
  explicit SourceLoader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

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
    open_.push_back(path);
    for (const ast::Import& import : module->file.imports) {
      if (const Module* imported = Load(import, path); imported != nullptr) {
        module->imports.push_back(imported);
      }
    }
    open_.pop_back();
    loaded_[path] = module.get();
    sources_.modules_.push_back(std::move(module));
    return sources_.modules_.back().get();
  }

  const Module* Load(const ast::Import& import, const std::string& importer) {
    std::string path;
    absl::StatusOr<std::string> text;
    if (import.is_path) {
      path = (std::filesystem::path(importer).parent_path() / import.target)
                 .lexically_normal()
                 .string();
      text = ReadFile(path);
    } else {
      path = absl::StrCat(absl::StrReplaceAll(import.target, {{".", "/"}}), ".space");
      text = StandardLibraryFile(path);
    }
    if (const auto it = loaded_.find(path); it != loaded_.end()) return it->second;
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      diagnostics_.Report(
          kImportCycle, import.location,
          absl::StrCat("an import cycle: ", absl::StrJoin(open_, " -> "), " -> ", path));
      return nullptr;
    }
    if (!text.ok()) {
      diagnostics_
          .Report(kCannotRead, import.location,
                  absl::StrCat("cannot import ", import.is_path ? path : import.target, ": ",
                               text.status().message()))
          .fix = import.is_path ? "" : DidYouMean(import.target, StandardLibraryNames());
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
  Sources sources_;
  std::map<std::string, const Module*> loaded_;
  std::vector<std::string> open_;
};

Sources LoadSources(const std::string& path, Diagnostics& diagnostics) {
  return SourceLoader(diagnostics).LoadRoot(path, ReadFile(path));
}

Sources LoadSourcesFromText(std::string path, std::string text, Diagnostics& diagnostics) {
  return SourceLoader(diagnostics).LoadRoot(std::move(path), std::move(text));
}

}  // namespace nasc
