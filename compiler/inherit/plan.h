#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "compiler/inherit/match_names.h"
#include "compiler/ir/graph.h"

namespace nasc {

// Neighbouring channels along one dimension of a weight, and the donor's that they come from. Equal
// numbers are copied. Of more than the donor has, channel i is a copy of channel i mod n
// (Net2WiderNet: Chen, Goodfellow and Shlens, ICLR 2016, section 2.2); who reads them shares its
// weights out between the copies. Of fewer, those of the greatest norm stay (see Selection).
struct InheritedRun {
  int64_t to = 0;  // elements, as all numbers here but `repeat`
  int64_t size = 0;
  int64_t from = 0;
  int64_t donor_size = 0;
  int64_t repeat = 1;  // elements a channel
  int selection = -1;  // of InheritPlan::selections, where there are fewer than the donor has
};

struct InheritedAxis {
  enum class Kind {
    kAll,       // every index of the donor's
    kChannels,  // `runs`; what is in none is new
    kWindow,    // the middle: cropped, or with zeros around it
  };
  Kind kind = Kind::kAll;
  std::vector<InheritedRun> runs;
  // Of what a layer reads: copies share weights, and what is new is read with weight zero, so that
  // it changes nothing at first.
  bool reads = false;
  // Channels that layers of both networks group in unlike ways were laid out by their numbers: what
  // is copied is not what others copy.
  bool loose = false;
};

struct InheritedWeight {
  enum class Rule {
    kDonor,     // of `donor`, along `axes`
    kIdentity,  // a layer that the donor has not, which gives what it takes (Net2DeeperNet)
    kZero,      // a branch that the donor has not, which adds nothing
    kFresh,     // as in a network without a donor
  };
  std::string name;
  std::vector<int64_t> shape;
  ir::Param::Role role = ir::Param::Role::kWeight;
  Rule rule = Rule::kFresh;
  std::string donor;  // kDonor
  std::vector<int64_t> donor_shape;
  NameRule match = NameRule::kSame;
  std::vector<InheritedAxis> axes;  // kDonor: one a dimension
  std::string reason;               // kFresh: why
};

// Which channels of a group stay: the `keep` of the greatest L1 norm over all weights that make
// them (Li et al., ICLR 2017, section 3.1), in their order.
struct Selection {
  struct Maker {
    std::string donor;
    int64_t from = 0;  // along the first dimension
  };
  int64_t channels = 0;
  int64_t keep = 0;
  std::vector<Maker> makers;
};

struct InheritPlan {
  std::vector<InheritedWeight> weights;  // one a weight or buffer of the child, in its order
  std::vector<Selection> selections;
  // Whether the child computes what the donor computes, in evaluation: proved from the two graphs.
  bool preserves = false;
};

struct InheritOptions {
  std::set<std::string> operations;  // see MatchOptions
  // What begins with one of these names ("head", "stage2.cell0") starts fresh.
  std::vector<std::string> fresh;
  bool other_classes = false;  // what makes the results starts fresh as well
};

// How a network takes over what another one learnt. Both graphs are of one architecture each (see
// Fix), the same or another one, at the same scale or another one, for the same data or other data.
// Layers and cells that the donor has not are grown into it as identities where the child then
// computes what the donor does; otherwise they inherit from the nearest ones.
InheritPlan PlanInheritance(const ir::Graph& child, const ir::Graph& donor,
                            const InheritOptions& options);

// The names of the options of all choices between operations, for InheritOptions.
std::set<std::string> OperationsOf(const std::vector<ir::Decision>& decisions);

}  // namespace nasc
