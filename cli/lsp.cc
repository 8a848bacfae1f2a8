#include <csignal>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "cli/command.h"
#include "lsp/server.h"
#include "runtime/data/dataset.h"
#include "runtime/training_options.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/evaluate/latency_options.h"
#include "strategies/registry.h"
#include "strategies/schedule/scheduler.h"
#include "strategies/search_config.h"

namespace nasc {
namespace {

std::vector<lsp::SearchPart> SearchParts() {
  std::vector<lsp::SearchPart> parts;
  for (DatasetInfo& data : KnownDatasets()) {
    parts.push_back({"data", data.name, data.doc, std::move(data.options)});
  }
  for (const StrategyInfo* strategy : KnownStrategies()) {
    parts.push_back({"strategy", strategy->name, strategy->doc, strategy->options});
  }
  for (const SchedulerInfo* scheduler : KnownSchedulers()) {
    parts.push_back({"schedule", scheduler->name, scheduler->doc, scheduler->options});
  }
  for (const EvaluatorInfo* evaluator : KnownEvaluators()) {
    parts.push_back({"evaluate", evaluator->name, evaluator->doc, EvaluateOptionSpecs(*evaluator)});
  }
  parts.push_back({"fidelity", "", "", FidelityOptionSpecs()});
  parts.push_back({"latency", "", "", LatencyOptionSpecs()});
  parts.push_back({"train", "sgd", "stochastic gradient descent", SgdOptionSpecs()});
  parts.push_back({"final", "", "", FinalOptionSpecs()});
  return parts;
}

}  // namespace

Action AddLsp(CLI::App& app) {
  // What clients give to every server.
  app.add_flag("--stdio", "the only way to talk there is, so it need not be said");
  return []() -> absl::Status {
    // Nothing has to be finished here: a signal ends the server, as editors expect.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    return lsp::Serve(std::cin, std::cout, {ReadSearch, SearchParts()});
  };
}

}  // namespace nasc
