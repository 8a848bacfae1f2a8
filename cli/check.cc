#include "dsl/check.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/space_file.h"
#include "compiler/lower.h"
#include "compiler/primitives.h"
#include "dsl/diagnostics.h"
#include "strategies/search_config.h"

namespace nasc {
namespace {

// Everything that can be found wrong with a file, in one go.
Diagnostics Check(const std::string& path) {
  Diagnostics diagnostics;
  const Sources sources = LoadSources(path, diagnostics);
  if (diagnostics.has_errors()) return diagnostics;
  CheckSources(sources, LanguageVocabulary(), diagnostics);
  if (diagnostics.has_errors()) return diagnostics;
  if (const std::optional<Space> space = SpaceOf(sources.root()); space.has_value()) {
    CheckEveryScale(*space, diagnostics);
  }
  for (const ast::SearchDecl& search : sources.root().file.searches) {
    ReadSearch(search, sources.root(), diagnostics);
  }
  return diagnostics;
}

}  // namespace

Action AddCheck(CLI::App& app) {
  auto files = std::make_shared<std::vector<std::string>>();
  app.add_option("FILE", *files, ".space files")->required();
  return [files]() -> absl::Status {
    std::string errors;
    for (const std::string& file : *files) {
      const Diagnostics diagnostics = Check(file);
      if (diagnostics.has_errors()) {
        absl::StrAppend(&errors, diagnostics.Render());
      } else {
        std::fputs(diagnostics.Render().c_str(), stderr);
        std::printf("%s: ok\n", file.c_str());
      }
    }
    return errors.empty() ? absl::OkStatus() : absl::InvalidArgumentError(errors);
  };
}

}  // namespace nasc
