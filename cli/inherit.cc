#include "runtime/inherit.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "cli/command.h"
#include "cli/donor.h"
#include "cli/run.h"
#include "compiler/inherit/plan_text.h"
#include "compiler/relax.h"
#include "runtime/checkpoint.h"
#include "runtime/run/json.h"
#include "strategies/architecture_file.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string search;
  std::string architecture;
  std::string from;
  std::string output = "inherited.safetensors";
  bool dry_run = false;
  bool json = false;
};

std::string PlanJson(const std::string& donor, const InheritPlan& plan) {
  std::vector<JsonFields> weights;
  for (const InheritedWeight& weight : plan.weights) {
    weights.push_back({{"name", weight.name},
                       {"shape", weight.shape},
                       {"how", HowInherited(weight)},
                       {"from", weight.donor}});
  }
  const InheritSummary summary = Summarize(plan);
  return JsonDocument({{"donor", donor},
                       {"weights", summary.weights},
                       {"inherited", summary.inherited},
                       {"fresh", summary.fresh},
                       {"computes_the_same", plan.preserves},
                       {"tensors", weights}});
}

absl::Status Inherit(const Flags& flags) {
  absl::StatusOr<LoadedSearch> search = LoadSearch(flags.file, flags.search, -1);
  if (!search.ok()) return search.status();
  SearchConfig& config = search->config;
  if (config.final_scale.empty()) {
    return absl::FailedPreconditionError(
        "the search has no `final` line, which says at which scale a network is trained");
  }
  if (!flags.from.empty()) config.inherit = flags.from;
  if (config.inherit.empty()) {
    return absl::InvalidArgumentError(
        "nothing to inherit from: give --from RUN, or `inherit = \"RUN\"` in the `final` line");
  }
  absl::StatusOr<Study> study = PrepareStudy(config);
  if (!study.ok()) return study.status();
  const ir::Graph& supernet = *study->final_supernet();
  absl::StatusOr<Architecture> architecture = LoadArchitecture(flags.architecture, supernet);
  if (!architecture.ok()) return architecture.status();
  const absl::StatusOr<ir::Graph> network = Fix(supernet, *architecture);
  if (!network.ok()) return network.status();
  const absl::StatusOr<Inheritance> inheritance =
      PlanFrom(study->donor(), {supernet, *architecture, *network,
                                ClassesOf(config.dataset, config.data), study->FreshNames()});
  if (!inheritance.ok()) return inheritance.status();
  const InheritPlan& plan = inheritance->plan;
  std::fputs((flags.json ? PlanJson(study->donor().name, plan) : PlanText(plan)).c_str(), stdout);
  if (flags.dry_run) return absl::OkStatus();

  const absl::StatusOr<Program> program = BuildProgram(*network);
  if (!program.ok()) return program.status();
  ParameterStore store(at::kFloat, config.seed);
  for (const ProgramParam& param : program->params) {
    if (const auto made = store.Get(param); !made.ok()) return made.status();
  }
  const absl::Status status =
      InheritWeights(plan, inheritance->tensors, *program, config.seed, store);
  if (!status.ok()) return status;
  TensorNotes notes = NotesOf(*architecture, supernet);
  notes["donor"] = study->donor().name;
  return SaveTensors(flags.output, store.tensors(), notes);
}

}  // namespace

Action AddInherit(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file that declares searches")->required();
  app.add_option("SEARCH", flags->search,
                 "whose `final` line says at which scale; needed where there are several");
  app.add_option("--architecture", flags->architecture,
                 "of the network that inherits, such as runs/NAME/architecture.arch")
      ->required();
  app.add_option("--from", flags->from,
                 "the run to inherit from, such as runs/NAME, runs/NAME/random or "
                 "runs/NAME/supernet; else what the `final` line says");
  CLI::Option* output = app.add_option(
      "--output", flags->output,
      "the file for the weights that the network starts with (inherited.safetensors)");
  app.add_flag("--dry-run", flags->dry_run, "only say what is inherited how, and what starts fresh")
      ->excludes(output);
  app.add_flag("--json", flags->json, "for programs: every tensor, by name");
  return [flags] { return Inherit(*flags); };
}

}  // namespace nasc
