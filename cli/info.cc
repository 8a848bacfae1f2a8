#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/format.h"
#include "cli/space_file.h"
#include "compiler/cost.h"
#include "compiler/ir/printer.h"
#include "compiler/primitives.h"
#include "compiler/relax.h"
#include "compiler/space_size.h"
#include "runtime/run/json.h"

namespace nasc {
namespace {

struct Flags {
  std::string file;
  std::string scale;
  std::string architecture;
  std::string input;
  int64_t classes = 0;
  bool json = false;
};

// The figures of a graph without open decisions, with and without the auxiliary head.
struct ScaleFigures {
  std::string scale;
  std::string input;
  Cost cost;
  Cost with_auxiliary;
  bool has_auxiliary = false;
  std::string no_supernet;  // why it has no figures
};

absl::StatusOr<ScaleFigures> Figures(const ir::Graph& supernet, const Flags& flags) {
  absl::StatusOr<ir::Graph> graph;
  if (flags.architecture.empty()) {
    graph = RelaxToMixture(supernet);
  } else {
    absl::StatusOr<Architecture> architecture = LoadArchitecture(flags.architecture, supernet);
    if (!architecture.ok()) return architecture.status();
    graph = Fix(supernet, *architecture);
  }
  ScaleFigures figures;
  figures.scale = supernet.scale;
  if (!graph.ok() && flags.architecture.empty()) {
    // Decisions that change shapes: there is no network that holds every candidate at once.
    figures.no_supernet = std::string(graph.status().message());
    return figures;
  }
  if (!graph.ok()) return graph.status();
  for (const ir::Instruction& instruction : graph->instructions) {
    if (FindPrimitive(instruction.op)->form == Primitive::Form::kInput) {
      figures.input = ir::Print(instruction.type, *graph);
    }
  }
  figures.cost = CostOf(*graph, {"logits"});
  figures.with_auxiliary = CostOf(*graph, {"logits", "auxiliary"});
  figures.has_auxiliary = graph->results.size() > 1;
  return figures;
}

void PrintText(const Space& space, const ir::Graph& supernet,
               const std::vector<ScaleFigures>& scales, const Flags& flags) {
  std::printf("space %s %s\n", space.name.c_str(), space.version.c_str());
  if (!space.doc.empty()) std::printf("  %s\n", space.doc.c_str());
  if (flags.architecture.empty()) {
    std::printf(
        "\n  decisions      %zu\n  architectures  %s\n", supernet.decisions.size(),
        Grouped(CountArchitectures(supernet.decisions, supernet.constraints).ToString()).c_str());
    std::printf("\nThe supernet, with every candidate of every decision:\n");
  } else {
    std::printf("\nThe architecture of %s:\n", flags.architecture.c_str());
  }
  std::printf("\n  %-12s %-18s %15s %18s\n", "scale", "input", "weights", "MACs an image");
  for (const ScaleFigures& figures : scales) {
    if (!figures.no_supernet.empty()) {
      std::printf("  %-12s %s\n", figures.scale.c_str(), figures.no_supernet.c_str());
      continue;
    }
    std::printf("  %-12s %-18s %15s %18s\n", figures.scale.c_str(), figures.input.c_str(),
                Grouped(absl::StrCat(figures.cost.weights)).c_str(),
                Grouped(absl::StrCat(figures.cost.macs)).c_str());
    if (figures.has_auxiliary) {
      std::printf("  %-12s %-18s %15s %18s\n", "", "+ auxiliary head",
                  Grouped(absl::StrCat(figures.with_auxiliary.weights)).c_str(),
                  Grouped(absl::StrCat(figures.with_auxiliary.macs)).c_str());
    }
  }
  std::printf("\nMACs are the multiply-accumulates of convolutions and linear layers.\n");
}

void PrintJson(const Space& space, const ir::Graph& supernet,
               const std::vector<ScaleFigures>& scales) {
  JsonList list;
  for (const ScaleFigures& figures : scales) {
    if (!figures.no_supernet.empty()) {
      list.emplace_back(JsonFields{{"scale", figures.scale}, {"no_supernet", figures.no_supernet}});
      continue;
    }
    JsonFields fields = {{"scale", figures.scale},
                         {"input", figures.input},
                         {"weights", figures.cost.weights},
                         {"macs", figures.cost.macs}};
    if (figures.has_auxiliary) {
      fields.push_back({"weights_with_auxiliary", figures.with_auxiliary.weights});
      fields.push_back({"macs_with_auxiliary", figures.with_auxiliary.macs});
    }
    list.emplace_back(std::move(fields));
  }
  // A count may exceed what JSON's numbers hold, so it is a text.
  std::fputs(
      JsonDocument({{"space", space.name},
                    {"version", space.version},
                    {"decisions", supernet.decisions.size()},
                    {"architectures",
                     CountArchitectures(supernet.decisions, supernet.constraints).ToString()},
                    {"scales", std::move(list)}})
          .c_str(),
      stdout);
}

absl::Status Info(const Flags& flags) {
  absl::StatusOr<Sources> sources = LoadChecked(flags.file);
  if (!sources.ok()) return sources.status();
  absl::StatusOr<Space> space = SpaceIn(*sources);
  if (!space.ok()) return space.status();
  absl::StatusOr<std::optional<InputSpec>> input = ParseInput(flags.input, flags.classes);
  if (!input.ok()) return input.status();
  std::vector<std::string> names = {flags.scale};
  if (flags.scale.empty() && !space->scales.empty()) {
    names.clear();
    for (const ast::ScaleDecl* scale : space->scales) names.push_back(scale->name.text);
  }
  std::vector<ScaleFigures> scales;
  ir::Graph supernet;
  for (const std::string& name : names) {
    absl::StatusOr<ir::Graph> graph = LowerAt(*space, {name, *input});
    if (!graph.ok()) return graph.status();
    absl::StatusOr<ScaleFigures> figures = Figures(*graph, flags);
    if (!figures.ok()) return figures.status();
    scales.push_back(*std::move(figures));
    supernet = *std::move(graph);
  }
  if (flags.json) {
    PrintJson(*space, supernet, scales);
  } else {
    PrintText(*space, supernet, scales, flags);
  }
  return absl::OkStatus();
}

}  // namespace

Action AddInfo(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("FILE", flags->file, "a .space file")->required();
  app.add_option("--scale", flags->scale, "only this scale; by default all of them");
  app.add_option("--architecture", flags->architecture,
                 "a file: the figures of this architecture, not of the supernet");
  app.add_option("--input", flags->input, "channels x height x width, instead of the default");
  app.add_option("--classes", flags->classes, "the number of classes, instead of the default")
      ->check(WholeNumber(2, kGreatestCount));
  app.add_flag("--json", flags->json, "print JSON");
  return [flags] { return Info(*flags); };
}

}  // namespace nasc
