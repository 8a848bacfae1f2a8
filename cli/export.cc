#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/flags.h"
#include "cli/model_card.h"
#include "cli/notations.h"
#include "cli/space_file.h"
#include "cli/trained_run.h"
#include "cli/weights_file.h"
#include "compiler/cost.h"
#include "compiler/dot.h"
#include "compiler/identity.h"
#include "compiler/ir/printer.h"
#include "compiler/relax.h"
#include "export/onnx.h"
#include "export/python_module.h"
#include "export/torchscript.h"
#include "runtime/run/atomic_file.h"
#include "strategies/architecture_file.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

struct Flags {
  std::string from;
  std::string format;
  std::string output;
  std::string network;
  std::string architecture;
  std::string scale;
  std::string weights;
  RunFlags run;
};

// An architecture with the space that it is of, at a scale.
struct Subject {
  ir::Graph supernet;
  Architecture architecture;
};

// The network in evaluation.
absl::StatusOr<ir::Graph> InferenceGraph(const Subject& subject) {
  absl::StatusOr<ir::Graph> graph = Fix(subject.supernet, subject.architecture);
  if (!graph.ok()) return graph.status();
  return KeepResults(*std::move(graph), {"logits"});
}

// The text of a format that needs no weights; the notations of papers are among them.
absl::StatusOr<std::string> TextOf(const std::string& format, const Subject& subject) {
  if (format == "arch") return Print(subject.architecture, subject.supernet);
  if (format == "dot" || format == "ir") {
    absl::StatusOr<ir::Graph> graph = InferenceGraph(subject);
    if (!graph.ok()) return graph.status();
    return absl::StrCat("// of ", subject.supernet.space, " ", subject.supernet.version,
                        ", identity ", IdentityOf(subject.supernet).ToString(), "\n",
                        format == "dot" ? PrintDot(*graph) : ir::Print(*graph));
  }
  absl::StatusOr<std::string> text =
      FindNotation(format)->write(subject.supernet, subject.architecture);
  if (!text.ok()) return text.status();
  return absl::StrCat(*text, "\n");
}

// The formats that hold weights.
struct WeightFormat {
  const char* name;
  absl::Status (*write)(const ExportedNetwork& network, const std::string& path);
};
constexpr WeightFormat kWeightFormats[] = {
    {"python", WritePythonModule},
    {"torchscript", WriteTorchScript},
    {"onnx", WriteOnnx},
};

