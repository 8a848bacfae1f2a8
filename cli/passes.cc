#include <cstdio>

#include "CLI/CLI.hpp"
#include "cli/command.h"
#include "compiler/passes/pass.h"

namespace nasc {

Action AddPasses(CLI::App&) {
  return []() -> absl::Status {
    for (const Pass& pass : Passes()) {
      std::printf("%-16s %s\n", pass.name.c_str(), pass.doc.c_str());
    }
    return absl::OkStatus();
  };
}

}  // namespace nasc
