#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

// What libFuzzer calls with every input, and `replay` with every file of a corpus. A fault ends the
// process.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace nasc {

inline absl::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace nasc
