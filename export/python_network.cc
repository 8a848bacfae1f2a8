#include "export/python_network.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "export/python_expressions.h"

namespace nasc {
namespace {

// Identifiers from structural names: "stem.conv" becomes stem_conv, which differs from all others.
class Identifiers {
 public:
  std::string Of(absl::string_view name) {
    std::string text(name);
    for (char& c : text) {
      if (!absl::ascii_isalnum(c)) c = '_';
    }
    std::string identifier = text;
    for (int i = 2; !taken_.insert(identifier).second; ++i) identifier = absl::StrCat(text, "_", i);
    return identifier;
  }

 private:
  // Beside the names that are used, those of torch.nn.Module that structural names might give.
  absl::flat_hash_set<std::string> taken_ = {"self", "torch",      "F",    "forward",
                                             "mean", "preprocess", "scale"};
};

// The part of the network that a step belongs to: a cell of a stage, the stem, the head.
std::string PartOf(const std::string& name) {
  std::vector<absl::string_view> pieces = absl::StrSplit(name, '.');
  pieces.pop_back();
  if (pieces.size() > 3) pieces.resize(3);
  return absl::StrJoin(pieces, ".");
}

std::string InputInWords(const std::vector<int64_t>& shape) {
  if (shape.size() == 2) return absl::StrCat("standardised rows [batch, ", shape[1], "]");
  return absl::StrCat("normalised images [batch, ",
                      absl::StrJoin(shape.begin() + 1, shape.end(), ", "), "]");
}

}  // namespace

absl::StatusOr<PythonNetwork> ToPython(const ExportedNetwork& network) {
  const Program& program = network.program;
  PythonNetwork python;
  python.input = InputInWords(program.input_shape);
  Identifiers attributes;
  for (const ProgramParam& param : program.params) {
    python.attributes.push_back(attributes.Of(param.name));
  }
  Identifiers locals;
  std::vector<std::string> values(program.values.size());
  std::string part;
  std::string body;
  for (const ProgramStep& step : program.steps) {
    const int output = step.outputs[0];
    values[output] = locals.Of(step.name);
    if (IsInput(step)) {
      python.forward = absl::StrCat("def forward(self, ", values[output], "):\n");
      continue;
    }
    PythonStep named{step, {}, {}, program.values[output].shape};
    for (const int input : step.inputs) named.inputs.push_back(values[input]);
    for (const int param : step.params) {
      const std::vector<std::string> pieces = absl::StrSplit(program.params[param].name, '.');
      named.params.emplace_back(pieces.back(), absl::StrCat("self.", python.attributes[param]));
    }
    absl::StatusOr<std::string> expression = PythonExpression(named);
    if (!expression.ok()) return expression.status();
    if (const std::string own = PartOf(step.name); own != part) {
      absl::StrAppend(&body, body.empty() ? "" : "\n", "    # ", own, "\n");
      part = own;
    }
    absl::StrAppend(&body, "    ", values[output], " = ", *expression, "\n");
  }
  absl::StrAppend(&python.forward, body, "    return ", values[program.results[0].value], "\n");
  if (network.images.has_value()) {
    const int64_t pad = network.images->padding;
    python.preprocess = absl::StrCat(
        "def preprocess(self, images):\n",
        "    # bytes [batch, channels, height, width], from 0 to 255, to what forward takes\n",
        "    padded = F.pad(images, [", absl::StrJoin({pad, pad, pad, pad}, ", "), "])\n",
        "    return (padded / 255 - self.mean) / self.scale\n");
  }
  return python;
}

}  // namespace nasc
