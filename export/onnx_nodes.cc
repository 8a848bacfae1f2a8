#include "export/onnx_nodes.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace nasc {
namespace {

using Attributes = std::vector<OnnxGraph::Attribute>;

int64_t Whole(const OnnxStep& step, const char* name) { return nasc::Whole(step.step, name); }

// The name of a value that the step makes on its way.
std::string Inner(const OnnxStep& step, const char* what) {
  return absl::StrCat(step.step.name, "/", what);
}

// The weight of that name, or the same number for each channel where the step has none.
std::string ParamOr(const OnnxStep& step, const char* name, float number, OnnxGraph& graph) {
  const auto found = step.params.find(name);
  if (found != step.params.end()) return found->second;
  const int64_t channels = step.shape[1];
  return graph.Constant(Inner(step, name), {channels}, std::vector<float>(channels, number));
}

// That of the step, "" where it has none.
std::string Param(const OnnxStep& step, const char* name) {
  const auto found = step.params.find(name);
  return found == step.params.end() ? "" : found->second;
}

void Convolve(const OnnxStep& step, std::vector<int64_t> kernel, std::vector<int64_t> padding,
              int64_t groups, OnnxGraph& graph) {
  const int64_t stride = Whole(step, "stride");
  const int64_t dilation = Whole(step, "dilation");
  std::vector<std::string> inputs = {step.inputs[0], Param(step, "weight")};
  if (const std::string bias = Param(step, "bias"); !bias.empty()) inputs.push_back(bias);
  graph.Node("Conv", inputs, step.step.name,
             {{"kernel_shape", std::move(kernel)},
              {"strides", {stride, stride}},
              {"dilations", {dilation, dilation}},
              {"pads", {padding[0], padding[1], padding[0], padding[1]}},
              {"group", {groups}, false}});
}

void Conv(const OnnxStep& step, OnnxGraph& graph) {
  Convolve(step, {Whole(step, "kernel"), Whole(step, "kernel_width")},
           {Whole(step, "padding"), Whole(step, "padding_width")}, /*groups=*/1, graph);
}

void Depthwise(const OnnxStep& step, OnnxGraph& graph) {
  const int64_t kernel = Whole(step, "kernel");
  const int64_t padding = Whole(step, "padding");
  Convolve(step, {kernel, kernel}, {padding, padding}, /*groups=*/step.shape[1], graph);
}

void Linear(const OnnxStep& step, OnnxGraph& graph) {
  std::vector<std::string> inputs = {
      graph.Node("Flatten", {step.inputs[0]}, Inner(step, "row"), {{"axis", {1}, false}}),
      Param(step, "weight")};
  if (const std::string bias = Param(step, "bias"); !bias.empty()) inputs.push_back(bias);
  graph.Node("Gemm", inputs, step.step.name, {{"transB", {1}, false}});
}

// Its epsilon of 1e-5 is ONNX's default, as that of LayerNormalization.
void BatchNorm(const OnnxStep& step, OnnxGraph& graph) {
  graph.Node("BatchNormalization",
             {step.inputs[0], ParamOr(step, "weight", 1, graph), ParamOr(step, "bias", 0, graph),
              Param(step, "running_mean"), Param(step, "running_var")},
             step.step.name);
}

void LayerNorm(const OnnxStep& step, OnnxGraph& graph) {
  const std::string scale = ParamOr(step, "weight", 1, graph);
  const std::string offset = ParamOr(step, "bias", 0, graph);
  if (step.shape.size() == 2) {
    graph.Node("LayerNormalization", {step.inputs[0], scale, offset}, step.step.name);
    return;
  }
  const std::string pixels =
      graph.Node("Transpose", {step.inputs[0]}, Inner(step, "pixels"), {{"perm", {0, 2, 3, 1}}});
  const std::string normal =
      graph.Node("LayerNormalization", {pixels, scale, offset}, Inner(step, "normal"));
  graph.Node("Transpose", {normal}, step.step.name, {{"perm", {0, 3, 1, 2}}});
}

void Relu6(const OnnxStep& step, OnnxGraph& graph) {
  graph.Node("Clip",
             {step.inputs[0], graph.Constant(Inner(step, "least"), {}, {0}),
              graph.Constant(Inner(step, "greatest"), {}, {6})},
             step.step.name);
}

void Power(const OnnxStep& step, OnnxGraph& graph) {
  const auto exponent = static_cast<float>(Whole(step, "exponent"));
  graph.Node("Pow", {step.inputs[0], graph.Constant(Inner(step, "exponent"), {}, {exponent})},
             step.step.name);
}

Attributes Window(const OnnxStep& step) {
  const int64_t kernel = Whole(step, "kernel");
  const int64_t stride = Whole(step, "stride");
  const int64_t padding = Whole(step, "padding");
  return {{"kernel_shape", {kernel, kernel}},
          {"strides", {stride, stride}},
          {"pads", {padding, padding, padding, padding}}};
}

void MaxPool(const OnnxStep& step, OnnxGraph& graph) {
  graph.Node("MaxPool", {step.inputs[0]}, step.step.name, Window(step));
}

void AvgPool(const OnnxStep& step, OnnxGraph& graph) {
  Attributes attributes = Window(step);
  attributes.push_back({"count_include_pad", {0}, false});
  graph.Node("AveragePool", {step.inputs[0]}, step.step.name, attributes);
}

// [windows, size]: the mean of each window of adaptive pooling, of a row of pixels.
std::vector<float> WindowMeans(int64_t windows, int64_t size, bool transposed) {
  std::vector<float> means(windows * size, 0);
  for (int64_t i = 0; i < windows; ++i) {
    const int64_t begin = i * size / windows;
    const int64_t end = ((i + 1) * size + windows - 1) / windows;
    for (int64_t j = begin; j < end; ++j) {
      means[transposed ? j * windows + i : i * size + j] = 1.0f / static_cast<float>(end - begin);
    }
  }
  return means;
}

// ONNX has no adaptive pooling; its windows are products of those of rows and of columns.
void AdaptiveAvgPool(const OnnxStep& step, OnnxGraph& graph) {
  const int64_t size = Whole(step, "size");
  const int64_t height = step.input_shape[2];
  const int64_t width = step.input_shape[3];
  const std::string rows =
      graph.Constant(Inner(step, "row_means"), {size, height}, WindowMeans(size, height, false));
  const std::string columns =
      graph.Constant(Inner(step, "column_means"), {width, size}, WindowMeans(size, width, true));
  const std::string pooled = graph.Node("MatMul", {rows, step.inputs[0]}, Inner(step, "rows"));
  graph.Node("MatMul", {pooled, columns}, step.step.name);
}

// Negative padding takes pixels away.
void Shift(const OnnxStep& step, OnnxGraph& graph) {
  const int64_t rows = Whole(step, "rows");
  const int64_t columns = Whole(step, "columns");
  const std::string pads =
      graph.Constant(Inner(step, "pads"), {0, 0, -rows, -columns, 0, 0, rows, columns});
  graph.Node("Pad", {step.inputs[0], pads}, step.step.name);
}

void Narrow(const OnnxStep& step, int64_t first, int64_t count, OnnxGraph& graph) {
  graph.Node("Slice",
             {step.inputs[0], graph.Constant(Inner(step, "first"), {first}),
              graph.Constant(Inner(step, "end"), {first + count}),
              graph.Constant(Inner(step, "axis"), {1})},
             step.step.name);
}

void Slice(const OnnxStep& step, OnnxGraph& graph) {
  Narrow(step, Whole(step, "first"), Whole(step, "channels"), graph);
}

void Column(const OnnxStep& step, OnnxGraph& graph) {
  Narrow(step, Whole(step, "index"), 1, graph);
}

void ChannelShuffle(const OnnxStep& step, OnnxGraph& graph) {
  const int64_t groups = Whole(step, "groups");
  const int64_t channels = step.shape[1];
  const int64_t height = step.shape[2];
  const int64_t width = step.shape[3];
  // A size of 0 is that of the input: the batch.
  const std::string apart =
      graph.Constant(Inner(step, "apart"), {0, groups, channels / groups, height, width});
  const std::string joined = graph.Constant(Inner(step, "joined"), {0, channels, height, width});
  const std::string grouped =
      graph.Node("Reshape", {step.inputs[0], apart}, Inner(step, "grouped"));
  const std::string turned =
      graph.Node("Transpose", {grouped}, Inner(step, "turned"), {{"perm", {0, 2, 1, 3, 4}}});
  graph.Node("Reshape", {turned, joined}, step.step.name);
}

void None(const OnnxStep& step, OnnxGraph& graph) {
  const std::string batch = graph.Node("Shape", {step.inputs[0]}, Inner(step, "batch"),
                                       {{"start", {0}, false}, {"end", {1}, false}});
  const std::string sizes =
      graph.Constant(Inner(step, "sizes"), {step.shape.begin() + 1, step.shape.end()});
  const std::string shape =
      graph.Node("Concat", {batch, sizes}, Inner(step, "shape"), {{"axis", {0}, false}});
  graph.Node("ConstantOfShape", {shape}, step.step.name);
}

void Affine(const OnnxStep& step, OnnxGraph& graph) {
  std::vector<std::string> terms = {Param(step, "bias")};
  for (size_t i = 0; i < step.inputs.size(); ++i) {
    const std::string at = absl::StrCat(step.step.name, "/", i);
    const std::string index = graph.Constant(absl::StrCat(at, "/index"), {static_cast<int64_t>(i)});
    const std::string weight =
        graph.Node("Gather", {Param(step, "weight"), index}, absl::StrCat(at, "/weight"));
    terms.push_back(graph.Node("Mul", {step.inputs[i], weight}, absl::StrCat(at, "/term")));
  }
  graph.Node("Sum", terms, step.step.name);
}

void Multiply(const OnnxStep& step, OnnxGraph& graph) {
  std::string product = step.inputs[0];
  for (size_t i = 1; i < step.inputs.size(); ++i) {
    const bool last = i + 1 == step.inputs.size();
    product = graph.Node("Mul", {product, step.inputs[i]},
                         last ? step.step.name : absl::StrCat(step.step.name, "/", i));
  }
  if (step.inputs.size() == 1) graph.Node("Identity", {product}, step.step.name);
}

void Concat(const OnnxStep& step, OnnxGraph& graph) {
  graph.Node("Concat", step.inputs, step.step.name, {{"axis", {1}, false}});
}

// The operator of ONNX that is just the primitive, or what adds its nodes.
struct Form {
  const char* op = nullptr;
  OnnxRegistration::Add add = nullptr;
};
std::map<std::string, Form>& Forms() {
  static auto* const forms = new std::map<std::string, Form>{
      {"conv", {nullptr, Conv}},
      {"depthwise", {nullptr, Depthwise}},
      {"linear", {nullptr, Linear}},
      {"bn", {nullptr, BatchNorm}},
      {"layer_norm", {nullptr, LayerNorm}},
      {"relu", {"Relu"}},
      {"relu6", {nullptr, Relu6}},
      {"sigmoid", {"Sigmoid"}},
      {"tanh", {"Tanh"}},
      {"power", {nullptr, Power}},
      {"max_pool", {nullptr, MaxPool}},
      {"avg_pool", {nullptr, AvgPool}},
      {"global_avg_pool", {"GlobalAveragePool"}},
      {"adaptive_avg_pool", {nullptr, AdaptiveAvgPool}},
      {"shift", {nullptr, Shift}},
      {"slice", {nullptr, Slice}},
      {"channel_shuffle", {nullptr, ChannelShuffle}},
      {"flatten", {"Flatten"}},  // from axis 1 on, by default
      {"column", {nullptr, Column}},
      {"identity", {"Identity"}},
      {"none", {nullptr, None}},
      {"dropout", {"Identity"}},    // random in training only
      {"drop_path", {"Identity"}},  // random in training only
      {"sum", {"Sum"}},
      {"affine", {nullptr, Affine}},
      {"multiply", {nullptr, Multiply}},
      {"concat", {nullptr, Concat}},
  };
  return *forms;
}

}  // namespace

OnnxRegistration::OnnxRegistration(const std::string& op, Add add) {
  CHECK(Forms().emplace(op, Form{nullptr, add}).second) << "two forms in ONNX of " << op;
}

absl::Status AddOnnxNodes(const OnnxStep& step, OnnxGraph& graph) {
  const auto form = Forms().find(step.step.op);
  if (form == Forms().end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(step.step.name, ": no form in ONNX of '", step.step.op, "'"));
  }
  if (form->second.add != nullptr) {
    form->second.add(step, graph);
  } else {
    graph.Node(form->second.op, step.inputs, step.step.name);
  }
  return absl::OkStatus();
}

}  // namespace nasc
