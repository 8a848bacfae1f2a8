#include "dsl/check_circles.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dsl/check_context.h"

namespace nasc {
namespace {

using Name = const ast::Identifier*;

constexpr size_t kMostShown = 20;  // names of a circle in a message

class CircleFinder {
 public:
  CircleFinder(const CallGraph& calls, Diagnostics& diagnostics)
      : calls_(calls), diagnostics_(diagnostics) {}

  // Walks what `start` calls, depth first, without recursion: text may nest calls as deep as it is
  // long.
  void Walk(Name start) {
    if (!Enter(start)) return;
    while (!path_.empty()) {
      Visit& visit = path_.back();
      const std::vector<Name>& callees = calls_.at(visit.name);
      if (visit.next == callees.size()) {
        open_.erase(visit.name);
        path_.pop_back();
        continue;
      }
      const Name callee = callees[visit.next++];
      const auto it = open_.find(callee);
      if (it != open_.end()) {
        Report(it->second);
      } else {
        Enter(callee);
      }
    }
  }

 private:
  struct Visit {
    Name name;
    size_t next;  // of its callees
  };

  bool Enter(Name name) {
    if (!calls_.contains(name) || !seen_.insert(name).second) return false;
    open_[name] = path_.size();
    path_.push_back({name, 0});
    return true;
  }

  void Report(size_t first) {
    const Name start = path_[first].name;
    std::vector<std::string> names;
    for (size_t i = first; i < path_.size() && names.size() < kMostShown; ++i) {
      names.push_back(path_[i].name->text);
    }
    if (path_.size() - first > kMostShown) names.push_back("...");
    names.push_back(start->text);
    if (!reported_.insert(start).second) return;
    diagnostics_.Report(kRecursion, start->location,
                        absl::StrCat("operation '", start->text,
                                     "' contains itself: ", absl::StrJoin(names, " -> ")));
  }

  const CallGraph& calls_;
  Diagnostics& diagnostics_;
  std::vector<Visit> path_;
  absl::flat_hash_map<Name, size_t> open_;  // where in the path
  absl::flat_hash_set<Name> seen_;
  absl::flat_hash_set<Name> reported_;
};

}  // namespace

void CheckCircles(const std::vector<Name>& names, const CallGraph& calls,
                  Diagnostics& diagnostics) {
  CircleFinder finder(calls, diagnostics);
  for (const Name name : names) finder.Walk(name);
}

}  // namespace nasc
