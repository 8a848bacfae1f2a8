#include "compiler/primitive_attributes.h"

#include <utility>

namespace nasc::attribute {
namespace {

using Default = AttributeSpec::Default;

}  // namespace

AttributeSpec Required(std::string name, std::string doc, int64_t least) {
  return {std::move(name),      Default::kRequired, 0, true, least,
          AttributeSpec::kMost, std::move(doc)};
}
AttributeSpec Optional(std::string name, double value, std::string doc, int64_t least) {
  return {std::move(name), Default::kNumber,     value,         true,
          least,           AttributeSpec::kMost, std::move(doc)};
}
AttributeSpec By(Default fallback, std::string name, std::string doc, int64_t least) {
  return {std::move(name), fallback, 0, true, least, AttributeSpec::kMost, std::move(doc)};
}
AttributeSpec Switch(std::string name, Default fallback, double value, std::string doc) {
  return {std::move(name), fallback, value, true, 0, AttributeSpec::kMost, std::move(doc)};
}
AttributeSpec Rate(std::string doc) {
  return {"rate", Default::kRequired, 0, false, 0, 1, std::move(doc)};
}
AttributeSpec Stride() {
  AttributeSpec stride = By(Default::kStep, "stride", "the step in both directions");
  stride.number = 1;
  return stride;
}
AttributeSpec Dilation() { return Optional("dilation", 1, "the distance of the taps"); }
AttributeSpec Filters() {
  return By(Default::kWidth, "filters", "the number of channels it gives");
}
AttributeSpec Kernel() { return Required("kernel", "the side of the window"); }
AttributeSpec Padding() {
  return By(Default::kSame, "padding",
            "rows and columns added on each side; by default those that keep the size, before the "
            "stride",
            0);
}
AttributeSpec KernelWidth() {
  return By(Default::kKernel, "kernel_width", "the width of a window that is no square");
}
AttributeSpec PaddingWidth() {
  return By(Default::kSameWidth, "padding_width",
            "columns added on each side of a window that is no square", 0);
}
AttributeSpec Bias(double value, std::string doc) {
  return Switch("bias", Default::kNumber, value, std::move(doc));
}
AttributeSpec Affine() {
  return Switch("affine", Default::kSetting, 1,
                "whether a scale and an offset a channel are trained");
}

}  // namespace nasc::attribute
