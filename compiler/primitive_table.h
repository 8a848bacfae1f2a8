#pragma once

#include <vector>

#include "compiler/primitives.h"

namespace nasc {

// The primitives that come with nasc.
std::vector<Primitive> BuiltInPrimitives();

}  // namespace nasc
