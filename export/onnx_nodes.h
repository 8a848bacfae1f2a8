#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "compiler/program/program.h"
#include "export/onnx_graph.h"

namespace nasc {

// A step and the ONNX values that it reads.
struct OnnxStep {
  const ProgramStep& step;
  std::vector<std::string> inputs;
  std::map<std::string, std::string> params;  // "weight": its name; only those that are there
  std::vector<int64_t> input_shape;           // of the first input; -1: the batch
  std::vector<int64_t> shape;                 // of the output
};

// The greatest version of ONNX's operators that these nodes use; the only one that is written.
inline constexpr int kOnnxOpset = 17;

// Adds what computes the step in evaluation; the value has the step's name. Error: a step that is
// no primitive of a network without open decisions.
absl::Status AddOnnxNodes(const OnnxStep& step, OnnxGraph& graph);

// The form in ONNX of a primitive that a library registers: what adds its nodes.
class OnnxRegistration {
 public:
  using Add = void (*)(const OnnxStep& step, OnnxGraph& graph);
  OnnxRegistration(const std::string& op, Add add);
};

}  // namespace nasc
