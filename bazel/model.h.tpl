// Made by nas_model.
#pragma once

#include "absl/status/statusor.h"
#include "runtime/model.h"

namespace {namespace} {

// The network with its weights, which are part of the program.
absl::StatusOr<nasc::Model> Load();

}  // namespace {namespace}
