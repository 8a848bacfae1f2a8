#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace nasc {

// "1930618" as "1,930,618"; what is no number stays as it is.
std::string Grouped(absl::string_view digits);

}  // namespace nasc
