// Text of any kind is parsed, and what parses is laid out without a change of its meaning.
#include <memory>
#include <optional>
#include <string>

#include "dsl/ast_printer.h"
#include "dsl/diagnostics.h"
#include "dsl/format.h"
#include "dsl/parse.h"
#include "glog/logging.h"
#include "tests/fuzz/fuzz_target.h"

namespace nasc {
namespace {

std::shared_ptr<const SourceFile> Source(absl::string_view text) {
  return std::make_shared<const SourceFile>("input.space", std::string(text));
}

void ParseAndFormat(absl::string_view text) {
  Diagnostics diagnostics;
  const ast::File file = ParseSpace(Source(text), diagnostics);
  Diagnostics of_format;
  const std::optional<std::string> formatted = FormatSpace(Source(text), of_format);
  diagnostics.Render();
  of_format.Render();
  if (diagnostics.has_errors()) return;
  CHECK(formatted.has_value()) << of_format.Render();

  const ast::File again = ParseSpace(Source(*formatted), diagnostics);
  CHECK(!diagnostics.has_errors()) << diagnostics.Render();
  CHECK_EQ(PrintAst(file), PrintAst(again));
  CHECK_EQ(*formatted, FormatSpace(Source(*formatted), diagnostics).value_or("nothing"));
}

}  // namespace
}  // namespace nasc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  nasc::ParseAndFormat(nasc::TextOf(data, size));
  return 0;
}
