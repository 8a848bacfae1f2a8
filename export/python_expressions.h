#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/program/program.h"

namespace nasc {

// A step whose values have Python names.
struct PythonStep {
  const ProgramStep& step;
  std::vector<std::string> inputs;
  std::vector<std::pair<std::string, std::string>> params;  // "weight": "self.stem_conv_weight"
  std::vector<int64_t> shape;                               // of the output; -1: the batch
};

// What a step computes in evaluation, as an expression of torch's Python in which `torch` and `F`
// (torch.nn.functional) are known. TorchScript reads it as well. Error: a step that is no primitive
// of a network without open decisions.
absl::StatusOr<std::string> PythonExpression(const PythonStep& step);

// The form in Python of a primitive that a library registers, as a row of the table has it.
//
//   const PythonRegistration registration("space_to_depth", "F.pixel_unshuffle({x}, {block})");
class PythonRegistration {
 public:
  PythonRegistration(const std::string& op, const std::string& expression);
};

}  // namespace nasc
