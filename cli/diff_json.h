#pragma once

#include "compiler/versions/space_diff.h"
#include "runtime/run/json.h"

namespace nasc {

// What differs between two versions of a space, for programs. Numbers of architectures are texts,
// as they may exceed what JSON's numbers hold.
JsonFields DiffJson(const SpaceDiff& diff);

}  // namespace nasc
