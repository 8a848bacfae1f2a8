#pragma once

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "compiler/architecture.h"
#include "compiler/ir/graph.h"
#include "compiler/versions/space_map.h"
#include "runtime/random/random.h"
#include "strategies/learn/adam.h"
#include "strategies/learn/lstm.h"
#include "strategies/migrate/carried.h"

namespace nasc {

struct ControllerSpec {
  int64_t size = 64;         // of the LSTM's state and of embeddings
  double initial = 0.1;      // weights are at first uniform in +- this, biases zero
  double temperature = 1;    // logits are divided by it
  double tanh_constant = 0;  // c > 0: logits become c tanh(logit / temperature), as in ENAS
  double clip = 5;           // the greatest norm of a step's gradient; 0: any
  AdamSpec adam;
};

// A recurrent network that writes architectures (Zoph and Le, ICLR 2017, section 3.1; Pham et al.,
// ICML 2018, section 2.1): an LSTM takes the decisions that are alive one after the other, each by
// a softmax of its own over the options that a result may take; what was decided, embedded, is its
// next input. A set is written as one yes or no for each of its options, in their order, as ENAS
// writes skip connections; an answer that the size of the set leaves no choice about is not asked.
// What the network says is added to the logit under which every set is as likely, so a network that
// says nothing draws like random search. An architecture thus has exactly one way to be written.
// Decisions without a choice take no step.
//
// Constraints are met by drawing again; probabilities are those before that.
class Controller {
 public:
  // The constraints must be satisfiable.
  Controller(const std::vector<ir::Decision>& decisions,
             const std::vector<ir::Constraint>& constraints, const ControllerSpec& spec,
             uint64_t seed);

  struct Sample {
    Architecture architecture;
    double log_probability = 0;  // natural logarithm
    double entropy = 0;          // the sum over the steps, in nats
  };

  // An architecture of the space. Where a thousand in a row break the constraints, the next one is
  // drawn uniformly until it fulfils them.
  Sample Draw(Rng& rng);

  // What it says of an architecture of the space.
  Sample Score(const Architecture& architecture);

  // Adds the gradient of
  //   weight(log p) * log p(architecture) + entropy_weight * entropy
  // where the weight is a constant to the gradient: for REINFORCE the advantage; for the clipped
  // surrogate of PPO the ratio times the advantage, or zero where it is clipped.
  Sample Accumulate(const Architecture& architecture,
                    absl::FunctionRef<double(double log_probability)> weight,
                    double entropy_weight);

  // A step of Adam up the gradient added since the last one, which is zero again after it.
  void Ascend();

  // Weights and the state of Adam, as a checkpoint between two steps keeps them. False: it is that
  // of another controller.
  std::vector<double> State() const;
  bool SetState(absl::Span<const double> state);

  // Takes over what a controller of an earlier version of the space had learnt: the network, and of
  // decisions and options that are still there how it decides them; what is new begins as it would.
  // Adam begins anew. Where the other one has another size nothing is taken over.
  Carried Adopt(const Controller& before, const SpaceMap& map);

  // For tests: the weights, and the gradient added so far.
  absl::Span<double> weights() { return absl::MakeSpan(weights_); }
  absl::Span<const double> gradient() const { return gradient_; }

 private:
  // Where the weights of a decision stand.
  struct Place {
    std::vector<int> options;  // that a result may take
    size_t heads = 0;          // [head][size + 1]: a choice has a head an option, a set too
    size_t embeddings = 0;     // [head][size], of a set [head][no, yes][size]
  };
  // One step of the LSTM: which decision, of a set which of its options, and what was decided.
  struct Step {
    LstmCell::Step cell;
    size_t decision = 0;
    int asked = -1;                     // of a set: the place of the option
    int taken = 0;                      // the place of the option; of a set 0 or 1
    std::vector<double> probabilities;  // of a set: no, yes
    std::vector<double> slope;          // of the logits by what the head says
    double entropy = 0;
  };
  // Decides what the probabilities are of.
  using Decide = absl::FunctionRef<int(const Step& step)>;

  Sample Run(Decide decide);
  void Choose(size_t decision, Decide decide, Sample& sample);
  void ChooseSet(size_t decision, Decide decide, Sample& sample);
  Step& BeginStep(size_t decision);
  void FinishStep(Step& step, Decide decide, std::vector<double> logits, Sample& sample);
  double LogitOf(Step& step, size_t head) const;
  size_t InputOf(size_t step) const;
  void Backward(double weight, double entropy_weight);

  const std::vector<ir::Decision> decisions_;
  const std::vector<ir::Constraint> constraints_;
  ControllerSpec spec_;
  LstmCell cell_;
  size_t start_ = 0;  // of the first input; the cell's weights stand at 0
  std::vector<Place> places_;
  std::vector<double> weights_;
  std::vector<double> gradient_;
  Adam adam_;
  std::vector<Step> steps_;  // of the last run
  size_t length_ = 0;        // how many of them; the others keep their memory
};

}  // namespace nasc
