// JSON: objects whose fields keep their order, to write and to read.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nasc {

class JsonValue;
struct JsonField;

using JsonList = std::vector<JsonValue>;
using JsonFields = std::vector<JsonField>;  // An object.

// null, true or false, a number, a text, a list or an object; made from whatever means that:
//
//   JsonFields{{"step", 3},
//              {"loss", 1.25},
//              {"name", "darts"},
//              {"seeds", std::vector<int>{1, 2}},
//              {"data", JsonFields{{"name", "fashion_mnist"}}}}
class JsonValue {
 public:
  using Storage = std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string,
                               JsonList, JsonFields>;

  JsonValue() = default;  // null
  JsonValue(const char* text) : storage_(std::string(text)) {}
  JsonValue(absl::string_view text) : storage_(std::string(text)) {}
  JsonValue(std::string text) : storage_(std::move(text)) {}
  JsonValue(JsonList list) : storage_(std::move(list)) {}
  JsonValue(JsonFields fields) : storage_(std::move(fields)) {}

  // true or false, or a number. Not a plain constructor from bool: every pointer would fit it.
  template <typename T, typename = std::enable_if_t<std::is_arithmetic_v<T>>>
  JsonValue(T value) {
    if constexpr (std::is_same_v<T, bool>) {
      storage_ = value;
    } else if constexpr (std::is_floating_point_v<T>) {
      storage_ = static_cast<double>(value);
    } else if (value <= T{0} || static_cast<uint64_t>(value) <= uint64_t{INT64_MAX}) {
      storage_ = static_cast<int64_t>(value);
    } else {
      storage_ = static_cast<uint64_t>(value);
    }
  }

  // A list of whatever a value can be made from.
  template <typename T>
  JsonValue(const std::vector<T>& list) : storage_(JsonList(list.begin(), list.end())) {}

  // Of the integers, uint64_t holds only what int64_t cannot.
  const Storage& storage() const { return storage_; }

 private:
  Storage storage_;
};

struct JsonField {
  std::string key;
  JsonValue value;
};

// An object as text, on one line without a line break at its end. Fields keep their order; of two
// with the same key, the first place gets the last value. Floating-point numbers read back as the
// same number and are no longer than that takes; NaN and the infinities, which JSON lacks, become
// null, and bytes that are not UTF-8 become U+FFFD.
std::string JsonLine(const JsonFields& fields);

// The same, indented, with a line break at its end.
std::string JsonDocument(const JsonFields& fields);

// An object that was read. Its errors name the key, from the outermost object on:
// "'data.seed' is missing" (NotFound), "'data.seed' is a text, not a number" (InvalidArgument).
class JsonObject {
 public:
  explicit JsonObject(JsonFields fields) : fields_(std::move(fields)) {}

  const JsonFields& fields() const { return fields_; }
  bool Has(absl::string_view key) const;

  absl::StatusOr<std::string> Text(absl::string_view key) const;
  absl::StatusOr<double> Number(absl::string_view key) const;    // Not null, as NaN is written.
  absl::StatusOr<int64_t> Integer(absl::string_view key) const;  // 3, but not 3.0.
  absl::StatusOr<bool> Bool(absl::string_view key) const;
  absl::StatusOr<JsonObject> Object(absl::string_view key) const;
  absl::StatusOr<std::vector<std::string>> Texts(absl::string_view key) const;
  absl::StatusOr<std::vector<int64_t>> Integers(absl::string_view key) const;
  absl::StatusOr<std::vector<JsonObject>> Objects(absl::string_view key) const;

 private:
  JsonObject(JsonFields fields, std::string path)
      : fields_(std::move(fields)), path_(std::move(path)) {}

  // The value of a key if it is a T, which `wanted` calls it; see above otherwise.
  template <typename T>
  absl::StatusOr<T> Get(absl::string_view key, absl::string_view wanted) const;

  // The values of a list if each is a T.
  template <typename T>
  absl::StatusOr<std::vector<T>> GetAll(absl::string_view key, absl::string_view wanted) const;

  std::string PathOf(absl::string_view key) const;

  JsonFields fields_;
  std::string path_;  // "" for the outermost object.
};

// Reads a text that is one JSON object. InvalidArgument, with the place where that is known, if it
// is anything else; also where lists and objects nest more than 100 deep or a number is too large.
absl::StatusOr<JsonObject> ParseJson(absl::string_view text);

}  // namespace nasc
