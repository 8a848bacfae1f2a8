#include "strategies/data_input.h"

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "dsl/ast.h"

namespace nasc {
namespace {

// As an `input` line says it.
std::string KindText(const InputSpec& input) {
  return input.features > 0
             ? absl::StrCat("features(", input.features, ")")
             : absl::StrCat("image(", input.channels, ", ", input.height, ", ", input.width, ")");
}

std::string TargetText(const InputSpec& input) {
  return input.outputs > 0 ? absl::StrCat("regression ", input.outputs)
                           : absl::StrCat("classes ", input.classes);
}

// What images of the data lack on each side to be as large as those declared; 0 where it is not the
// same on each, or nothing.
int64_t MissingPad(const InputSpec& declared, const InputSpec& data) {
  const int64_t missing = declared.height - data.height;
  const bool same = missing == declared.width - data.width;
  return same && missing > 0 && missing % 2 == 0 ? missing / 2 : 0;
}

// What the user can do about data that the space cannot take, though it can what it declares.
std::string Fix(const InputSpec& declared, const InputSpec& data) {
  if (data.features > 0) return "give data of as many columns, or change the space";
  if (const int64_t pad = MissingPad(declared, data); pad > 0) {
    return absl::StrCat("more padding may help: add ", pad, " to `pad` of the data line");
  }
  return "bring the images to the declared size (`pad` adds to each side, `size` of data "
         "image_folder resizes), or change the space";
}

// What a space that was lowered as it declares takes and gives.
InputSpec DeclaredInput(const ir::Graph& graph, bool regression) {
  InputSpec input;
  for (const ir::Instruction& instruction : graph.instructions) {
    if (instruction.op == "features") input.features = ir::WholeAttribute(instruction, "features");
    if (instruction.op != "input") continue;
    input.channels = ir::WholeAttribute(instruction, "channels");
    input.height = ir::WholeAttribute(instruction, "height");
    input.width = ir::WholeAttribute(instruction, "width");
  }
  const int64_t outputs = graph.instruction(graph.results[0].value).type.dims[1].value();
  (regression ? input.outputs : input.classes) = outputs;
  return input;
}

}  // namespace

absl::StatusOr<ir::Graph> LowerForData(const Space& space, const std::string& scale,
                                       const InputSpec& data) {
  const ast::Input& declared = *space.network->input;
  const bool features = declared.kind.text == "features";
  const bool regression = declared.regression.has_value();
  if (features != (data.features > 0) || regression != (data.outputs > 0)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "space ", space.name, " declares `input ", declared.kind.text,
        regression ? "(...) regression`" : "(...) classes`", ", the data are `", KindText(data),
        " ", TargetText(data), "`: take a space or data of the other kind"));
  }
  absl::StatusOr<ir::Graph> graph = LowerAt(space, {scale, data});
  if (graph.ok()) return graph;
  const absl::StatusOr<ir::Graph> usual = LowerAt(space, {scale, std::nullopt});
  if (!usual.ok()) return graph;  // not for the data's sake
  const InputSpec expected = DeclaredInput(*usual, regression);
  absl::Status status = absl::InvalidArgumentError(absl::StrCat(
      "space ", space.name, " cannot take these data, `", KindText(data), " ", TargetText(data),
      "`; it declares `", KindText(expected), " ", TargetText(expected),
      "`.\n  fix: ", Fix(expected, data), "\n", graph.status().message()));
  // The code of the diagnostic, for which there is a page.
  graph.status().ForEachPayload(
      [&](absl::string_view url, const absl::Cord& payload) { status.SetPayload(url, payload); });
  return status;
}

}  // namespace nasc
