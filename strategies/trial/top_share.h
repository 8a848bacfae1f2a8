#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "glog/logging.h"

namespace nasc {

// The best of the numbers seen so far, as many as is asked for: in O(log n) a number, since at most
// one crosses the border each way. Of equal ones the earlier is better.
class TopShare {
 public:
  struct Change {
    std::optional<int64_t> entered;  // by the order in which they were added, from 0
    std::optional<int64_t> left;
  };

  // Adds a number; `size` are the top now, as many as before or one more.
  Change Add(double value, size_t size) {
    Change change;
    const int64_t added = next_++;
    const Key key(-value, added);
    std::set<Key>& side = !top_.empty() && key < *top_.rbegin() ? top_ : rest_;
    side.insert(key);
    if (&side == &top_) change.entered = added;
    if (top_.size() > size) {
      change.left = Move(std::prev(top_.end()), top_, rest_);
    } else if (top_.size() < size) {
      change.entered = Move(rest_.begin(), rest_, top_);
    }
    CHECK_EQ(top_.size(), size) << "the top shrank, or grew by more than one";
    return change;
  }

 private:
  using Key = std::pair<double, int64_t>;  // minus the value, the order: better ones come first

  static int64_t Move(std::set<Key>::iterator it, std::set<Key>& from, std::set<Key>& to) {
    const int64_t moved = it->second;
    to.insert(from.extract(it));
    return moved;
  }

  std::set<Key> top_;
  std::set<Key> rest_;
  int64_t next_ = 0;
};

}  // namespace nasc
