#include "runtime/data/npy_array.h"

#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "runtime/data/gzip_file.h"
#include "runtime/data/payload.h"

namespace nasc {
namespace {

constexpr absl::string_view kMagic("\x93NUMPY", 6);
constexpr int64_t kMaxHeader = 1 << 16;
constexpr size_t kMaxDims = 32;  // as NumPy itself

struct Header {
  std::string type;
  bool fortran = false;
  std::vector<int64_t> dims;
};

// Reads the header's text: a literal of Python that names three things, in any order, such as
// {'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }
class HeaderParser {
 public:
  explicit HeaderParser(absl::string_view text) : rest_(text) {}

  bool Parse(Header& header) {
    bool type = false, order = false, shape = false;
    if (!Take("{")) return false;
    while (!Take("}")) {
      std::string key;
      if (!Text(key) || !Take(":")) return false;
      bool* seen = key == "descr"           ? &type
                   : key == "fortran_order" ? &order
                   : key == "shape"         ? &shape
                                            : nullptr;
      if (seen == nullptr || std::exchange(*seen, true)) return false;
      const bool good = seen == &type    ? Text(header.type)
                        : seen == &order ? Truth(header.fortran)
                                         : Tuple(header.dims);
      if (!good) return false;
      if (!Take(",") && !absl::StartsWith(rest_, "}")) return false;
    }
    return type && order && shape && absl::StripAsciiWhitespace(rest_).empty();
  }

 private:
  // Each takes what it names from the beginning of the rest, and spaces on both sides.
  bool Take(absl::string_view piece) {
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    const bool found = absl::ConsumePrefix(&rest_, piece);
    rest_ = absl::StripLeadingAsciiWhitespace(rest_);
    return found;
  }

  bool Text(std::string& text) {
    const char quote = rest_.empty() ? '\0' : rest_[0];
    if (quote != '\'' && quote != '"') return false;
    const size_t end = rest_.find(quote, 1);
    if (end == absl::string_view::npos) return false;
    text = std::string(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return Take("");
  }

  bool Truth(bool& truth) {
    truth = Take("True");
    return truth || Take("False");
  }

  bool Tuple(std::vector<int64_t>& dims) {
    if (!Take("(")) return false;
    while (!Take(")")) {
      size_t digits = 0;
      while (digits < rest_.size() && absl::ascii_isdigit(rest_[digits])) ++digits;
      int64_t dim = 0;
      if (!absl::SimpleAtoi(rest_.substr(0, digits), &dim) || dims.size() == kMaxDims) return false;
      dims.push_back(dim);
      rest_.remove_prefix(digits);
      if (!Take(",") && !absl::StartsWith(rest_, ")")) return false;
    }
    return true;
  }

  absl::string_view rest_;
};

// The bytes of an element, or 0 where its kind is none that can be read: '<i8' is 8.
int64_t ElementBytes(absl::string_view type) {
  int64_t bytes = 0;
  const bool good = type.size() >= 3 && absl::string_view("<>|=").find(type[0]) != type.npos &&
                    absl::string_view("biuf").find(type[1]) != type.npos &&
                    absl::SimpleAtoi(type.substr(2), &bytes) &&
                    (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
  return good ? bytes : 0;
}

// The number in `count` bytes, the least significant first.
uint64_t LittleEndian(const uint8_t* bytes, int64_t count) {
  uint64_t number = 0;
  for (int64_t i = count; i-- > 0;) number = number << 8 | bytes[i];
  return number;
}

absl::StatusOr<Header> ReadHeader(GzipFile& file) {
  const auto wrong = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(file.path(), ": not a NumPy array: ", why));
  };
  uint8_t start[12];
  absl::StatusOr<int64_t> count = file.Read(start, 8);
  if (!count.ok()) return count.status();
  if (*count < 8 || absl::string_view(reinterpret_cast<char*>(start), 6) != kMagic) {
    return wrong("it does not begin as one");
  }
  const int version = start[6];
  if (version < 1 || version > 3) {
    return wrong(absl::StrCat("its format is ", version, "; 1, 2 and 3 are known"));
  }
  const int64_t width = version == 1 ? 2 : 4;
  count = file.Read(start + 8, width);
  if (!count.ok()) return count.status();
  if (*count < width) return wrong("it ends within its header");
  const auto size = static_cast<int64_t>(LittleEndian(start + 8, width));
  if (size > kMaxHeader) return wrong(absl::StrCat("it claims a header of ", size, " bytes"));
  std::string text(size, '\0');
  count = file.Read(&text[0], size);
  if (!count.ok()) return count.status();
  if (*count < size) return wrong("it ends within its header");
  Header header;
  if (!HeaderParser(text).Parse(header)) {
    constexpr size_t kShown = 200;
    return wrong(absl::StrCat("its header says ", absl::CHexEscape(text.substr(0, kShown))));
  }
  return header;
}

}  // namespace

int64_t NpyArray::size() const {
  int64_t size = 1;
  for (const int64_t dim : dims) size *= dim;
  return size;
}

absl::StatusOr<NpyArray> ReadNpy(absl::string_view path) {
  absl::StatusOr<GzipFile> file = GzipFile::Open(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<Header> header = ReadHeader(*file);
  if (!header.ok()) return header.status();
  int64_t size = ElementBytes(header->type);
  if (size == 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": its elements are '",
                                                   absl::CHexEscape(header->type),
                                                   "', which are no numbers that can be read"));
  }
  if (header->fortran && header->dims.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": it is in Fortran's order: save numpy.ascontiguousarray(array) instead"));
  }
  const std::string dims = absl::StrJoin(header->dims, "x");
  for (const int64_t dim : header->dims) {
    if (dim > 0 && size > kMaxNpyBytes / dim) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": its header claims an array of ", dims,
                                                     " elements; the limit is ", kMaxNpyBytes,
                                                     " bytes"));
    }
    size *= dim;
  }
  absl::StatusOr<std::vector<uint8_t>> data = ReadPayload(*file, size, dims);
  if (!data.ok()) return data.status();
  return NpyArray{std::move(header->type), std::move(header->dims), *std::move(data)};
}

absl::StatusOr<std::vector<int64_t>> WholeNumbers(const NpyArray& array) {
  const char kind = array.type[1];
  if (kind != 'i' && kind != 'u') {
    return absl::InvalidArgumentError(
        absl::StrCat("its elements are '", array.type, "', not whole numbers"));
  }
  const int64_t bytes = ElementBytes(array.type);
  std::vector<int64_t> numbers;
  numbers.reserve(array.size());
  for (int64_t i = 0; i < array.size(); ++i) {
    uint8_t element[8];
    for (int64_t k = 0; k < bytes; ++k) {
      const int64_t from = array.type[0] == '>' ? bytes - 1 - k : k;
      element[k] = array.data[i * bytes + from];
    }
    const uint64_t number = LittleEndian(element, bytes);
    const uint64_t sign = uint64_t{1} << (8 * bytes - 1);
    if (kind == 'i' && (number & sign) != 0) {
      // All bits above are those of the sign.
      numbers.push_back(static_cast<int64_t>(number | ~(2 * sign - 1)));
      continue;
    }
    if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return absl::InvalidArgumentError(absl::StrCat("element ", i, " is ", number));
    }
    numbers.push_back(static_cast<int64_t>(number));
  }
  return numbers;
}

}  // namespace nasc
