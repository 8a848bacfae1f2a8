#include "runtime/training_options.h"

#include "runtime/training_presets.h"

namespace nasc {
namespace {

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  for (const TrainingPreset& preset : TrainingPresets()) names.push_back(preset.name);
  return names;
}

}  // namespace

const std::vector<OptionSpec>& SgdOptionSpecs() {
  using Kind = OptionSpec::Kind;
  static const auto* const specs = new std::vector<OptionSpec>{
      {"learning_rate", Kind::kSchedule, 0.025, 0, 1000, "", "the step size"},
      {"momentum", Kind::kReal, 0.9, 0, 1, "", "the part of the last step that is kept"},
      {"nesterov", Kind::kTruth, 0, 0, 1, "", "whether the momentum is Nesterov's"},
      {"weight_decay", Kind::kReal, 3e-4, 0, 1, "", "the pull of weights to zero"},
      {"clip", Kind::kReal, 5, 0, 1e9, "", "the greatest 2-norm of the gradients; 0: no limit"},
      {"batch", Kind::kWhole, 64, 1, 65536, "", "images a step"},
  };
  return *specs;
}

const std::vector<OptionSpec>& FinalOptionSpecs() {
  using Kind = OptionSpec::Kind;
  static const auto* const specs = [] {
    auto* all = new std::vector<OptionSpec>{
        {"epochs", Kind::kWhole, 0, 0, 1e6, "", "passes over the training images"},
        {"steps", Kind::kWhole, 0, 0, 1e9, "", "batches to train with, instead of epochs"},
        {"preset", Kind::kText, 0, 0, 0, "", "a paper's settings, where nothing else is said",
         PresetNames()},
        {"cutout", Kind::kWhole, 0, 0, 16384, "", "the side of a square that is cut out; 0: none"},
        {"label_smoothing", Kind::kReal, 0, 0, 1, "", "the part that every class gets; 0: none"},
        {"mixup", Kind::kReal, 0, 0, 8, "", "a of Beta(a, a), by which images are mixed; 0: none"},
        {"ema", Kind::kReal, 0, 0, 1, "", "the decay of the average of the weights; 0: none"},
        {"keep",
         Kind::kText,
         0,
         0,
         0,
         "last",
         "the last weights, or the best by validation",
         {"last", "best"}},
        {"optimizer", Kind::kText, 0, 0, 0, "sgd", "what changes the weights", {"sgd", "rmsprop"}},
        {"decay", Kind::kReal, 0.9, 0, 1, "", "of rmsprop's mean square"},
        {"epsilon", Kind::kReal, 1, 1e-12, 1e6, "", "what rmsprop adds to it"},
        {"inherit", Kind::kText, 0, 0, 0, "",
         "a run whose network the weights come from, such as \"runs/quick\""},
        {"fresh", Kind::kText, 0, 0, 0, "",
         "what starts fresh all the same: beginnings of names, such as \"head, stage2\""},
        {"rates", Kind::kText, 0, 0, 0, "",
         "factors of the learning rate by beginnings of names: \"stem = 0, stage0 = 0.1\""},
    };
    all->insert(all->end(), SgdOptionSpecs().begin(), SgdOptionSpecs().end());
    return all;
  }();
  return *specs;
}

}  // namespace nasc
