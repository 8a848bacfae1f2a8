#pragma once

#include <cstdint>
#include <string>

#include "compiler/primitives.h"

// The attributes that the rows of the table of primitives are made of.
namespace nasc::attribute {

// A whole number from `least` on that must be given.
AttributeSpec Required(std::string name, std::string doc, int64_t least = 1);
// One whose default is `value`.
AttributeSpec Optional(std::string name, double value, std::string doc, int64_t least = 1);
// One that the place of the call gives.
AttributeSpec By(AttributeSpec::Default fallback, std::string name, std::string doc,
                 int64_t least = 1);
// 0 or 1.
AttributeSpec Switch(std::string name, AttributeSpec::Default fallback, double value,
                     std::string doc);
// A probability, `rate`.
AttributeSpec Rate(std::string doc);

// Those of windows, by their names.
AttributeSpec Kernel();
AttributeSpec KernelWidth();
AttributeSpec Padding();
AttributeSpec PaddingWidth();
AttributeSpec Stride();
AttributeSpec Dilation();
AttributeSpec Filters();

AttributeSpec Bias(double value, std::string doc);
AttributeSpec Affine();

}  // namespace nasc::attribute
