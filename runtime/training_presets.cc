#include "runtime/training_presets.h"

#include "absl/algorithm/container.h"
#include "glog/logging.h"

namespace nasc {
namespace {

std::vector<TrainingPreset>::const_iterator Find(const std::string& name) {
  return absl::c_find_if(TrainingPresets(),
                         [&](const TrainingPreset& preset) { return preset.name == name; });
}

}  // namespace

// Auxiliary heads, dropped paths and dropout are the network's: a scale or the space says them.
const std::vector<TrainingPreset>& TrainingPresets() {
  using Shape = Schedule::Shape;
  static const auto* const presets = new std::vector<TrainingPreset>{
      // Liu et al., ICLR 2019, section 3.2 and appendix A.2, and the defaults of the authors'
      // cnn/train.py.
      {"darts_cifar",
       {{"epochs", 600.0},
        {"batch", 96.0},
        {"learning_rate", Schedule{Shape::kCosine, 0.025, 0}},
        {"momentum", 0.9},
        {"weight_decay", 3e-4},
        {"clip", 5.0},
        {"cutout", 16.0}}},
      // Pham et al., ICML 2018, section 3.2, and the authors' scripts/cifar10_micro_final.sh, which
      // is taken where they differ, as it made the reported networks: its lowest rate is 0.0001
      // (paper: 0.001) and its l2_reg 2e-4 (paper: 1e-4). The code adds l2_reg * sum w^2 to the
      // loss, of which the gradient is 2 * l2_reg * w. Its clipping at 5 leaves gradients as they
      // are (src/utils.py appends the unclipped one), so there is none here.
      {"enas_cifar",
       {{"epochs", 630.0},  // 10 * (2^6 - 1): six periods
        {"batch", 144.0},
        {"learning_rate", Schedule{Shape::kWarmRestarts, 0.05, 0.0001, 10, 2}},
        {"momentum", 0.9},
        {"nesterov", 1.0},
        {"weight_decay", 4e-4},
        {"clip", 0.0},
        {"cutout", 16.0}}},
      // Zoph et al., CVPR 2018, appendix A.4: RMSProp's decay and epsilon, the average, label
      // smoothing. The notes of the authors' nets/nasnet/nasnet.py in TF-Slim: 50 replicas of batch
      // 32, the rate 0.04 * 50, by 0.97 every 2.4 epochs, clip 10, 250,000 steps, which are 312
      // epochs of ImageNet; its arg_scope: the weight decay. RMSProp's momentum is the default of
      // TF-Slim's train_image_classifier.py.
      {"nasnet_mobile",
       {{"epochs", 312.0},
        {"batch", 1600.0},
        {"optimizer", "rmsprop"},
        {"decay", 0.9},
        {"epsilon", 1.0},
        {"momentum", 0.9},
        {"learning_rate", Schedule{Shape::kExponential, 2, 0, 2.4, 0.97}},
        {"weight_decay", 4e-5},
        {"clip", 10.0},
        {"label_smoothing", 0.1},
        {"ema", 0.9999}}},
  };
  return *presets;
}

bool IsPreset(const std::string& name) { return Find(name) != TrainingPresets().end(); }

void TakePreset(const std::string& name, Options& options) {
  const auto preset = Find(name);
  CHECK(preset != TrainingPresets().end()) << "no preset " << name;
  for (const auto& [option, value] : preset->values) options.Give(option, value);
}

}  // namespace nasc
