#include "export/onnx.h"

#include <ATen/core/Tensor.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "export/onnx_graph.h"
#include "export/onnx_nodes.h"
#include "runtime/run/atomic_file.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

// That of ONNX 1.12, which has this set of operators.
constexpr int kFormatVersion = 8;

void DescribeValue(const std::string& name, const std::vector<int64_t>& shape,
                   onnx::ValueInfoProto& value) {
  value.set_name(name);
  onnx::TypeProto::Tensor& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (const int64_t size : shape) {
    auto& dim = *type.mutable_shape()->add_dim();
    size < 0 ? dim.set_dim_param("batch") : dim.set_dim_value(size);
  }
}

absl::Status AddSteps(const Program& program, OnnxGraph& graph) {
  std::vector<std::string> names(program.values.size());
  for (const ProgramStep& step : program.steps) {
    const int output = step.outputs[0];
    names[output] = step.name;
    if (IsInput(step)) continue;
    OnnxStep described{step, {}, {}, {}, program.values[output].shape};
    for (const int input : step.inputs) described.inputs.push_back(names[input]);
    described.input_shape = program.values[step.inputs[0]].shape;
    for (const int param : step.params) {
      const std::string& name = program.params[param].name;
      const std::vector<std::string> pieces = absl::StrSplit(name, '.');
      described.params[pieces.back()] = name;
    }
    if (absl::Status status = AddOnnxNodes(described, graph); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Model(const ExportedNetwork& network) {
  const Program& program = network.program;
  onnx::ModelProto model;
  model.set_ir_version(kFormatVersion);
  model.set_producer_name("nasc");
  model.add_opset_import()->set_version(kOnnxOpset);
  onnx::GraphProto& proto = *model.mutable_graph();
  proto.set_name(program.space);
  for (const auto& [key, value] : network.origin) {
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  OnnxGraph graph(proto);
  for (const ProgramParam& param : program.params) {
    const at::Tensor tensor = network.weights.at(param.name).cpu().to(at::kFloat).contiguous();
    graph.Tensor(param.name, param.shape, tensor.data_ptr<float>(), tensor.numel());
  }
  if (absl::Status status = AddSteps(program, graph); !status.ok()) return status;
  for (const ProgramStep& step : program.steps) {
    const std::vector<int64_t>& shape = program.values[step.outputs[0]].shape;
    if (IsInput(step)) DescribeValue(step.name, shape, *proto.add_input());
    if (step.outputs[0] == program.results[0].value) {
      DescribeValue(step.name, shape, *proto.add_output());
    }
  }
  std::string bytes;
  if (!model.SerializeToString(&bytes)) {
    return absl::ResourceExhaustedError("the network is too large for a file of ONNX: 2 GiB");
  }
  return bytes;
}

}  // namespace

absl::Status WriteOnnx(const ExportedNetwork& network, const std::string& path) {
  absl::StatusOr<std::string> model =
      CatchTorch(absl::StrCat("writing ", path), [&] { return Model(network); });
  if (!model.ok()) return model.status();
  return WriteFileAtomically(path, *model);
}

}  // namespace nasc
