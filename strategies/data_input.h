// A space built for data of another form than its `input` line declares.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compiler/ir/graph.h"
#include "compiler/lower.h"
#include "dsl/space.h"

namespace nasc {

// LowerAt for data of this form. Where the space can take only what it declares, the error says
// what that is, what the data have and how to mend it, before what LowerAt says.
absl::StatusOr<ir::Graph> LowerForData(const Space& space, const std::string& scale,
                                       const InputSpec& data);

}  // namespace nasc
