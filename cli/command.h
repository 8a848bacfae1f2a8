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

// What an action returns that has printed on its own what is wrong.
inline absl::Status AlreadySaid() { return absl::InvalidArgumentError(""); }

Action AddCheck(CLI::App& app);
Action AddFmt(CLI::App& app);
Action AddInfo(CLI::App& app);
Action AddCompile(CLI::App& app);
Action AddDiff(CLI::App& app);
Action AddCompat(CLI::App& app);
Action AddMigrate(CLI::App& app);
Action AddSearch(CLI::App& app);
Action AddRuns(CLI::App& app);
Action AddBenchmark(CLI::App& app);
Action AddCompare(CLI::App& app);
Action AddRace(CLI::App& app);
Action AddFidelities(CLI::App& app);
Action AddTrain(CLI::App& app);
Action AddEval(CLI::App& app);
Action AddExport(CLI::App& app);
Action AddImport(CLI::App& app);
Action AddInherit(CLI::App& app);
Action AddLatency(CLI::App& app);
Action AddOps(CLI::App& app);
Action AddPasses(CLI::App& app);
Action AddExplain(CLI::App& app);
Action AddLsp(CLI::App& app);

}  // namespace nasc
