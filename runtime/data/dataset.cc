#include "runtime/data/dataset.h"

#include <functional>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glog/logging.h"
#include "runtime/data/check_dataset.h"
#include "runtime/data/cifar.h"
#include "runtime/data/fashion_mnist.h"
#include "runtime/data/hold_out.h"
#include "runtime/data/image_file.h"
#include "runtime/data/image_folder.h"
#include "runtime/data/keep_classes.h"
#include "runtime/data/npy.h"

namespace nasc {
namespace {

using Kind = DatasetInfo::Kind;
using OptionKind = OptionSpec::Kind;
using Specs = std::vector<OptionSpec>;

struct Entry {
  DatasetInfo info;
  DatasetRegistration::Load load;  // nullptr of a table
};

// What reads a published data set from a folder; "" is its default.
template <absl::StatusOr<Dataset> (*load)(absl::string_view folder)>
absl::StatusOr<Dataset> FromFolder(const Options& options) {
  return load(options.Text("path"));
}

absl::StatusOr<Dataset> ImageFolder(const Options& options) {
  return LoadImageFolder({options.Text("path"), static_cast<int>(options.Whole("size")),
                          static_cast<int>(options.Whole("channels")), options.Real("test_part")});
}

absl::StatusOr<Dataset> Npy(const Options& options) {
  return LoadNpy({options.Text("images"), options.Text("labels"), options.Text("test_images"),
                  options.Text("test_labels"), options.Text("layout"), options.Real("test_part")});
}

// --- settings ---

OptionSpec Text(const char* name, const char* doc) {
  return {name, OptionKind::kText, 0, 0, 0, "", doc};
}

// Functions, as a library may register its data set before the constants of this file are made.
OptionSpec Folder() {
  return Text("path", "the folder of its files; by default where it is installed");
}
OptionSpec TablePart() {
  return {"test_part",
          OptionKind::kReal,
          kTestPart,
          0,
          0.99,
          "",
          "that part, the same whatever the seed"};
}
// Not given, it is 0, so that it is known to be given where it makes no sense.
OptionSpec HeldOut() {
  return {"test_part",
          OptionKind::kReal,
          0,
          0,
          0.99,
          "",
          "the part to test with where nothing else is, the same whatever the seed; 0: a fifth"};
}

// `own` settings and those of all data sets.
Specs Examples(Specs own) {
  own.insert(own.end(), {{"validation", OptionKind::kReal, 0.5, 0, 0.99, "",
                          "the part of the training examples that judges"},
                         {"train", OptionKind::kWhole, 0, 0, 1e9, "",
                          "use only the first so many to train with; 0: all"},
                         {"test", OptionKind::kWhole, 0, 0, 1e9, "",
                          "use only the first so many to test with; 0: all"}});
  return own;
}

// `own` settings and those of all images.
Specs Images(Specs own) {
  own.insert(own.end(),
             {{"pad", OptionKind::kWhole, 0, 0, 1024, "",
               "black pixels added on each side of every image"},
              {"crop", OptionKind::kWhole, 4, 0, 1024, "",
               "training images are shifted at random by up to this"},
              {"flip", OptionKind::kTruth, 1, 0, 1, "", "training images are mirrored at random"},
              Text("classes", "use only these, numbered anew: \"0, 3, 7\"; by default all")});
  return Examples(std::move(own));
}

// --- the data sets ---

// To add images: a loader beside fashion_mnist.h, and a row here.
std::vector<Entry> BuiltIn() {
  return {
      {{"cifar10", "50,000 + 10,000 photographs of things and animals, 3x32x32, ten classes",
        Kind::kImages, Images({Folder()})},
       FromFolder<LoadCifar10>},
      {{"cifar100", "50,000 + 10,000 photographs, 3x32x32, a hundred classes", Kind::kImages,
        Images({Folder()})},
       FromFolder<LoadCifar100>},
      {{"fashion_mnist", "60,000 + 10,000 images of clothes, 1x28x28, ten classes", Kind::kImages,
        Images({Folder()})},
       FromFolder<LoadFashionMnist>},
      {{"image_folder", "PNG, JPEG, BMP, PGM and PPM images of your own, a folder a class",
        Kind::kImages,
        Images({Text("path", "the folder, with train/CLASS/IMAGE and test/CLASS/IMAGE"),
                {"size", OptionKind::kWhole, 0, 0, kMaxImageSide, "",
                 "the shorter side is resized to this, the middle square kept; 0: as they are"},
                {"channels", OptionKind::kWhole, 0, 0, 3, "",
                 "1: grey, 3: colour; 0: as the first image"},
                HeldOut()})},
       ImageFolder},
      {{"npy", "images and labels of your own, arrays in files of NumPy", Kind::kImages,
        Images(
            {Text("images",
                  "bytes, count x height x width, or with channels before or behind these"),
             Text("labels", "whole numbers from 0, one an image"),
             Text("test_images", "those to test with; by default a part of the first"),
             Text("test_labels", "their labels"),
             Text("layout", "\"channels_first\" or \"channels_last\"; by default where 1 or 3 are"),
             HeldOut()})},
       Npy},
      {{"table", "rows of numbers of a CSV or TSV file, to tell classes or numbers from",
        Kind::kTable,
        Examples({Text("path", "the file, whose first line names the columns"),
                  Text("target",
                       "the column that is to be told; of a regression also several, \"a, b\""),
                  {"regression", OptionKind::kTruth, 0, 0, 1, "",
                   "the targets are numbers, not classes"},
                  Text("test_path", "a file to test with; by default a part of the first"),
                  TablePart()})},
       nullptr},
  };
}

using Registry = std::map<std::string, Entry, std::less<>>;

void Add(Entry entry, Registry& registry) {
  const std::string name = entry.info.name;
  CHECK(registry.emplace(name, std::move(entry)).second) << "two data sets are named " << name;
}

Registry& Entries() {
  static auto* const entries = [] {
    auto* registry = new Registry;
    for (Entry& entry : BuiltIn()) Add(std::move(entry), *registry);
    return registry;
  }();
  return *entries;
}

absl::StatusOr<const Entry*> Find(absl::string_view name) {
  const auto it = Entries().find(name);
  if (it != Entries().end()) return &it->second;
  const std::string known = absl::StrJoin(Entries(), ", ", [](std::string* out, const auto& entry) {
    absl::StrAppend(out, entry.first);
  });
  return absl::NotFoundError(
      absl::StrCat("unknown data set '", name, "'; the known ones: ", known));
}

}  // namespace

DatasetRegistration::DatasetRegistration(const std::string& name, const std::string& doc,
                                         std::vector<OptionSpec> options, Load load) {
  CHECK(load != nullptr) << name;
  Add({{name, doc, Kind::kImages, Images(std::move(options))}, load}, Entries());
}

std::vector<DatasetInfo> KnownDatasets() {
  std::vector<DatasetInfo> known;
  for (const auto& [name, entry] : Entries()) known.push_back(entry.info);
  return known;
}

absl::StatusOr<DatasetInfo> FindDataset(absl::string_view name) {
  const absl::StatusOr<const Entry*> entry = Find(name);
  if (!entry.ok()) return entry.status();
  return (*entry)->info;
}

absl::StatusOr<Dataset> LoadDataset(absl::string_view name, const Options& options) {
  const absl::StatusOr<const Entry*> entry = Find(name);
  if (!entry.ok()) return entry.status();
  if ((*entry)->load == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("data set '", name, "' holds no images"));
  }
  absl::StatusOr<Dataset> dataset = (*entry)->load(options);
  if (!dataset.ok()) return dataset;
  dataset->name = (*entry)->info.name;
  absl::Status status = CheckDataset(*dataset);
  const std::string& classes = options.Text("classes");
  if (status.ok() && !classes.empty()) status = KeepClasses(classes, *dataset);
  if (status.ok()) return dataset;
  return absl::Status(status.code(), absl::StrCat("data ", name, ": ", status.message()));
}

}  // namespace nasc
