#include "runtime/run/json.h"

#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace nasc {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMaxDepth = 100;

Json ToJson(const JsonFields& fields);

struct ToJsonVisitor {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(const JsonFields& fields) const { return ToJson(fields); }
  Json operator()(const JsonList& list) const {
    Json result = Json::array();
    for (const JsonValue& value : list) result.push_back(std::visit(*this, value.storage()));
    return result;
  }
  template <typename T>
  Json operator()(const T& scalar) const {
    return scalar;
  }
};

Json ToJson(const JsonFields& fields) {
  Json result = Json::object();
  for (const JsonField& field : fields) {
    result[field.key] = std::visit(ToJsonVisitor(), field.value.storage());
  }
  return result;
}

std::string Dump(const JsonFields& fields, int indent) {
  return ToJson(fields).dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

absl::StatusOr<JsonFields> FieldsFromJson(const Json& json, int depth);

absl::StatusOr<JsonValue> ValueFromJson(const Json& json, int depth) {
  if (depth > kMaxDepth) {
    return absl::InvalidArgumentError(
        absl::StrCat("not JSON that nasc reads: it nests more than ", kMaxDepth, " deep"));
  }
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
      return json.get<int64_t>();
    case Json::value_t::number_unsigned:
      return json.get<uint64_t>();
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return json.get_ref<const std::string&>();
    case Json::value_t::object: {
      absl::StatusOr<JsonFields> fields = FieldsFromJson(json, depth);
      if (!fields.ok()) return fields.status();
      return JsonValue(*std::move(fields));
    }
    case Json::value_t::array: {
      JsonList list;
      for (const Json& element : json) {
        absl::StatusOr<JsonValue> value = ValueFromJson(element, depth + 1);
        if (!value.ok()) return value.status();
        list.push_back(*std::move(value));
      }
      return JsonValue(std::move(list));
    }
    case Json::value_t::null:
    case Json::value_t::binary:     // Not in JSON.
    case Json::value_t::discarded:  // Never without a callback.
      break;
  }
  return JsonValue();
}

absl::StatusOr<JsonFields> FieldsFromJson(const Json& json, int depth) {
  JsonFields fields;
  for (const auto& [key, element] : json.items()) {
    absl::StatusOr<JsonValue> value = ValueFromJson(element, depth + 1);
    if (!value.ok()) return value.status();
    fields.push_back({key, *std::move(value)});
  }
  return fields;
}

struct KindVisitor {
  absl::string_view operator()(std::monostate) const { return "null"; }
  absl::string_view operator()(bool) const { return "true or false"; }
  absl::string_view operator()(int64_t) const { return "an integer"; }
  absl::string_view operator()(uint64_t) const { return "an integer"; }
  absl::string_view operator()(double) const { return "a number"; }
  absl::string_view operator()(const std::string&) const { return "a text"; }
  absl::string_view operator()(const JsonList&) const { return "a list"; }
  absl::string_view operator()(const JsonFields&) const { return "an object"; }
};

absl::Status WrongKind(absl::string_view path, const JsonValue& value, absl::string_view wanted) {
  return absl::InvalidArgumentError(absl::StrCat(
      "'", path, "' is ", std::visit(KindVisitor(), value.storage()), ", not ", wanted));
}

const JsonValue* Find(const JsonFields& fields, absl::string_view key) {
  for (const JsonField& field : fields) {
    if (field.key == key) return &field.value;
  }
  return nullptr;
}

}  // namespace

std::string JsonLine(const JsonFields& fields) { return Dump(fields, /*indent=*/-1); }

std::string JsonDocument(const JsonFields& fields) {
  return absl::StrCat(Dump(fields, /*indent=*/2), "\n");
}

absl::StatusOr<JsonObject> ParseJson(absl::string_view text) {
  Json json;
  // The library says what is wrong only by an exception.
  try {
    json = Json::parse(text.begin(), text.end());
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    absl::string_view message = error.what();
    if (const size_t bracket = message.find("] "); bracket != absl::string_view::npos) {
      message.remove_prefix(bracket + 2);
    }
    return absl::InvalidArgumentError(absl::StrCat("not JSON: ", message));
  }
  if (!json.is_object()) {
    return absl::InvalidArgumentError("not a JSON object: it does not begin with '{'");
  }
  absl::StatusOr<JsonFields> fields = FieldsFromJson(json, 1);
  if (!fields.ok()) return fields.status();
  return JsonObject(*std::move(fields));
}

