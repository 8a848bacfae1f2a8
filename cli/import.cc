#include <cstdio>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "cli/command.h"
#include "cli/notations.h"
#include "cli/space_file.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string scale;
  std::string notation;
  std::string text;
};

absl::Status Import(const Flags& flags) {
  absl::StatusOr<Sources> sources = LoadChecked(flags.file);
  if (!sources.ok()) return sources.status();
  absl::StatusOr<Space> space = SpaceIn(*sources);
  if (!space.ok()) return space.status();
  absl::StatusOr<ir::Graph> supernet = LowerAt(*space, {flags.scale, std::nullopt});
  if (!supernet.ok()) return supernet.status();
  absl::StatusOr<Architecture> architecture =
      FindNotation(flags.notation)->read(*supernet, flags.text);
  if (!architecture.ok()) return architecture.status();
  std::fputs(Print(*architecture, *supernet).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace

Action AddImport(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file")->required();
  app.add_option("TEXT", flags->text, "the architecture, such as \"Genotype(normal=[...], ...)\"")
      ->required();
  app.add_option("--notation", flags->notation,
                 "genotype: that of DARTS; nasbench201: that of NAS-Bench-201")
      ->required()
      ->check(CLI::IsMember(NotationNames()).description(""));
  app.add_option("--scale", flags->scale, "the scale; needed where the space has several");
  return [flags] { return Import(*flags); };
}

}  // namespace nasc
