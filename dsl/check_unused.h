#pragma once

#include "dsl/check_context.h"

namespace nasc {

// Warns about what the file of a space defines and nothing in it uses.
void CheckUnused(CheckContext& context);

}  // namespace nasc
