#include "compiler/inherit/channels.h"

#include <algorithm>
#include <deque>
#include <string>
#include <unordered_set>
#include <utility>

#include "absl/strings/string_view.h"

namespace nasc {
namespace {

// These give channels of their own.
bool MakesChannels(absl::string_view op) { return op == "conv" || op == "linear"; }

// These give each channel of what they take, or of all that they take together.
bool KeepsChannels(absl::string_view op) {
  static const auto* const kept = new std::unordered_set<std::string>{"depthwise",
                                                                      "bn",
                                                                      "layer_norm",
                                                                      "relu",
                                                                      "relu6",
                                                                      "sigmoid",
                                                                      "tanh",
                                                                      "power",
                                                                      "max_pool",
                                                                      "avg_pool",
                                                                      "global_avg_pool",
                                                                      "adaptive_avg_pool",
                                                                      "shift",
                                                                      "identity",
                                                                      "dropout",
                                                                      "drop_path",
                                                                      "sum",
                                                                      "affine",
                                                                      "multiply"};
  return kept->count(std::string(op)) > 0;
}

int64_t ChannelsOf(const ir::Instruction& instruction) {
  return instruction.type.dims.size() > 1 ? instruction.type.dims[1].value() : 1;
}

int64_t PixelsOf(const ir::Instruction& instruction) {
  int64_t pixels = 1;
  for (size_t i = 2; i < instruction.type.dims.size(); ++i) {
    pixels *= instruction.type.dims[i].value();
  }
  return pixels;
}

}  // namespace

std::vector<WeightAxis> AxesOf(const ir::Instruction& instruction, int param, int dims) {
  using Axis = WeightAxis;
  const std::string& op = instruction.op;
  if (op == "conv" && dims == 4) return {Axis::kOut, Axis::kIn, Axis::kWindow, Axis::kWindow};
  if (op == "depthwise") return {Axis::kOut, Axis::kPlain, Axis::kWindow, Axis::kWindow};
  if (op == "linear" && dims == 2) return {Axis::kOut, Axis::kIn};
  const bool offset = MakesChannels(op) && param == 1;
  if (offset || op == "bn" || op == "layer_norm") return {Axis::kOut};
  return std::vector<Axis>(dims, Axis::kPlain);
}

Channels::Channels(const ir::Graph& network) {
  values_.reserve(network.instructions.size());
  for (const ir::Instruction& instruction : network.instructions) {
    values_.push_back(Given(network, instruction));
  }
  for (const ir::Result& result : network.results) Pin(values_[result.value]);
}

ChannelRuns Channels::Of(ir::ValueId value) const { return Flat(values_[value]); }

int Channels::NewGroup(int64_t size, bool pinned) {
  groups_.push_back({-1, size, pinned, {}});
  return static_cast<int>(groups_.size()) - 1;
}

int Channels::Root(int group) const {
  while (groups_[group].same_as >= 0) group = groups_[group].same_as;
  return group;
}

ChannelRuns Channels::Flat(const ChannelRuns& runs) const {
  ChannelRuns flat;
  std::deque<ChannelRun> rest(runs.begin(), runs.end());
  while (!rest.empty()) {
    ChannelRun run = rest.front();
    rest.pop_front();
    run.group = Root(run.group);
    const std::vector<int>& parts = groups_[run.group].parts;
    if (parts.empty()) {
      flat.push_back(run);
      continue;
    }
    for (size_t i = parts.size(); i-- > 0;) {
      rest.push_front({parts[i], groups_[parts[i]].size, run.repeat});
    }
  }
  return flat;
}

void Channels::Pin(const ChannelRuns& runs) {
  for (const ChannelRun& run : Flat(runs)) groups_[run.group].pinned = true;
}

void Channels::Cut(int group, int64_t at) {
  const int64_t size = groups_[group].size;
  const bool pinned = groups_[group].pinned;
  const int first = NewGroup(at, pinned);
  const int second = NewGroup(size - at, pinned);
  groups_[group].parts = {first, second};
}

void Channels::Unite(const ChannelRuns& a, const ChannelRuns& b) {
  ChannelRuns left = Flat(a);
  ChannelRuns right = Flat(b);
  while (!left.empty() && !right.empty()) {
    const ChannelRun l = left.front();
    const ChannelRun r = right.front();
    if (l.group == r.group) {
      left.erase(left.begin());
      right.erase(right.begin());
    } else if (l.repeat != r.repeat) {
      // Rows of unlike origin: which element is of which channel is not the same in both.
      Pin(left);
      Pin(right);
      return;
    } else if (l.size == r.size) {
      groups_[l.group].pinned = groups_[l.group].pinned || groups_[r.group].pinned;
      groups_[r.group].same_as = l.group;
    } else {
      Cut(l.size > r.size ? l.group : r.group, std::min(l.size, r.size));
    }
    left = Flat(left);
    right = Flat(right);
  }
}

ChannelRuns Channels::Given(const ir::Graph& network, const ir::Instruction& instruction) {
  const std::string& op = instruction.op;
  const int64_t channels = ChannelsOf(instruction);
  if (MakesChannels(op)) return {{NewGroup(channels, /*pinned=*/false), channels}};
  if (KeepsChannels(op)) {
    const ChannelRuns& first = values_[instruction.operands[0]];
    for (size_t i = 1; i < instruction.operands.size(); ++i) {
      Unite(first, values_[instruction.operands[i]]);
    }
    return first;
  }
  if (op == "concat") {
    ChannelRuns all;
    for (const ir::ValueId operand : instruction.operands) {
      all.insert(all.end(), values_[operand].begin(), values_[operand].end());
    }
    return all;
  }
  if (op == "flatten") {
    ChannelRuns rows = Flat(values_[instruction.operands[0]]);
    for (ChannelRun& run : rows) {
      run.repeat *= PixelsOf(network.instruction(instruction.operands[0]));
    }
    return rows;
  }
  if (op == "none") return {{NewGroup(channels, /*pinned=*/false), channels}};
  // Inputs, and what picks channels by their number.
  for (const ir::ValueId operand : instruction.operands) Pin(values_[operand]);
  return {{NewGroup(channels, /*pinned=*/true), channels}};
}

}  // namespace nasc
