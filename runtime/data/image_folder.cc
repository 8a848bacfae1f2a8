#include "runtime/data/image_folder.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "runtime/data/hold_out.h"
#include "runtime/data/image_file.h"
#include "runtime/random/random.h"

namespace nasc {
namespace {

namespace fs = std::filesystem;

template <typename... Parts>
absl::Status Error(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

struct LabelledFile {
  std::string path;
  int32_t label = 0;
};

// The names in a folder, in order, without those that begin with a dot.
absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& folder) {
  std::error_code code;
  std::vector<std::string> names;
  fs::directory_iterator entry(folder, code);
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    std::string name = entry->path().filename().string();
    if (name[0] != '.') names.push_back(std::move(name));
  }
  if (code == std::errc::no_such_file_or_directory) {
    return absl::NotFoundError(absl::StrCat(
        folder, ": no such folder: data image_folder reads PATH/train/CLASS/IMAGE.png"));
  }
  if (code) return absl::UnavailableError(absl::StrCat(folder, ": ", code.message()));
  std::sort(names.begin(), names.end());
  return names;
}

bool IsFolder(const std::string& path) {
  std::error_code none;
  return fs::is_directory(path, none);
}

absl::StatusOr<std::vector<std::string>> ClassesIn(const std::string& folder) {
  absl::StatusOr<std::vector<std::string>> names = NamesIn(folder);
  if (!names.ok()) return names.status();
  for (const std::string& name : *names) {
    const std::string path = absl::StrCat(folder, "/", name);
    if (!IsFolder(path)) return Error(path, ": it is no folder of a class");
  }
  if (names->size() < 2) {
    return Error(folder, ": ", names->size(), " folders of classes; there must be two at least");
  }
  return names;
}

// The folder must have these classes, which `train` has.
absl::Status CheckClasses(const std::string& folder, const std::string& train,
                          const std::vector<std::string>& classes) {
  const absl::StatusOr<std::vector<std::string>> found = ClassesIn(folder);
  if (!found.ok()) return found.status();
  std::vector<std::string> odd;
  std::set_symmetric_difference(found->begin(), found->end(), classes.begin(), classes.end(),
                                std::back_inserter(odd));
  if (odd.empty()) return absl::OkStatus();
  return Error(folder, ": its classes are not those of ", train, ": '", odd[0],
               "' is in one of the two only");
}

// All images of the classes, in an order that mixes them.
absl::StatusOr<std::vector<LabelledFile>> FilesIn(const std::string& folder,
                                                  const std::vector<std::string>& classes) {
  std::vector<LabelledFile> files;
  for (size_t label = 0; label < classes.size(); ++label) {
    const std::string of_class = absl::StrCat(folder, "/", classes[label]);
    const absl::StatusOr<std::vector<std::string>> names = NamesIn(of_class);
    if (!names.ok()) return names.status();
    if (names->empty()) return Error(of_class, ": it holds no images");
    for (const std::string& name : *names) {
      std::string path = absl::StrCat(of_class, "/", name);
      if (!IsImageName(name)) {
        return Error(path, ": its name is not that of a PNG, JPEG, BMP, PGM or PPM image");
      }
      files.push_back({std::move(path), static_cast<int32_t>(label)});
    }
  }
  // Otherwise the first thousand images, which `train = 1000` takes, might be of one class.
  Rng(HashSeed(0, "image folder")).Shuffle(&files);
  return files;
}

// Reads images, all in the form of the first.
class Reader {
 public:
  explicit Reader(const ImageFolderSpec& spec) : spec_(spec) {}

  absl::StatusOr<ImageSet> Read(const std::string& folder,
                                const std::vector<std::string>& classes) {
    const absl::StatusOr<std::vector<LabelledFile>> files = FilesIn(folder, classes);
    if (!files.ok()) return files.status();
    ImageSet set;
    set.classes = static_cast<int>(classes.size());
    for (const LabelledFile& file : *files) {
      absl::StatusOr<Image> image = ReadImageFile(file.path);
      if (!image.ok()) return image.status();
      if (absl::Status status = Adapt(file.path, *image); !status.ok()) return status;
      if (set.pixels.empty()) set.pixels.reserve(image->shape.size() * files->size());
      set.pixels.insert(set.pixels.end(), image->pixels.begin(), image->pixels.end());
      set.labels.push_back(file.label);
    }
    set.shape = shape_;
    return set;
  }

 private:
  absl::Status Adapt(const std::string& path, Image& image) {
    const bool first = first_.empty();
    if (first) first_ = path;
    int channels = spec_.channels;
    if (channels == 0) {
      channels = first ? image.shape.channels : shape_.channels;
      if (image.shape.channels > channels) {
        return Error(path, ": it has colours, ", first_,
                     " has none: give data image_folder { channels = 1 } or 3");
      }
    }
    image = WithChannels(std::move(image), channels);
    if (spec_.size > 0) image = FitSquare(image, spec_.size);
    if (first) shape_ = image.shape;
    if (image.shape == shape_) return absl::OkStatus();
    return Error(path, ": it is ", image.shape.width, " wide and ", image.shape.height, " high, ",
                 first_, " ", shape_.width, " and ", shape_.height,
                 ": give data image_folder { size = ", std::min(shape_.width, shape_.height),
                 " } to bring all to one size");
  }

  const ImageFolderSpec& spec_;
  std::string first_;  // the file that the others must be like
  ImageShape shape_;
};

}  // namespace

absl::StatusOr<Dataset> LoadImageFolder(const ImageFolderSpec& spec) {
  if (spec.path.empty()) {
    return Error("data image_folder: it needs a folder: data image_folder { path = \"folder\" }");
  }
  if (spec.channels != 0 && spec.channels != 1 && spec.channels != 3) {
    return Error("data image_folder: channels = ", spec.channels,
                 ": images have 1 channel of grey or 3 of colour");
  }
  const std::string train = spec.path + "/train";
  const std::string test = spec.path + "/test";
  std::error_code none;
  const bool has_test = fs::exists(test, none);
  if (has_test && spec.test_part > 0) {
    return Error(test, ": images to test with; `test_part` is for a folder without them");
  }
  const absl::StatusOr<std::vector<std::string>> classes = ClassesIn(train);
  if (!classes.ok()) return classes.status();
  if (has_test) {
    if (absl::Status status = CheckClasses(test, train, *classes); !status.ok()) return status;
  }
  Reader reader(spec);
  Dataset dataset;
  dataset.name = "image_folder";
  absl::StatusOr<ImageSet> images = reader.Read(train, *classes);
  if (!images.ok()) return images.status();
  dataset.train = *std::move(images);
  if (!has_test) {
    HoldOut(spec.test_part, dataset);
    return dataset;
  }
  images = reader.Read(test, *classes);
  if (!images.ok()) return images.status();
  dataset.test = *std::move(images);
  return dataset;
}

}  // namespace nasc
