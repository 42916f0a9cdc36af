// HttpClient: one keep-alive connection to a node's API, for the commands that are clients.
//
// One request at a time. After an error the connection is gone, and the next request makes a new
// one: whether to ask again, with the same Idempotency-Key, is the caller's decision.
//
// Thread: one core. Lifetime: no request under way when it is destroyed.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/core.hpp"
#include "wire/http/head/status.hpp"
#include "wire/http/response_parser.hpp"

namespace keel::node {

// Where a node listens and what it asks for.
struct NodeAddress {
  runtime::Endpoint endpoint;
  std::string token;
};

// "http://127.0.0.1:7411", or of another scheme that was asked for; numeric addresses only.
// client.bad_url.
Result<runtime::Endpoint> parse_url(std::string_view url, std::string_view scheme = "http");

struct ApiRequest {
  http::Method method = http::Method::get;
  std::string_view target;  // path and query, encoded
  std::string_view content_type = "application/json";
  std::string_view idempotency_key = {};
  ByteView body = {};
};

struct ApiResponse {
  http::Status status = http::Status::ok;
  std::string body;

  bool ok() const noexcept { return http::code(status) / 100 == 2; }
};

class HttpClient {
 public:
  HttpClient(runtime::Core& core, NodeAddress address)
      : core_(core), address_(std::move(address)) {}

  // Errors: of the connection (runtime) and of what came back (wire/http). A status of 400 and more
  // is an answer. `response` keeps its memory between calls.
  runtime::Task<Result<>> send(const ApiRequest& request, ApiResponse& response,
                               runtime::Wait wait);

  // A stream of events: the head's status, then what arrives, piece by piece.
  runtime::Task<Result<http::Status>> open_stream(std::string_view target, runtime::Wait wait);
  // Appends what has come; false at the end.
  runtime::Task<Result<bool>> read_stream(std::string& piece, runtime::Wait wait);

  runtime::Core& core() const noexcept { return core_; }

 private:
  runtime::Task<Result<>> connect(runtime::Wait wait);
  runtime::Task<Result<>> write(const ApiRequest& request, runtime::Wait wait);
  runtime::Task<Result<http::ResponseStep>> step(http::ExpectedResponse expected,
                                                 runtime::Wait wait);
  void drop() noexcept;

  runtime::Core& core_;
  NodeAddress address_;
  std::unique_ptr<runtime::Connection> connection_;
  std::unique_ptr<http::ResponseParser> parser_;
  runtime::Received received_;
};

// The body of what stands there. kUnexpectedAnswer names the target and what was said, for a status
// of 400 and more.
runtime::Task<Result<std::string>> get(HttpClient* client, std::string target, runtime::Wait wait);

}  // namespace keel::node
