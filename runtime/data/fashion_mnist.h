// Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): clothes, 1x28x28, ten classes.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/data/image_set.h"

namespace nasc {

// Loads the four files that the publisher offers ({train,t10k}-{images-idx3,labels-idx1}-ubyte.gz)
// from `folder`; "" means $NASC_DATA/fashion-mnist where the variable is set, else Debian's
// /usr/share/datasets/fashion-mnist. NotFound says how to get them; a file of the wrong shape, a
// label above 9, or unequal counts are errors that name the file.
absl::StatusOr<Dataset> LoadFashionMnist(absl::string_view folder);

}  // namespace nasc
