#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "export/exported_network.h"

namespace nasc {

// The methods of a network in the Python that both torch and TorchScript read.
struct PythonNetwork {
  std::vector<std::string> attributes;  // of `self`, by the parameters of the program
  std::string forward;                  // "def forward(self, image): ...", lines not indented
  std::string preprocess;               // from bytes; "" for rows of numbers
  std::string input;                    // what the network takes, in words
};

absl::StatusOr<PythonNetwork> ToPython(const ExportedNetwork& network);

}  // namespace nasc
