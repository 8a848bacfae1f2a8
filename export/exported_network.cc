#include "export/exported_network.h"

#include "runtime/run/json.h"

namespace nasc {

std::string OriginJson(const ExportedNetwork& network) {
  JsonFields fields;
  for (const auto& [key, value] : network.origin) fields.push_back({key, value});
  return JsonDocument(fields);
}

}  // namespace nasc
