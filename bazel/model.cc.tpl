// Made by nas_model.
#include "{header}"

extern "C" {
extern const char {symbol}_graph[];
extern const char {symbol}_graph_end[];
extern const char {symbol}_weights[];
extern const char {symbol}_weights_end[];
}

namespace {namespace} {

absl::StatusOr<nasc::Model> Load() {
  const auto between = [](const char* begin, const char* end) {
    return absl::string_view(begin, static_cast<size_t>(end - begin));
  };
  return nasc::Model::Load(between({symbol}_graph, {symbol}_graph_end),
                           between({symbol}_weights, {symbol}_weights_end));
}

}  // namespace {namespace}
