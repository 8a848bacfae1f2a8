#pragma once

#include <cstdint>
#include <vector>

#include "compiler/ir/graph.h"

namespace nasc {

// Neighbouring channels of a value that one layer made. Wherever a group is met in a network, its
// channels are the same ones in the same order: whoever leaves one out or doubles it does so for
// all that read it.
struct ChannelRun {
  int group = 0;
  int64_t size = 0;    // channels
  int64_t repeat = 1;  // elements a channel: above 1 where an image was flattened
};
using ChannelRuns = std::vector<ChannelRun>;

// What an index of a dimension of a weight stands for.
enum class WeightAxis {
  kOut,     // a channel of the value that the instruction gives
  kIn,      // a channel of its operand
  kWindow,  // a place in the window of a kernel
  kPlain,   // anything else
};

// One an axis of the tensor that an instruction has as its parameter number `param`.
std::vector<WeightAxis> AxesOf(const ir::Instruction& instruction, int param, int dims);

// The groups of channels of a network in which nothing is to be decided.
class Channels {
 public:
  explicit Channels(const ir::Graph& network);

  // The channels of a value, or features of a row, in their order.
  ChannelRuns Of(ir::ValueId value) const;

  // Of the network's input and results, and of what is told apart by its number, such as shuffled
  // channels: none can be doubled or left out.
  bool pinned(int group) const { return groups_[group].pinned; }

 private:
  struct Group {
    int same_as = -1;  // another group that it turned out to be
    int64_t size = 0;
    bool pinned = false;
    std::vector<int> parts;  // where others hold only a part of it
  };

  int NewGroup(int64_t size, bool pinned);
  int Root(int group) const;
  ChannelRuns Flat(const ChannelRuns& runs) const;
  void Pin(const ChannelRuns& runs);
  void Cut(int group, int64_t at);
  // Makes the channels of both the same ones.
  void Unite(const ChannelRuns& a, const ChannelRuns& b);
  ChannelRuns Given(const ir::Graph& network, const ir::Instruction& instruction);

  std::vector<Group> groups_;
  std::vector<ChannelRuns> values_;
};

}  // namespace nasc
