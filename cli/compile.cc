#include <cstdio>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/program_stats.h"
#include "cli/space_file.h"
#include "compiler/dot.h"
#include "compiler/ir/printer.h"
#include "compiler/passes/pass.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "compiler/versions/compiled_space.h"
#include "dsl/ast_printer.h"
#include "runtime/run/atomic_file.h"
#include "strategies/architecture_file.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string emit = "ir";
  std::string scale;
  std::string architecture;
  MixtureOptions mixture;
  std::string input;
  int64_t classes = 0;
  std::string step = "none";
  std::string passes = "all";
  bool recompute = false;
  bool stats = false;
  bool json = false;
  int64_t batch = 16;
  std::string output;
};

// What `--step` names, of which the compiler makes a program; nothing: the operations as they are.
std::optional<StepOptions> StepNamed(const std::string& name) {
  if (name == "none") return std::nullopt;
  StepOptions options;
  options.training = name != "evaluation";
  options.goal.weights = name == "weights" || name == "both";
  options.goal.decisions = name == "decisions" || name == "both";
  return options;
}

absl::StatusOr<std::string> CompileProgram(const Flags& flags, const ir::Graph& graph) {
  absl::StatusOr<Program> program = BuildProgram(graph);
  if (!program.ok()) return program.status();
  if (std::optional<StepOptions> options = StepNamed(flags.step); options.has_value()) {
    absl::StatusOr<std::vector<const Pass*>> passes = PassesNamed(flags.passes);
    if (!passes.ok()) return passes.status();
    options->passes = *std::move(passes);
    options->recompute = flags.recompute;
    program = CompileStep(*std::move(program), *options);
  }
  return flags.stats ? ProgramStats(*program, flags.batch, flags.json) : Print(*program);
}

absl::StatusOr<std::string> Compile(const Flags& flags) {
  absl::StatusOr<Sources> sources = LoadChecked(flags.file);
  if (!sources.ok()) return sources.status();
  if (flags.emit == "ast") return PrintAst(sources->root().file);
  absl::StatusOr<Space> space = SpaceIn(*sources);
  if (!space.ok()) return space.status();
  if (flags.emit == "space") {
    const absl::StatusOr<CompiledSpace> compiled = CompileSpace(*space);
    if (!compiled.ok()) return compiled.status();
    return SerializeSpace(*compiled);
  }
  absl::StatusOr<std::optional<InputSpec>> input = ParseInput(flags.input, flags.classes);
  if (!input.ok()) return input.status();
  absl::StatusOr<ir::Graph> graph = LowerAt(*space, {flags.scale, *input});
  if (!graph.ok()) return graph.status();
  if (!flags.architecture.empty()) {
    absl::StatusOr<Architecture> architecture = LoadArchitecture(flags.architecture, *graph);
    if (!architecture.ok()) return architecture.status();
    graph = Fix(*graph, *architecture);
  } else if (flags.emit == "program") {
    graph = RelaxToMixture(*graph, flags.mixture);
  }
  if (!graph.ok()) return graph.status();
  if (flags.emit == "dot") return PrintDot(*graph);
  if (flags.emit == "ir") return ir::Print(*graph);
  return CompileProgram(flags, *graph);
}

}  // namespace

Action AddCompile(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file")->required();
  app.add_option(
         "--emit", flags->emit,
         "ast: the syntax tree; ir: the supernet; program: what runs, with the decisions "
         "relaxed to a mixture; dot: a picture for Graphviz; space: the file of a compiled space, "
         "all scales of it")
      ->check(CLI::IsMember({"ast", "ir", "program", "dot", "space"}).description(""))
      ->capture_default_str();
  app.add_option("--scale", flags->scale, "the scale; needed where the space has several");
  app.add_option("--architecture", flags->architecture, "a file: fix this architecture first");
  app.add_option("--partial-channels", flags->mixture.partial_channels,
                 "of the mixture: one channel in so many goes through the operations")
      ->check(WholeNumber(1, kGreatestCount))
      ->capture_default_str();
  app.add_flag("--edge-normalization", flags->mixture.edge_normalization,
               "of the mixture: edges have weights of their own");
  app.add_option("--input", flags->input, "channels x height x width, instead of the default");
  app.add_option("--classes", flags->classes, "the number of classes, instead of the default")
      ->check(WholeNumber(2, kGreatestCount));
  app.add_option("--step", flags->step,
                 "of the program: none, the operations as they are; evaluation; or a step of "
                 "training with the gradients of weights, decisions or both")
      ->check(CLI::IsMember({"none", "evaluation", "weights", "decisions", "both"}).description(""))
      ->capture_default_str();
  app.add_option("--passes", flags->passes,
                 "of that step: all, none, or names joined by commas; `nasc passes` lists them")
      ->capture_default_str();
  app.add_flag("--recompute", flags->recompute,
               "of that step: compute parts of the forward part again instead of keeping them");
  app.add_flag("--stats", flags->stats, "print what the program costs instead of the program");
  app.add_flag("--json", flags->json, "with --stats: as JSON");
  app.add_option("--batch", flags->batch, "with --stats: images a step")
      ->check(WholeNumber(1, kGreatestCount))
      ->capture_default_str();
  app.add_option("--output,-o", flags->output, "write to this file instead of the terminal");
  return [flags]() -> absl::Status {
    absl::StatusOr<std::string> text = Compile(*flags);
    if (!text.ok()) return text.status();
    if (!flags->output.empty()) return WriteFileAtomically(flags->output, *text);
    std::fwrite(text->data(), 1, text->size(), stdout);
    return absl::OkStatus();
  };
}

}  // namespace nasc
