#pragma once

#include "dsl/diagnostics.h"
#include "runtime/run/json.h"

namespace nasc {

// The diagnostics in the order of Sorted(), each an object of the fields
//
//   code, severity ("error", "warning"), message, file, line, column, end_column, notes, fix
//
// Lines and columns count from 1, columns in code points; end_column is the first one behind the
// place. A place that is not known is null in these four fields. A note has message and place;
// `fix` is null where none is known.
JsonList ToJson(const Diagnostics& diagnostics);

}  // namespace nasc
