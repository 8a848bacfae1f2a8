#include "cli/diagnostics_json.h"

#include <utility>

namespace nasc {
namespace {

void AddPlace(const Location& location, JsonFields& fields) {
  const bool known = location.known();
  fields.push_back({"file", known ? JsonValue(location.file->path()) : JsonValue()});
  fields.push_back({"line", known ? JsonValue(location.line) : JsonValue()});
  fields.push_back({"column", known ? JsonValue(location.column) : JsonValue()});
  fields.push_back(
      {"end_column", known ? JsonValue(location.column + location.length) : JsonValue()});
}

JsonFields ToJson(const Note& note) {
  JsonFields fields = {{"message", note.message}};
  AddPlace(note.location, fields);
  return fields;
}

JsonFields ToJson(const Diagnostic& diagnostic) {
  JsonFields fields = {
      {"code", diagnostic.kind->code},
      {"severity", diagnostic.kind->severity == Severity::kError ? "error" : "warning"},
      {"message", diagnostic.message}};
  AddPlace(diagnostic.location, fields);
  JsonList notes;
  for (const Note& note : diagnostic.notes) notes.emplace_back(ToJson(note));
  fields.push_back({"notes", std::move(notes)});
  fields.push_back({"fix", diagnostic.fix.empty() ? JsonValue() : JsonValue(diagnostic.fix)});
  return fields;
}

}  // namespace

JsonList ToJson(const Diagnostics& diagnostics) {
  JsonList list;
  for (const Diagnostic& diagnostic : diagnostics.Sorted()) list.emplace_back(ToJson(diagnostic));
  return list;
}

}  // namespace nasc
