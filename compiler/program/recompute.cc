#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "compiler/program/memory.h"

namespace nasc {
namespace {

using Kind = ProgramValue::Kind;

class Recomputation {
 public:
  explicit Recomputation(Program& program) : program_(program) {}

  void Run() {
    FindForward();
    FindSegments();
    std::vector<ProgramStep> steps(program_.steps.begin(), program_.steps.begin() + forward_);
    for (size_t i = forward_; i < program_.steps.size(); ++i) {
      ProgramStep step = program_.steps[i];
      for (const int input : step.inputs) {
        if (IsDropped(input) && again_.count(input) == 0) Repeat(segment_of_[input], i, steps);
      }
      for (int& input : step.inputs) {
        if (IsDropped(input)) input = again_.at(input);
      }
      steps.push_back(std::move(step));
    }
    program_.steps = std::move(steps);
    SetLifetimes(program_);
  }

 private:
  // The steps before the loss, which makes the forward part.
  void FindForward() {
    while (forward_ < program_.steps.size() && program_.steps[forward_].op != "loss") ++forward_;
    last_read_.assign(program_.values.size(), -1);
    made_.assign(program_.values.size(), -1);
    for (size_t i = 0; i < forward_; ++i) {
      for (const int input : program_.steps[i].inputs) {
        if (input >= 0) last_read_[input] = static_cast<int>(i);
      }
      for (const int output : program_.steps[i].outputs) {
        if (output >= 0) made_[output] = static_cast<int>(i);
      }
    }
    for (const ProgramResult& result : program_.results) {
      last_read_[result.value] = static_cast<int>(forward_);
    }
  }

  int64_t Size(int value) const {
    if (program_.values[value].kind != Kind::kActivation) return 0;
    int64_t size = 1;
    for (const int64_t n : program_.values[value].shape) size *= n < 0 ? 1 : n;
    return size;
  }

  // What the forward part alone holds after each of its steps.
  std::vector<int64_t> HeldForward() const {
    std::vector<int64_t> change(forward_ + 1);
    for (size_t value = 0; value < made_.size(); ++value) {
      if (made_[value] < 0 || last_read_[value] < made_[value]) continue;
      change[made_[value]] += Size(static_cast<int>(value));
      change[last_read_[value]] -= Size(static_cast<int>(value));
    }
    for (size_t i = 1; i < change.size(); ++i) change[i] += change[i - 1];
    return change;
  }

  // Cuts the forward part after steps at which it holds no more than at any step nearby, where
  // nearby is what a segment may at least hold. Of the last segment nothing is dropped: its
  // backward part comes at once.
  void FindSegments() {
    const std::vector<int64_t> held = HeldForward();
    std::vector<int64_t> kept_until(forward_ + 1);  // what the backward part would keep, summed up
    std::set<int> read_backward;
    for (size_t i = forward_; i < program_.steps.size(); ++i) {
      read_backward.insert(program_.steps[i].inputs.begin(), program_.steps[i].inputs.end());
    }
    for (size_t i = 0; i < forward_; ++i) {
      kept_until[i + 1] = kept_until[i];
      for (const int output : program_.steps[i].outputs) {
        if (output >= 0 && read_backward.count(output) > 0) kept_until[i + 1] += Size(output);
      }
    }
    segment_.assign(forward_, 0);
    const int64_t total = kept_until[forward_];
    int64_t cut_at = 0;
    int segment = 0;
    for (size_t i = 0; i + 1 < forward_; ++i) {
      segment_[i] = segment;
      // The best place to cut within a part of what is kept.
      const int64_t least = cut_at + total / kMostSegments;
      if (kept_until[i + 1] < least || !IsLeast(held, kept_until, i, total)) continue;
      for (size_t value = 0; value < made_.size(); ++value) {
        const bool crosses = made_[value] >= 0 && made_[value] <= static_cast<int>(i) &&
                             last_read_[value] > static_cast<int>(i);
        if (crosses) kept_.insert(static_cast<int>(value));
      }
      cut_at = kept_until[i + 1];
      ++segment;
    }
    if (forward_ > 0) segment_[forward_ - 1] = segment;
    last_segment_ = segment;
    segment_of_.assign(program_.values.size(), last_segment_);
    for (size_t i = 0; i < forward_; ++i) {
      for (const int output : program_.steps[i].outputs) {
        if (output >= 0) segment_of_[output] = segment_[i];
      }
    }
  }

  // Whether the forward part holds no more after step i than after those around it, as far as a
  // quarter of a segment is kept by them.
  static bool IsLeast(const std::vector<int64_t>& held, const std::vector<int64_t>& kept_until,
                      size_t i, int64_t total) {
    const int64_t near = total / kMostSegments / 2;
    for (size_t k = i; k + 1 < held.size() && kept_until[k + 1] <= kept_until[i + 1] + near; ++k) {
      if (held[k] < held[i]) return false;
    }
    for (size_t k = i; k > 0 && kept_until[k] >= kept_until[i + 1] - near; --k) {
      if (held[k - 1] < held[i]) return false;
    }
    return true;
  }

  bool IsDropped(int value) const {
    return value >= 0 && value < static_cast<int>(made_.size()) && made_[value] >= 0 &&
           segment_of_[value] != last_segment_ && kept_.count(value) == 0 && Size(value) > 0 &&
           IsRepeatable(program_.steps[made_[value]]);
  }

  static bool IsRepeatable(const ProgramStep& step) {
    return step.op != "keep_mask" && step.op != "input" && step.op != "features" &&
           step.op != "logits";
  }

  // Adds what of a segment the backward part needs from step `from` on.
  void Repeat(int segment, size_t from, std::vector<ProgramStep>& steps) {
    std::set<int> needed;
    for (size_t i = from; i < program_.steps.size(); ++i) {
      for (const int input : program_.steps[i].inputs) {
        if (IsDropped(input) && segment_of_[input] == segment) needed.insert(input);
      }
    }
    std::vector<ProgramStep> repeated;
    for (size_t i = forward_; i-- > 0;) {
      if (segment_[i] != segment) continue;
      ProgramStep step = program_.steps[i];
      bool wanted = false;
      for (int& output : step.outputs) {
        if (output >= 0 && needed.count(output) > 0) {
          wanted = true;
        } else {
          output = -1;
        }
      }
      if (!wanted) continue;
      for (const int input : step.inputs) {
        if (IsDropped(input)) needed.insert(input);
      }
      repeated.push_back(std::move(step));
    }
    for (auto step = repeated.rbegin(); step != repeated.rend(); ++step) {
      for (int& input : step->inputs) {
        if (IsDropped(input)) input = again_.at(input);
      }
      for (int& output : step->outputs) {
        if (output < 0) continue;
        program_.values.push_back(program_.values[output]);
        again_[output] = static_cast<int>(program_.values.size()) - 1;
        output = again_[output];
      }
      steps.push_back(std::move(*step));
    }
  }

  static constexpr int64_t kMostSegments = 24;

  Program& program_;
  size_t forward_ = 0;           // the number of steps of the forward part
  std::vector<int> made_;        // by which step of the forward part; -1: by none
  std::vector<int> last_read_;   // by which step of the forward part
  std::vector<int> segment_;     // of each step of the forward part
  std::vector<int> segment_of_;  // of each value
  int last_segment_ = 0;
  std::set<int> kept_;        // values that cross the end of a segment
  std::map<int, int> again_;  // what was made again
};

}  // namespace

void RecomputeSegments(Program& program) { Recomputation(program).Run(); }

}  // namespace nasc
