#include "export/onnx_graph.h"

namespace nasc {

std::string OnnxGraph::Node(const char* op, const std::vector<std::string>& inputs,
                            const std::string& output, const std::vector<Attribute>& attributes) {
  onnx::NodeProto& node = *graph_.add_node();
  node.set_op_type(op);
  node.set_name(output);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  for (const Attribute& attribute : attributes) {
    onnx::AttributeProto& added = *node.add_attribute();
    added.set_name(attribute.name);
    if (attribute.list) {
      added.set_type(onnx::AttributeProto::INTS);
      for (const int64_t number : attribute.numbers) added.add_ints(number);
    } else {
      added.set_type(onnx::AttributeProto::INT);
      added.set_i(attribute.numbers[0]);
    }
  }
  return output;
}

std::string OnnxGraph::Constant(const std::string& name, const std::vector<int64_t>& values) {
  onnx::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::INT64);
  tensor.add_dims(static_cast<int64_t>(values.size()));
  for (const int64_t value : values) tensor.add_int64_data(value);
  return name;
}

std::string OnnxGraph::Constant(const std::string& name, const std::vector<int64_t>& shape,
                                const std::vector<float>& values) {
  Tensor(name, shape, values.data(), static_cast<int64_t>(values.size()));
  return name;
}

void OnnxGraph::Tensor(const std::string& name, const std::vector<int64_t>& shape,
                       const float* values, int64_t count) {
  onnx::TensorProto& tensor = *graph_.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  for (const int64_t size : shape) tensor.add_dims(size);
  // The format's own order of bytes is that of all machines that LibTorch runs on.
  tensor.set_raw_data(values, static_cast<size_t>(count) * sizeof(float));
}

}  // namespace nasc
