#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "compiler/program/differentiate.h"
#include "compiler/program/program.h"

namespace nasc {

// A rewrite of lowered programs, before they are differentiated, that changes no result.
struct Pass {
  std::string name;
  std::string doc;        // one line
  bool (*run)(Program&);  // whether anything changed
};

// All of them, in the order in which they run.
const std::vector<Pass>& Passes();

// The passes of a list of names, "all" or "none"; names are joined by commas. They run in the order
// of Passes(). Error: a name that is unknown.
absl::StatusOr<std::vector<const Pass*>> PassesNamed(absl::string_view names);

struct StepOptions {
  bool training = true;
  StepGoal goal;  // of training
  std::vector<const Pass*> passes;
  bool recompute = false;  // see RecomputeSegments
};

// From the forward program of a graph to what runs: lowered, rewritten by the passes, with a
// backward part where the goal asks for gradients. After each pass the program is verified.
Program CompileStep(Program program, const StepOptions& options);

// Error: a step that reads what is not there yet, a value made twice, an operation that nothing
// knows. What it says is for us: no user can make such a program.
absl::Status VerifyProgram(const Program& program);

}  // namespace nasc
