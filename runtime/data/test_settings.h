// Settings as a `.space` file writes them, for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "dsl/diagnostics.h"
#include "dsl/options.h"
#include "dsl/parse.h"
#include "gtest/gtest.h"

namespace nasc {

// The values of a table of options: `settings` as in "crop = 0 flip = off", the rest by default.
inline Options ReadSettings(const std::vector<OptionSpec>& specs, const std::string& settings) {
  Diagnostics diagnostics;
  const ast::File file =
      ParseSpace(std::make_shared<const SourceFile>(
                     "test.space", absl::StrCat("search s {\n data d { ", settings, " }\n}\n")),
                 diagnostics);
  EXPECT_TRUE(file.searches.size() == 1 && file.searches[0].data.has_value()) << settings;
  Options options = ReadOptions("test", specs, file.searches.at(0).data->config, diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  return options;
}

}  // namespace nasc