const WeightFormat* FindWeightFormat(const std::string& name) {
  for (const WeightFormat& format : kWeightFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

absl::Status WriteText(const Flags& flags, const absl::StatusOr<std::string>& text) {
  if (!text.ok()) return text.status();
  if (!flags.output.empty()) return WriteFileAtomically(flags.output, *text);
  std::fwrite(text->data(), 1, text->size(), stdout);
  return absl::OkStatus();
}

// The architecture with the space as the weights were trained, which must be its own.
absl::StatusOr<Subject> SubjectOfWeights(const Flags& flags, const Space& space) {
  const absl::StatusOr<WeightsFile> weights = LoadWeights(flags.weights);
  if (!weights.ok()) return weights.status();
  absl::StatusOr<ir::Graph> supernet = SupernetOf(*weights, space, flags.scale);
  if (!supernet.ok()) return supernet.status();
  absl::StatusOr<Architecture> architecture = LoadArchitecture(flags.architecture, *supernet);
  if (!architecture.ok()) return architecture.status();
  absl::Status fits =
      CheckArchitecture(weights->file.notes, weights->path, *architecture, *supernet);
  if (!fits.ok()) return fits;
  const absl::StatusOr<Program> program = InferenceProgram(*supernet, *architecture);
  if (!program.ok()) return program.status();
  fits = WeightsOf(*program, *weights).status();
  if (!fits.ok()) return fits;
  return Subject{*std::move(supernet), *std::move(architecture)};
}

absl::StatusOr<Subject> SubjectOf(const Flags& flags, const Space& space) {
  if (!flags.weights.empty()) return SubjectOfWeights(flags, space);
  absl::StatusOr<ir::Graph> supernet = LowerAt(space, {flags.scale, std::nullopt});
  if (!supernet.ok()) return supernet.status();
  absl::StatusOr<Architecture> architecture = LoadArchitecture(flags.architecture, *supernet);
  if (!architecture.ok()) return architecture.status();
  return Subject{*std::move(supernet), *std::move(architecture)};
}

absl::Status ExportFromSpace(const Flags& flags) {
  absl::StatusOr<Sources> sources = LoadChecked(flags.from);
  if (!sources.ok()) return sources.status();
  absl::StatusOr<Space> space = SpaceIn(*sources);
  if (!space.ok()) return space.status();
  const absl::StatusOr<Subject> subject = SubjectOf(flags, *space);
  if (!subject.ok()) return subject.status();
  return WriteText(flags, TextOf(flags.format, *subject));
}

absl::Status ExportFromRun(const Flags& flags) {
  const WeightFormat* format = FindWeightFormat(flags.format);
  if (format != nullptr && flags.output.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--format ", flags.format, " needs --output, the file to write"));
  }
  absl::StatusOr<TrainedRun> run = LoadTrainedRun(flags.from, flags.network, flags.run);
  if (!run.ok()) return run.status();
  if (flags.format == kCardFormat) return WriteText(flags, ModelCard(*run, flags.from));
  if (format == nullptr) {
    return WriteText(flags, TextOf(flags.format, {run->supernet, run->architecture}));
  }
  return format->write({std::move(run->program), std::move(run->weights), run->task.preparation(),
                        NotesOf(run->architecture, run->supernet)},
                       flags.output);
}

absl::Status Export(const Flags& flags) {
  const bool space = absl::EndsWith(flags.from, ".space");
  const bool trained = FindWeightFormat(flags.format) != nullptr || flags.format == kCardFormat;
  const bool of_space =
      !flags.architecture.empty() || !flags.scale.empty() || !flags.weights.empty();
  if (!space && !of_space) return ExportFromRun(flags);
  if (!space) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--architecture, --scale and --weights go with a .space file; ", flags.from, " is none"));
  }
  if (trained) {
    return absl::InvalidArgumentError(absl::StrCat("--format ", flags.format,
                                                   " tells of a trained network: give a run "
                                                   "folder, not ",
                                                   flags.from));
  }
  if (flags.architecture.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("of ", flags.from, " an architecture is exported: give --architecture"));
  }
  return ExportFromSpace(flags);
}

}  // namespace

Action AddExport(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.add_option("RUN", flags->from,
                 "a run folder, such as runs/quick; or a .space file, with --architecture")
      ->required();
  std::vector<std::string> formats = {"arch", "dot", "ir", kCardFormat};
  for (const std::string& name : NotationNames()) formats.push_back(name);
  for (const WeightFormat& format : kWeightFormats) formats.emplace_back(format.name);
  app.add_option("--format", flags->format,
                 absl::StrCat("one of ", absl::StrJoin(formats, ", "), ": see docs/export.md"))
      ->required()
      ->check(CLI::IsMember(formats).description(""));
  app.add_option("--output,-o", flags->output,
                 "the file to write; texts go to the terminal without");
  app.add_option("--network", flags->network,
                 "which network of the run: derived, random; by default what was found or trained");
  app.add_option("--architecture", flags->architecture,
                 "of a .space file: the architecture, for formats without weights");
  app.add_option("--scale", flags->scale, "of a .space file that has several");
  app.add_option("--weights", flags->weights,
                 "of a .space file: the file of weights that the text is for, which must be those "
                 "of the architecture; scale and input are then theirs");
  return [flags] { return Export(*flags); };
}

}  // namespace nasc
