#include "cli/format.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"

namespace nasc {

std::string Grouped(absl::string_view digits) {
  std::string grouped(digits);
  if (!absl::c_all_of(digits, [](char c) { return absl::ascii_isdigit(c); })) return grouped;
  for (int place = static_cast<int>(grouped.size()) - 3; place > 0; place -= 3) {
    grouped.insert(place, ",");
  }
  return grouped;
}

}  // namespace nasc
