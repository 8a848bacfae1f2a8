#pragma once

#include "dsl/check_context.h"
#include "dsl/check_number.h"
#include "dsl/scope.h"

namespace nasc {

// Checks what a file requires of its architectures: the names in it that are not paths of
// decisions, which only the compiler knows, and the scale.
void CheckRequirements(const Scope& scope, NumberChecker& numbers, CheckContext& context);

}  // namespace nasc
