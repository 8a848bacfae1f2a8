// CIFAR-10 and CIFAR-100 (Krizhevsky, 2009): photographs, 3x32x32, of ten and of a hundred classes.
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "runtime/data/image_set.h"

namespace nasc {

// Load the files of the publisher's binary versions from `folder`: data_batch_1.bin to
// data_batch_5.bin and test_batch.bin; train.bin and test.bin, of which the fine label counts. ""
// is the folder cifar-10-batches-bin, cifar-100-binary of $NASC_DATA, see DataFolder. A file may
// hold any number of records, from one. NotFound says how to get them; a part of a record at the
// end of a file and a label that is no class are errors that name the file.
absl::StatusOr<Dataset> LoadCifar10(absl::string_view folder);
absl::StatusOr<Dataset> LoadCifar100(absl::string_view folder);

}  // namespace nasc
