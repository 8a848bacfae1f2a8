#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace CLI {
class App;
}

namespace nasc {

// A subcommand: `add` declares its flags on the parser and returns what runs once they are read.
using Action = std::function<absl::Status()>;

Action AddCheck(CLI::App& app);
Action AddInfo(CLI::App& app);
Action AddCompile(CLI::App& app);
Action AddSearch(CLI::App& app);
Action AddTrain(CLI::App& app);
Action AddEval(CLI::App& app);

}  // namespace nasc