bool JsonObject::Has(absl::string_view key) const { return Find(fields_, key) != nullptr; }

std::string JsonObject::PathOf(absl::string_view key) const {
  return path_.empty() ? std::string(key) : absl::StrCat(path_, ".", key);
}

template <typename T>
absl::StatusOr<T> JsonObject::Get(absl::string_view key, absl::string_view wanted) const {
  const JsonValue* value = Find(fields_, key);
  if (value == nullptr) {
    return absl::NotFoundError(absl::StrCat("'", PathOf(key), "' is missing"));
  }
  const T* found = std::get_if<T>(&value->storage());
  if (found == nullptr) return WrongKind(PathOf(key), *value, wanted);
  return *found;
}

absl::StatusOr<std::string> JsonObject::Text(absl::string_view key) const {
  return Get<std::string>(key, "a text");
}

absl::StatusOr<double> JsonObject::Number(absl::string_view key) const {
  if (const JsonValue* value = Find(fields_, key); value != nullptr) {
    if (const auto* integer = std::get_if<int64_t>(&value->storage())) {
      return static_cast<double>(*integer);
    }
    if (const auto* integer = std::get_if<uint64_t>(&value->storage())) {
      return static_cast<double>(*integer);
    }
  }
  return Get<double>(key, "a number");
}

absl::StatusOr<int64_t> JsonObject::Integer(absl::string_view key) const {
  if (const JsonValue* value = Find(fields_, key);
      value != nullptr && std::holds_alternative<uint64_t>(value->storage())) {
    return absl::InvalidArgumentError(absl::StrCat("'", PathOf(key), "' is above 2^63 - 1"));
  }
  return Get<int64_t>(key, "an integer");
}

absl::StatusOr<bool> JsonObject::Bool(absl::string_view key) const {
  return Get<bool>(key, "true or false");
}

absl::StatusOr<JsonObject> JsonObject::Object(absl::string_view key) const {
  absl::StatusOr<JsonFields> fields = Get<JsonFields>(key, "an object");
  if (!fields.ok()) return fields.status();
  return JsonObject(*std::move(fields), PathOf(key));
}

template <typename T>
absl::StatusOr<std::vector<T>> JsonObject::GetAll(absl::string_view key,
                                                  absl::string_view wanted) const {
  const absl::StatusOr<JsonList> list = Get<JsonList>(key, "a list");
  if (!list.ok()) return list.status();
  std::vector<T> all;
  for (const JsonValue& value : *list) {
    const auto* one = std::get_if<T>(&value.storage());
    if (one == nullptr) {
      return WrongKind(absl::StrCat(PathOf(key), "[", all.size(), "]"), value, wanted);
    }
    all.push_back(*one);
  }
  return all;
}

absl::StatusOr<std::vector<std::string>> JsonObject::Texts(absl::string_view key) const {
  return GetAll<std::string>(key, "a text");
}

absl::StatusOr<std::vector<int64_t>> JsonObject::Integers(absl::string_view key) const {
  return GetAll<int64_t>(key, "a whole number");
}

absl::StatusOr<std::vector<JsonObject>> JsonObject::Objects(absl::string_view key) const {
  const absl::StatusOr<JsonList> list = Get<JsonList>(key, "a list");
  if (!list.ok()) return list.status();
  std::vector<JsonObject> objects;
  for (const JsonValue& value : *list) {
    std::string path = absl::StrCat(PathOf(key), "[", objects.size(), "]");
    const auto* fields = std::get_if<JsonFields>(&value.storage());
    if (fields == nullptr) return WrongKind(path, value, "an object");
    objects.push_back(JsonObject(*fields, std::move(path)));
  }
  return objects;
}

}  // namespace nasc
