// The text of a graph of any kind is read and verified; what is read has a text that reads back.
#include <string>

#include "absl/status/statusor.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/printer.h"
#include "compiler/ir/verifier.h"
#include "glog/logging.h"
#include "tests/fuzz/fuzz_target.h"

namespace nasc {
namespace {

void ReadAndVerify(absl::string_view text) {
  const absl::StatusOr<ir::Graph> graph = ir::ParseGraph(text);
  if (!graph.ok()) return;
  const absl::Status valid = ir::Verify(*graph);
  if (!valid.ok()) return;
  const std::string printed = ir::Print(*graph);
  const absl::StatusOr<ir::Graph> again = ir::ParseGraph(printed);
  CHECK(again.ok()) << again.status() << "\n" << printed;
  CHECK_EQ(printed, ir::Print(*again));
  CHECK(ir::Verify(*again).ok()) << ir::Verify(*again);
}

}  // namespace
}  // namespace nasc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  nasc::ReadAndVerify(nasc::TextOf(data, size));
  return 0;
}
