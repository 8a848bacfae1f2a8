#pragma once

#include <functional>
#include <istream>
#include <map>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "nlohmann/json.hpp"

namespace nasc::lsp {

using Json = nlohmann::json;

// JSON-RPC with the protocol's life: `initialize` first, `shutdown`, then `exit`. Handlers read
// parameters as they expect them; what they throw where these are otherwise becomes an error
// answer.
class Rpc {
 public:
  using RequestHandler = std::function<Json(const Json& params)>;
  using NotificationHandler = std::function<void(const Json& params)>;

  Rpc(std::istream& in, std::ostream& out) : in_(in), out_(out) {}

  void OnRequest(const std::string& method, RequestHandler handler);
  void OnNotification(const std::string& method, NotificationHandler handler);

  // Serves until `exit` or the end of the input. Error: the client left without `shutdown`.
  absl::Status Serve();

  void Notify(const std::string& method, Json params);

 private:
  enum class State { kNew, kReady, kShutDown };

  // Whether to go on.
  bool Handle(const std::string& text);
  void HandleRequest(const std::string& method, const Json& id, const Json& params);
  void HandleNotification(const std::string& method, const Json& params);
  void Send(const Json& message);
  void SendError(const Json& id, int code, const std::string& message);

  std::istream& in_;
  std::ostream& out_;
  State state_ = State::kNew;
  std::map<std::string, RequestHandler> requests_;
  std::map<std::string, NotificationHandler> notifications_;
};

}  // namespace nasc::lsp
