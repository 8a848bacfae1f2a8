#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace nasc {

// Who a weight inherits from, by names alone. Rules in the order in which they are tried.
enum class NameRule {
  kSame,            // the same name
  kOtherCell,       // another cell of the stage, another step of the repetition
  kOtherOperation,  // the same place, an operation of the same form: another kernel, another width
  kOtherPlace,      // the same operation elsewhere, as near as can be
};

struct NameMatch {
  std::string donor;
  NameRule rule = NameRule::kSame;
};

struct MatchOptions {
  // Names of candidate operations: "stage0.cell1.normal.n0.prev.sep_conv_3x3.conv1.weight" is of
  // the operation sep_conv_3x3 at the place before it.
  std::set<std::string> operations;
  // Where a stage or a repetition has another number of cells or steps: number i of n inherits from
  // number floor((i + 1/2) m / n) of m, and where that one has no such weight from the nearest that
  // has. Otherwise numbers are names, and what is beyond the donor's last one inherits nothing.
  bool nearest = false;
};

// By the child's names; those that inherit nothing are not there.
std::map<std::string, NameMatch> MatchNames(const std::vector<std::string>& child,
                                            const std::vector<std::string>& donor,
                                            const MatchOptions& options);

}  // namespace nasc
