#pragma once

#include <c10/util/Exception.h>

#include <exception>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace nasc {

// Runs `body`, which returns a Status or a StatusOr; what LibTorch throws becomes an error that
// says what was being done. LibTorch's stack traces stay out of it.
template <typename Body>
auto CatchTorch(absl::string_view doing, Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const c10::Error& error) {
    return absl::InternalError(absl::StrCat(doing, ": ", error.what_without_backtrace()));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat(doing, ": ", error.what()));
  }
}

}  // namespace nasc
