#include "lsp/rpc.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "lsp/transport.h"

namespace nasc::lsp {
namespace {

// Codes of JSON-RPC and of the protocol.
constexpr int kParseError = -32700;
constexpr int kInvalidRequest = -32600;
constexpr int kMethodNotFound = -32601;
constexpr int kInvalidParams = -32602;
constexpr int kInternalError = -32603;
constexpr int kServerNotInitialized = -32002;

// No message of the protocol nests deeper; each level costs the parser a hundred bytes.
constexpr int kMaxDepth = 100;

bool TooDeep(const std::string& text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

void Rpc::OnRequest(const std::string& method, RequestHandler handler) {
  requests_[method] = std::move(handler);
}

void Rpc::OnNotification(const std::string& method, NotificationHandler handler) {
  notifications_[method] = std::move(handler);
}

absl::Status Rpc::Serve() {
  MessageReader reader(in_);
  while (true) {
    const absl::StatusOr<std::optional<std::string>> message = reader.Read();
    if (!message.ok()) {
      SendError(nullptr, kParseError, std::string(message.status().message()));
      continue;
    }
    if (!message->has_value() || !Handle(**message)) break;
  }
  if (state_ == State::kShutDown) return absl::OkStatus();
  return absl::FailedPreconditionError("the client left without `shutdown`");
}

bool Rpc::Handle(const std::string& text) {
  const Json message =
      TooDeep(text) ? Json(Json::value_t::discarded) : Json::parse(text, nullptr, false);
  if (message.is_discarded()) {
    SendError(nullptr, kParseError, "a message that is no JSON, or nests too deep");
    return true;
  }
  const auto id = message.find("id");
  const bool has_id = message.is_object() && id != message.end();
  if (has_id && !id->is_string() && !id->is_number_integer()) {
    SendError(nullptr, kInvalidRequest, "an id that is neither a number nor a text");
    return true;
  }
  const auto method = message.find("method");
  if (!message.is_object() || method == message.end() || !method->is_string()) {
    // An answer to a request of ours needs none; there are no such requests, but clients may err.
    const bool answer = has_id && (message.contains("result") || message.contains("error"));
    if (!answer) SendError(has_id ? *id : Json(), kInvalidRequest, "a message without a method");
    return true;
  }
  const auto params = message.find("params");
  const Json& given = params == message.end() ? Json::object() : *params;
  const std::string name = method->get<std::string>();
  if (has_id) {
    HandleRequest(name, *id, given);
  } else if (name == "exit") {
    return false;
  } else {
    HandleNotification(name, given);
  }
  return true;
}

void Rpc::HandleRequest(const std::string& method, const Json& id, const Json& params) {
  const bool initialize = method == "initialize";
  if (state_ == State::kNew && !initialize) {
    return SendError(id, kServerNotInitialized, "`initialize` comes first");
  }
  if (state_ == State::kShutDown || (state_ == State::kReady && initialize)) {
    return SendError(id, kInvalidRequest, absl::StrCat("no `", method, "` is expected now"));
  }
  const auto handler = requests_.find(method);
  const bool shutdown = method == "shutdown";
  if (handler == requests_.end() && !shutdown) {
    return SendError(id, kMethodNotFound, absl::StrCat("unknown method '", method, "'"));
  }
  try {
    Json result = shutdown ? Json() : handler->second(params);
    if (initialize) state_ = State::kReady;
    if (shutdown) state_ = State::kShutDown;
    Send({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
  } catch (const Json::exception& error) {
    SendError(id, kInvalidParams, error.what());
  } catch (const std::invalid_argument& error) {
    SendError(id, kInvalidParams, error.what());
  } catch (const std::exception& error) {
    SendError(id, kInternalError, error.what());
  }
}

void Rpc::HandleNotification(const std::string& method, const Json& params) {
  const auto handler = notifications_.find(method);
  if (state_ != State::kReady || handler == notifications_.end()) return;
  try {
    handler->second(params);
  } catch (const std::exception& error) {
    LOG(WARNING) << method << ": " << error.what();
  }
}

void Rpc::Notify(const std::string& method, Json params) {
  Send({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

void Rpc::SendError(const Json& id, int code, const std::string& message) {
  Send({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", message}}}});
}

void Rpc::Send(const Json& message) {
  // A file of the disk that is not UTF-8 may be quoted.
  WriteMessage(out_, message.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace nasc::lsp
