#include "export/python_module.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "export/python_network.h"
#include "runtime/checkpoint.h"
#include "runtime/run/atomic_file.h"

namespace nasc {
namespace {

constexpr char kModule[] =
    R"("""A network of the space {space} at scale {scale}, in evaluation, exported by nasc.

    network = Network()
    logits = network(inputs)  # {input}{usage}
"""

import json
import os
import struct

import torch
import torch.nn.functional as F

ORIGIN = {origin}

WEIGHTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "{weights}")


def load(path):
    """The tensors of a file in the safetensors format, by name."""
    types = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64}
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    return {name: torch.frombuffer(data, dtype=types[entry["dtype"]], offset=entry["data_offsets"][0],
                                   count=torch.Size(entry["shape"]).numel()).reshape(entry["shape"])
            for name, entry in header.items()}


class Network(torch.nn.Module):

    def __init__(self, weights=WEIGHTS):
        super().__init__()
        tensors = load(weights)
{tensors}
{methods})";

std::string Indented(absl::string_view text) {
  return absl::StrReplaceAll(absl::StrCat("    ", absl::StripSuffix(text, "\n")),
                             {{"\n\n", "\n\n    "}, {"\n", "\n    "}});
}

std::string Constant(const char* name, const std::vector<float>& values) {
  const auto exact = [](std::string* text, float value) {
    absl::StrAppendFormat(text, "%.9g", value);
  };
  return absl::StrCat("        self.register_buffer(\"", name, "\", torch.tensor([",
                      absl::StrJoin(values, ", ", exact),
                      "]).reshape(1, -1, 1, 1), persistent=False)\n");
}

std::string Tensors(const ExportedNetwork& network, const PythonNetwork& python) {
  std::string text;
  for (size_t i = 0; i < network.program.params.size(); ++i) {
    const ProgramParam& param = network.program.params[i];
    const std::string tensor = absl::StrCat("tensors[\"", param.name, "\"]");
    const std::string& name = python.attributes[i];
    absl::StrAppend(&text, "        ",
                    param.role == ir::Param::Role::kWeight
                        ? absl::StrCat("self.", name, " = torch.nn.Parameter(", tensor, ")")
                        : absl::StrCat("self.register_buffer(\"", name, "\", ", tensor, ")"),
                    "\n");
  }
  if (network.images.has_value()) {
    absl::StrAppend(&text, Constant("mean", network.images->normalization.mean),
                    Constant("scale", network.images->normalization.stddev));
  }
  return text;
}

}  // namespace

absl::Status WritePythonModule(const ExportedNetwork& network, const std::string& path) {
  absl::string_view stem = path;
  if (!absl::ConsumeSuffix(&stem, ".py")) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is no name of a Python module: it does not end in .py"));
  }
  absl::StatusOr<PythonNetwork> python = ToPython(network);
  if (!python.ok()) return python.status();
  const std::string weights = absl::StrCat(stem, ".safetensors");
  std::string methods = Indented(python->forward);
  if (!python->preprocess.empty()) {
    absl::StrAppend(&methods, "\n\n", Indented(python->preprocess));
  }
  const std::string origin = OriginJson(network);
  const std::string text = absl::StrReplaceAll(
      kModule,
      {{"{origin}", std::string(absl::StripSuffix(origin, "\n"))},
       {"{space}", network.program.space},
       {"{scale}", network.program.scale},
       {"{input}", python->input},
       {"{usage}", python->preprocess.empty() ? "" : "; network.preprocess makes them of bytes"},
       {"{weights}", weights.substr(weights.find_last_of('/') + 1)},
       {"{tensors}", Tensors(network, *python)},
       {"{methods}", absl::StrCat(methods, "\n")}});
  if (absl::Status status = SaveTensors(weights, network.weights, network.origin); !status.ok()) {
    return status;
  }
  return WriteFileAtomically(path, text);
}

}  // namespace nasc
