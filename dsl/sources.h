#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dsl/ast.h"
#include "dsl/diagnostics.h"

namespace nasc {

// A file and the files that it imports.
struct Module {
  ast::File file;
  std::vector<const Module*> imports;

  // A definition and the module in which its names mean something.
  template <typename Decl>
  struct Found {
    const Decl* decl = nullptr;
    const Module* module = nullptr;
    explicit operator bool() const { return decl != nullptr; }
  };

  // Looks a name up here, then in what is imported here.
  Found<ast::OpDecl> FindOp(absl::string_view name) const;
  Found<ast::OpsDecl> FindOps(absl::string_view name) const;
  Found<ast::CellDecl> FindCell(absl::string_view name) const;

  // The space of that name: this file or an imported one. Nothing where the file is a library.
  const Module* FindSpace(absl::string_view name) const;

  std::vector<std::string> OpNames() const;
  std::vector<std::string> OpsNames() const;
  std::vector<std::string> CellNames() const;
  std::vector<std::string> SpaceNames() const;
};

// A file with everything it imports, parsed; the root is the file that was asked for.
class Sources {
 public:
  const Module& root() const { return *root_; }

  // Every file in the order of its first import, the root last.
  const std::vector<std::unique_ptr<Module>>& modules() const { return modules_; }

 private:
  friend class SourceLoader;
  std::vector<std::unique_ptr<Module>> modules_;
  const Module* root_ = nullptr;
};

// Reads a file and what it imports: paths are relative to the importing file, `std.` names the
// standard library, which is part of the program. Mistakes are reported; the result is usable only
// without errors.
Sources LoadSources(const std::string& path, Diagnostics& diagnostics);

// The same for a text that is no file; its imports are relative to the working directory.
Sources LoadSourcesFromText(std::string path, std::string text, Diagnostics& diagnostics);

}  // namespace nasc
