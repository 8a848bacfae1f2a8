#include "runtime/data/cifar.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "runtime/data/data_folder.h"
#include "runtime/data/gzip_file.h"

namespace nasc {
namespace {

constexpr ImageShape kShape = {3, 32, 32};

// What the two differ in.
struct Format {
  const char* name;
  const char* folder;
  const char* archive;
  std::vector<const char*> train;
  const char* test;
  int label_bytes;  // before the pixels of a record; the last one is the label
  int classes;
};

absl::Status AddFile(const Format& format, const std::string& path, ImageSet& set) {
  absl::StatusOr<GzipFile> file = GzipFile::Open(path);
  if (absl::IsNotFound(file.status())) {
    return absl::NotFoundError(absl::StrCat(
        path, ": no such file: unpack ", format.archive,
        " of https://www.cs.toronto.edu/~kriz/cifar.html into the folder $NASC_DATA, or give data ",
        format.name, " { path = \"", format.folder, "\" }"));
  }
  if (!file.ok()) return file.status();
  std::vector<uint8_t> record(format.label_bytes + kShape.size());
  const auto size = static_cast<int64_t>(record.size());
  for (int64_t index = 0;; ++index) {
    const absl::StatusOr<int64_t> count = file->Read(record.data(), size);
    if (!count.ok()) return count.status();
    if (*count == 0 && index > 0) return absl::OkStatus();
    if (*count < size) {
      return absl::DataLossError(absl::StrCat(path, ": truncated: ", *count, " bytes after ", index,
                                              " records of ", size, " bytes"));
    }
    const uint8_t label = record[format.label_bytes - 1];
    if (label >= format.classes) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": label ", index, " is ", int{label},
                                                     "; there are ", format.classes, " classes"));
    }
    set.labels.push_back(label);
    set.pixels.insert(set.pixels.end(), record.begin() + format.label_bytes, record.end());
  }
}

absl::StatusOr<Dataset> Load(const Format& format, absl::string_view given) {
  const std::string folder = DataFolder(given, format.folder);
  Dataset dataset;
  dataset.name = format.name;
  for (ImageSet* set : {&dataset.train, &dataset.test}) {
    set->shape = kShape;
    set->classes = format.classes;
  }
  for (const char* file : format.train) {
    const absl::Status status = AddFile(format, absl::StrCat(folder, "/", file), dataset.train);
    if (!status.ok()) return status;
  }
  const absl::Status status = AddFile(format, absl::StrCat(folder, "/", format.test), dataset.test);
  if (!status.ok()) return status;
  return dataset;
}

}  // namespace

absl::StatusOr<Dataset> LoadCifar10(absl::string_view folder) {
  return Load({"cifar10",
               "cifar-10-batches-bin",
               "cifar-10-binary.tar.gz",
               {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                "data_batch_5.bin"},
               "test_batch.bin",
               1,
               10},
              folder);
}

absl::StatusOr<Dataset> LoadCifar100(absl::string_view folder) {
  return Load({"cifar100",
               "cifar-100-binary",
               "cifar-100-binary.tar.gz",
               {"train.bin"},
               "test.bin",
               2,
               100},
              folder);
}

}  // namespace nasc
