#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/architecture.h"
#include "compiler/cost.h"
#include "compiler/ir/graph.h"
#include "runtime/training.h"
#include "strategies/evaluate/evaluator.h"
#include "strategies/inherit/donor.h"
#include "strategies/run_context.h"

namespace nasc {

// What a network inherits.
struct Legacy {
  const Donor& donor;
  std::string classes;             // of the data to train on: see Heir
  std::vector<std::string> fresh;  // names of what starts fresh all the same
};

// A training of one architecture on its own.
struct TrainingRequest {
  const ir::Graph& supernet;  // at the scale to train at
  const Architecture& architecture;
  const Task& task;
  TrainSettings settings;
  Task::Part judge;    // what the trained network is evaluated on
  std::string label;   // in progress and metrics: "derived", "trial 3"
  std::string folder;  // of the run, for the architecture and the weights; "" keeps neither
  const WeightValues* weights = nullptr;  // where they are known: nothing is trained
  const Legacy* legacy = nullptr;         // what the first weights come from; nullptr: the seed
};

struct TrainedNetwork {
  Score score;
  Cost cost;             // without the auxiliary head
  NamedTensors tensors;  // weights and buffers by name
  NamedTensors momenta;  // of its training, by weight
};

// Trains and evaluates. Into the folder it writes, after every epoch and where it is stopped, all
// that the training goes on from (kTrainingFile); called with such a folder again, it goes on, cuts
// the metrics back to that moment, and ends with the same bits. A network that is done there is
// only evaluated. Stopped by the user, it saves the weights so far as well and returns Cancelled.
// OutOfRange where the training diverged. Without `run` nothing is written or shown.
absl::StatusOr<TrainedNetwork> TrainArchitecture(const TrainingRequest& request,
                                                 const RunContext* run);

// Puts weights that are known into a store, of which no network was made before. Error: those of
// the program are not all there, or one has another number of elements.
absl::Status PutWeights(const Program& program, const WeightValues& weights, ParameterStore& store);

// The program of an architecture without what only training needs.
absl::StatusOr<Program> InferenceProgram(const ir::Graph& supernet,
                                         const Architecture& architecture);

// The file of a trained network in its folder, beside kArchitectureFile.
inline constexpr char kWeightsFile[] = "weights.safetensors";

// "loss 1.204  accuracy 0.612"; of a regression "loss 1.204  r2 0.612"
std::string ScoreText(const Score& score);

}  // namespace nasc
