#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "runtime/data/image_preparation.h"
#include "runtime/data/image_set.h"

namespace nasc {

class Network;
class ParameterStore;

// A trained network that classifies images. It needs no space and no compiler of the language: what
// `nas_model` (bazel/nas.bzl) makes a library of.
class Model {
 public:
  // `graph` is the text of one architecture for inference (`nasc export --format ir`), `weights`
  // the bytes of its file of weights, which outlive the model. Errors: a graph that is damaged or
  // is not for images; weights that are damaged, are not those of the graph or do not say how
  // images are prepared.
  static absl::StatusOr<Model> Load(absl::string_view graph, absl::string_view weights);

  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  // The form of the images that it takes.
  const ImageShape& image() const { return image_; }
  int64_t classes() const { return classes_; }

  // The logits [count][classes] of images of bytes [count][channels][height][width], where 0 is
  // black; they are padded and normalised as in training. One thread at a time. InvalidArgument:
  // bytes that are no whole number of images.
  absl::StatusOr<std::vector<float>> Run(absl::Span<const uint8_t> images) const;

 private:
  Model();

  ImageShape image_;
  int64_t classes_ = 0;
  ImagePreparation preparation_;
  std::unique_ptr<ParameterStore> store_;  // the network points to it
  std::unique_ptr<Network> network_;
};

// The probability of each class: the softmax of the logits of one image.
std::vector<double> Probabilities(absl::Span<const float> logits);

}  // namespace nasc
