// A text is checked as `nasc check` does; the supernet of what is right has a text that reads back.
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "compiler/check_file.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/printer.h"
#include "compiler/ir/verifier.h"
#include "compiler/lower.h"
#include "dsl/check.h"
#include "glog/logging.h"
#include "strategies/search_config.h"
#include "tests/fuzz/fuzz_target.h"

namespace nasc {
namespace {

void CheckSupernet(const Space& space) {
  const std::string scale = space.scales.empty() ? "" : space.scales[0]->name.text;
  Diagnostics diagnostics;
  const std::optional<ir::Graph> graph = LowerSpace(space, {scale, std::nullopt}, diagnostics);
  CHECK(graph.has_value()) << diagnostics.Render();
  const std::string text = ir::Print(*graph);
  const absl::StatusOr<ir::Graph> again = ir::ParseGraph(text);
  CHECK(again.ok()) << again.status() << "\n" << text;
  CHECK_EQ(text, ir::Print(*again));
  const absl::Status valid = ir::Verify(*again);
  CHECK(valid.ok()) << valid;
}

void Check(absl::string_view text) {
  SourceOptions options;  // of imports only the standard library can be read
  options.read = [](const std::string&) { return absl::NotFoundError("no such file"); };
  Diagnostics diagnostics;
  const Sources sources =
      LoadSourcesFromText("input.space", std::string(text), diagnostics, options);
  CheckFile(sources, ReadSearch, diagnostics);
  diagnostics.Render();
  if (diagnostics.has_errors()) return;
  if (const std::optional<Space> space = SpaceOf(sources.root()); space.has_value()) {
    CheckSupernet(*space);
  }
}

}  // namespace
}  // namespace nasc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  nasc::Check(nasc::TextOf(data, size));
  return 0;
}
