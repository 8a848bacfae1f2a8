#include "export/python_expressions.h"

#include <array>
#include <map>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "glog/logging.h"

namespace nasc {
namespace {

// What stands in braces is an attribute, a weight (None where the step has not got it), a size of
// the output (channels, height, width; sizes: all but the batch), or made of the inputs: x is the
// first, inputs are all, sum and product join them, terms are weights times inputs. Functions are
// those whose arguments are the same in Python and in TorchScript.
std::map<std::string, std::string>& Expressions() {
  static auto* const expressions = new std::map<std::string, std::string>{
      {"conv",
       "F.conv2d({x}, {weight}, {bias}, [{stride}, {stride}], [{padding}, {padding_width}], "
       "[{dilation}, {dilation}])"},
      {"depthwise",
       "F.conv2d({x}, {weight}, None, [{stride}, {stride}], [{padding}, {padding}], "
       "[{dilation}, {dilation}], {channels})"},
      {"linear", "F.linear(torch.flatten({x}, 1), {weight}, {bias})"},
      {"bn",
       "torch.batch_norm({x}, {weight}, {bias}, {running_mean}, {running_var}, False, 0.1, 1e-5, "
       "False)"},
      {"layer_norm",
       "F.layer_norm({x}.movedim(1, -1), [{channels}], {weight}, {bias}, 1e-5).movedim(-1, 1)"},
      {"relu", "torch.relu({x})"},
      {"relu6", "torch.clamp({x}, 0, 6)"},
      {"sigmoid", "torch.sigmoid({x})"},
      {"tanh", "torch.tanh({x})"},
      {"power", "torch.pow({x}, {exponent})"},
      {"max_pool",
       "F.max_pool2d({x}, [{kernel}, {kernel}], [{stride}, {stride}], [{padding}, {padding}])"},
      {"avg_pool",
       "F.avg_pool2d({x}, [{kernel}, {kernel}], [{stride}, {stride}], [{padding}, {padding}], "
       "False, False)"},
      {"global_avg_pool", "torch.mean({x}, [2, 3], True)"},
      {"adaptive_avg_pool", "F.adaptive_avg_pool2d({x}, [{size}, {size}])"},
      {"shift", "F.pad({x}[:, :, {rows}:, {columns}:], [0, {columns}, 0, {rows}])"},
      {"slice", "torch.narrow({x}, 1, {first}, {channels})"},
      {"channel_shuffle", "torch.channel_shuffle({x}, {groups})"},
      {"flatten", "torch.flatten({x}, 1)"},
      {"column", "torch.narrow({x}, 1, {index}, 1)"},
      {"identity", "{x}"},
      {"none", "{x}.new_zeros([{x}.size(0), {sizes}])"},
      {"dropout", "{x}"},    // random in training only
      {"drop_path", "{x}"},  // random in training only
      {"sum", "{sum}"},
      {"affine", "{bias} + {terms}"},
      {"multiply", "{product}"},
      {"concat", "torch.cat([{inputs}], 1)"},
  };
  return *expressions;
}

}  // namespace

PythonRegistration::PythonRegistration(const std::string& op, const std::string& expression) {
  CHECK(Expressions().emplace(op, expression).second) << "two forms in Python of " << op;
}

absl::StatusOr<std::string> PythonExpression(const PythonStep& python) {
  const ProgramStep& step = python.step;
  const auto expression = Expressions().find(step.op);
  if (expression == Expressions().end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(step.name, ": no form in Python of '", step.op, "'"));
  }
  std::map<std::string, std::string> words;
  for (const auto& [name, value] : step.attributes) {
    words[name] = std::visit([](auto number) { return absl::StrCat(number); }, value);
  }
  // The attribute `bias` says whether there is the weight of that name.
  for (const char* name : {"weight", "bias", "running_mean", "running_var"}) words[name] = "None";
  for (const auto& [name, text] : python.params) words[name] = text;
  const std::array<const char*, 3> sizes = {"channels", "height", "width"};
  for (size_t i = 1; i < python.shape.size() && i <= sizes.size(); ++i) {
    words[sizes[i - 1]] = absl::StrCat(python.shape[i]);
  }
  words["sizes"] = absl::StrJoin(python.shape.begin() + 1, python.shape.end(), ", ");
  words["x"] = python.inputs.front();
  words["inputs"] = absl::StrJoin(python.inputs, ", ");
  words["sum"] = absl::StrJoin(python.inputs, " + ");
  words["product"] = absl::StrJoin(python.inputs, " * ");
  std::vector<std::string> terms;
  for (size_t i = 0; i < python.inputs.size(); ++i) {
    terms.push_back(absl::StrCat(python.inputs[i], " * ", words["weight"], "[", i, "]"));
  }
  words["terms"] = absl::StrJoin(terms, " + ");
  std::vector<std::pair<std::string, std::string>> replacements;
  for (const auto& [name, text] : words) {
    replacements.emplace_back(absl::StrCat("{", name, "}"), text);
  }
  return absl::StrReplaceAll(expression->second, replacements);
}

}  // namespace nasc
