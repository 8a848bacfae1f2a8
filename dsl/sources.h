#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
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

 private:
  friend class SourceLoader;
  template <typename Decl>
  using Index = absl::flat_hash_map<absl::string_view, const Decl*>;

  template <typename Decl>
  Found<Decl> Find(Index<Decl> Module::*index, absl::string_view name) const;

  // To be called once the file is read.
  void BuildIndex();

  Index<ast::OpDecl> op_index_;
  Index<ast::OpsDecl> ops_index_;
  Index<ast::CellDecl> cell_index_;
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

// The text of a file. Error: why it cannot be read.
using FileReader = std::function<absl::StatusOr<std::string>(const std::string& path)>;
absl::StatusOr<std::string> ReadSourceFile(const std::string& path);

// The file of the library `a.b` in its folder: "a/b.space".
std::string LibraryFile(absl::string_view name);

// The folders of the environment variable NASC_PATH, separated by colons.
std::vector<std::string> LibraryPath();

struct SourceOptions {
  // Folders in which `import a.b` looks for a/b.space.
  std::vector<std::string> search_path = LibraryPath();
  FileReader read = ReadSourceFile;  // an editor's gives what is not saved yet
};

// Reads a file and what it imports. `import "x.space"` is relative to the importing file. `import
// a.b` is the file a/b.space: of the standard library, which is part of the program, or of the
// first folder of the search path that has it. Mistakes are reported; the result is usable only
// without errors.
Sources LoadSources(const std::string& path, Diagnostics& diagnostics,
                    const SourceOptions& options = {});

// The same for a text that is no file; its imports are relative to the working directory.
Sources LoadSourcesFromText(std::string path, std::string text, Diagnostics& diagnostics,
                            const SourceOptions& options = {});

// The path by which the importing file's sources name an import; nothing where no folder has it.
std::optional<std::string> ImportPath(const ast::Import& import, const std::string& importer,
                                      const SourceOptions& options = {});

}  // namespace nasc
