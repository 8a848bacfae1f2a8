#include "runtime/checkpoint.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/hash128.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/json.h"
#include "runtime/run/mapped_file.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr size_t kAlignment = 64;
constexpr uint64_t kLongestHeader = 100'000'000;  // that of the format's own reader
constexpr char kMetadata[] = "__metadata__";
constexpr char kHash[] = "xxh3:";

struct ElementType {
  const char* name;
  at::ScalarType type;
  size_t bytes;
};
constexpr ElementType kElementTypes[] = {
    {"F64", at::kDouble, 8}, {"F32", at::kFloat, 4}, {"BF16", at::kBFloat16, 2},
    {"F16", at::kHalf, 2},   {"I64", at::kLong, 8},  {"I32", at::kInt, 4},
    {"I16", at::kShort, 2},  {"I8", at::kChar, 1},   {"U8", at::kByte, 1},
    {"BOOL", at::kBool, 1},
};

const ElementType* FindType(at::ScalarType type) {
  for (const ElementType& known : kElementTypes) {
    if (known.type == type) return &known;
  }
  return nullptr;
}

const ElementType* FindType(absl::string_view name) {
  for (const ElementType& known : kElementTypes) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

absl::string_view BytesOf(const at::Tensor& tensor) {
  return {static_cast<const char*>(tensor.data_ptr()), tensor.nbytes()};
}

struct Laid {
  std::string name;
  at::Tensor tensor;
  const ElementType* type;
};

// Wide elements first, so that every tensor begins at a multiple of its elements' size.
absl::StatusOr<std::vector<Laid>> LayOut(const NamedTensors& tensors) {
  std::vector<Laid> laid;
  for (const auto& [name, tensor] : tensors) {
    const ElementType* type = tensor.defined() ? FindType(tensor.scalar_type()) : nullptr;
    if (type == nullptr || name == kMetadata) {
      return absl::InvalidArgumentError(absl::StrCat("tensor ", name, " has no place in a file"));
    }
    laid.push_back({name, tensor.detach().cpu().contiguous(), type});
  }
  std::stable_sort(laid.begin(), laid.end(),
                   [](const Laid& a, const Laid& b) { return a.type->bytes > b.type->bytes; });
  return laid;
}

std::string HeaderOf(const std::vector<Laid>& laid, const TensorNotes& notes) {
  JsonFields metadata;
  for (const auto& [key, note] : notes) metadata.push_back({key, note});
  JsonFields header;
  uint64_t begin = 0;
  for (const Laid& each : laid) {
    const uint64_t end = begin + each.tensor.nbytes();
    metadata.push_back(
        {absl::StrCat(kHash, each.name), HashBytes(BytesOf(each.tensor)).ToString()});
    header.push_back({each.name, JsonFields{{"dtype", each.type->name},
                                            {"shape", each.tensor.sizes().vec()},
                                            {"data_offsets", std::vector<uint64_t>{begin, end}}}});
    begin = end;
  }
  header.push_back({kMetadata, std::move(metadata)});
  std::string text = JsonLine(header);
  text.resize(
      (text.size() + kLengthBytes + kAlignment - 1) / kAlignment * kAlignment - kLengthBytes, ' ');
  return text;
}

std::string LengthOf(uint64_t length) {
  std::string bytes(kLengthBytes, '\0');
  for (size_t i = 0; i < kLengthBytes; ++i) bytes[i] = static_cast<char>(length >> (8 * i));
  return bytes;
}

// The bytes of a file of tensors.
struct FileBytes {
  char* data = nullptr;
  uint64_t size = 0;
  std::string name;             // in errors
  std::shared_ptr<void> owner;  // lives as long as one of the tensors
};

class Reader {
 public:
  explicit Reader(FileBytes file) : file_(std::move(file)) {}

  absl::StatusOr<TensorFile> Read() {
    if (file_.size < kLengthBytes) return Damaged("it is shorter than any file of tensors");
    uint64_t length = 0;
    for (size_t i = 0; i < kLengthBytes; ++i) {
      length |= uint64_t{static_cast<uint8_t>(file_.data[i])} << (8 * i);
    }
    if (length > kLongestHeader || length > file_.size - kLengthBytes) {
      return Damaged("its header is longer than the file");
    }
    data_ = file_.data + kLengthBytes + length;
    size_ = file_.size - kLengthBytes - length;
    const auto header = ParseJson({file_.data + kLengthBytes, length});
    if (!header.ok()) return Damaged("its header is no JSON object");
    if (const absl::Status status = ReadNotes(*header); !status.ok()) return status;
    for (const JsonField& field : header->fields()) {
      const auto* entry = std::get_if<JsonFields>(&field.value.storage());
      if (entry == nullptr) return Damaged(absl::StrCat(field.key, " is no object"));
      if (field.key == kMetadata) continue;
      const absl::Status status = ReadTensor(field.key, JsonObject(*entry));
      if (!status.ok()) return status;
    }
    if (!hashes_.empty()) return Damaged(absl::StrCat(hashes_.begin()->first, " is missing"));
    return std::move(read_);
  }

 private:
  absl::Status Damaged(absl::string_view why) const {
    return absl::DataLossError(absl::StrCat(file_.name, " is damaged or holds no weights: ", why));
  }

  absl::Status ReadNotes(const JsonObject& header) {
    if (!header.Has(kMetadata)) return absl::OkStatus();
    const auto metadata = header.Object(kMetadata);
    if (!metadata.ok()) return Damaged(metadata.status().message());
    for (const JsonField& field : metadata->fields()) {
      const auto* text = std::get_if<std::string>(&field.value.storage());
      if (text == nullptr) return Damaged(absl::StrCat(kMetadata, " holds more than texts"));
      if (absl::StartsWith(field.key, kHash)) {
        hashes_[field.key.substr(sizeof(kHash) - 1)] = *text;
      } else {
        read_.notes[field.key] = *text;
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadTensor(const std::string& name, const JsonObject& entry) {
    const absl::StatusOr<std::string> dtype = entry.Text("dtype");
    const absl::StatusOr<std::vector<int64_t>> shape = entry.Integers("shape");
    const absl::StatusOr<std::vector<int64_t>> offsets = entry.Integers("data_offsets");
    for (const absl::Status& status : {dtype.status(), shape.status(), offsets.status()}) {
      if (!status.ok()) return Damaged(absl::StrCat(name, ": ", status.message()));
    }
    const ElementType* type = FindType(*dtype);
    if (type == nullptr) return Damaged(absl::StrCat(name, " has numbers of type ", *dtype));
    uint64_t bytes = type->bytes;
    for (const int64_t side : *shape) {
      if (side < 0 || __builtin_mul_overflow(bytes, static_cast<uint64_t>(side), &bytes)) {
        return Damaged(absl::StrCat("the shape of ", name, " makes no sense"));
      }
    }
    const bool in_file = offsets->size() == 2 && (*offsets)[0] >= 0 &&
                         (*offsets)[1] >= (*offsets)[0] &&
                         static_cast<uint64_t>((*offsets)[1]) <= size_;
    if (!in_file) return Damaged(absl::StrCat(name, " is beyond the end of the file"));
    if (static_cast<uint64_t>((*offsets)[1] - (*offsets)[0]) != bytes) {
      return Damaged(absl::StrCat(name, " has another size than its shape"));
    }
    char* const begin = data_ + (*offsets)[0];
    if (const auto it = hashes_.find(name); it != hashes_.end()) {
      if (HashBytes({begin, bytes}).ToString() != it->second) {
        return Damaged(absl::StrCat("the numbers of ", name, " were changed"));
      }
      hashes_.erase(it);
    }
    read_.tensors[name] = TensorAt(begin, bytes, *type, *shape);
    return absl::OkStatus();
  }

  at::Tensor TensorAt(char* begin, uint64_t bytes, const ElementType& type,
                      const std::vector<int64_t>& shape) {
    // Other programs may put numbers where the processor cannot read them in place.
    if (reinterpret_cast<uintptr_t>(begin) % type.bytes == 0) {
      return at::from_blob(
          begin, shape, [owner = file_.owner](void*) {}, at::TensorOptions(type.type));
    }
    at::Tensor copy = at::empty(shape, at::TensorOptions(type.type));
    std::memcpy(copy.data_ptr(), begin, bytes);
    return copy;
  }

  FileBytes file_;
  char* data_ = nullptr;
  uint64_t size_ = 0;
  std::map<std::string, std::string> hashes_;  // of tensors that were not yet read
  TensorFile read_;
};

}  // namespace

absl::StatusOr<std::string> TensorBytes(const NamedTensors& tensors, const TensorNotes& notes) {
  return CatchTorch("laying out tensors", [&]() -> absl::StatusOr<std::string> {
    const absl::StatusOr<std::vector<Laid>> laid = LayOut(tensors);
    if (!laid.ok()) return laid.status();
    const std::string header = HeaderOf(*laid, notes);
    std::string bytes = absl::StrCat(LengthOf(header.size()), header);
    for (const Laid& each : *laid) absl::StrAppend(&bytes, BytesOf(each.tensor));
    return bytes;
  });
}

absl::Status SaveTensors(const std::string& path, const NamedTensors& tensors,
                         const TensorNotes& notes) {
  const absl::StatusOr<std::string> bytes = TensorBytes(tensors, notes);
  return bytes.ok() ? WriteFileAtomically(path, *bytes) : bytes.status();
}

absl::StatusOr<TensorFile> LoadTensors(const std::string& path) {
  absl::StatusOr<MappedFile> opened = MappedFile::Open(path);
  if (!opened.ok()) return opened.status();
  auto file = std::make_shared<MappedFile>(*std::move(opened));
  return CatchTorch(absl::StrCat("reading ", path), [&] {
    return Reader({file->data(), file->size(), file->path(), file}).Read();
  });
}

absl::StatusOr<TensorFile> ReadTensors(absl::string_view bytes, const std::string& name) {
  return CatchTorch(absl::StrCat("reading ", name), [&] {
    return Reader({const_cast<char*>(bytes.data()), bytes.size(), name, nullptr}).Read();
  });
}

}  // namespace nasc
