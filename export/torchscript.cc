#include "export/torchscript.h"

#include <ATen/ops/tensor.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/sugared_value.h>

#include <memory>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "export/python_network.h"
#include "runtime/run/atomic_file.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

// Both modules of Python that the methods know are the operators of LibTorch.
struct TorchNames : torch::jit::Resolver {
  std::shared_ptr<torch::jit::SugaredValue> resolveValue(const std::string& name,
                                                         torch::jit::GraphFunction&,
                                                         const torch::jit::SourceRange&) override {
    if (name != "torch" && name != "F") return nullptr;
    return std::make_shared<torch::jit::BuiltinModule>("aten");
  }
};

at::Tensor Channels(const std::vector<float>& values) {
  return at::tensor(values).reshape({1, -1, 1, 1});
}

std::string Script(const ExportedNetwork& network, const PythonNetwork& python) {
  torch::jit::Module module("Network");
  for (size_t i = 0; i < network.program.params.size(); ++i) {
    const ProgramParam& param = network.program.params[i];
    const at::Tensor tensor = network.weights.at(param.name).detach().contiguous();
    if (param.role == ir::Param::Role::kBuffer) {
      module.register_buffer(python.attributes[i], tensor);
    } else {
      module.register_parameter(python.attributes[i], tensor, /*is_buffer=*/false);
    }
  }
  if (network.images.has_value()) {
    module.register_buffer("mean", Channels(network.images->normalization.mean));
    module.register_buffer("scale", Channels(network.images->normalization.stddev));
  }
  module.register_attribute("training", c10::BoolType::get(), false);
  module.define(python.forward, std::make_shared<TorchNames>());
  if (!python.preprocess.empty()) {
    module.define(python.preprocess, std::make_shared<TorchNames>());
  }
  std::ostringstream bytes;
  module.save(bytes, {{"origin.json", OriginJson(network)}});
  return bytes.str();
}

}  // namespace

absl::Status WriteTorchScript(const ExportedNetwork& network, const std::string& path) {
  absl::StatusOr<PythonNetwork> python = ToPython(network);
  if (!python.ok()) return python.status();
  return CatchTorch(absl::StrCat("writing ", path),
                    [&] { return WriteFileAtomically(path, Script(network, *python)); });
}

}  // namespace nasc
