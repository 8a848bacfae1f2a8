#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nasc {

// Adds nodes and constants to a graph of ONNX.
class OnnxGraph {
 public:
  explicit OnnxGraph(onnx::GraphProto& graph) : graph_(graph) {}

  struct Attribute {
    const char* name;
    std::vector<int64_t> numbers;
    bool list = true;  // else one number
  };

  // Adds a node and returns its output, which is `output`. An input of "" is one that is left out.
  std::string Node(const char* op, const std::vector<std::string>& inputs,
                   const std::string& output, const std::vector<Attribute>& attributes = {});

  // Each returns its name.
  std::string Constant(const std::string& name, const std::vector<int64_t>& values);
  std::string Constant(const std::string& name, const std::vector<int64_t>& shape,
                       const std::vector<float>& values);
  void Tensor(const std::string& name, const std::vector<int64_t>& shape, const float* values,
              int64_t count);

 private:
  onnx::GraphProto& graph_;
};

}  // namespace nasc
