// HttpConnection: the loop of one connection. Lives in the frame of its task; see server.hpp.
#pragma once

#include "runtime/ports.hpp"
#include "servers/http/handler.hpp"
#include "servers/http/server.hpp"
#include "wire/http/message_writer.hpp"
#include "wire/http/request_parser.hpp"

namespace keel::servers {

class HttpConnection final : private Exchange {
 public:
  HttpConnection(HttpServer& server, runtime::Connection& connection)
      : server_(server), connection_(connection), parser_(server.options_.limits) {}

  // Until the client or the server ends it.
  runtime::Task<> run();

 private:
  // How the answer must be framed; taken from the request before it is void.
  struct Framing {
    http::Version version = http::Version::http_1_1;
    bool keep_alive = true;
    bool head_only = false;
  };

  const http::Request& request() const noexcept override { return parser_.request(); }
  void release_input() override;
  Reply& reply() noexcept override { return reply_; }
  runtime::Wait wait() noexcept override { return server_.connections_.wait(); }
  std::string_view peer() const noexcept override { return connection_.peer(); }
  const runtime::Security* security() const noexcept override { return connection_.security(); }

  // Each: false when the connection is over.
  runtime::Task<bool> receive_more();
  runtime::Task<bool> answer();
  runtime::Task<bool> send_reply(Framing framing);
  runtime::Task<bool> send_stream(bool chunked);
  runtime::Task<> upgrade();
  runtime::Task<bool> send(std::span<const ByteView> parts);

  // Answers with a status and a short problem document, then closes in a way that lets the client
  // read it.
  runtime::Task<> refuse(http::Status status, std::string_view name);
  runtime::Task<> linger();
  runtime::Wait goodbye() noexcept;  // how long an orderly end may take

  bool draining() const noexcept { return server_.draining_.requested(); }

  HttpServer& server_;
  runtime::Connection& connection_;
  http::RequestParser parser_;
  runtime::Received received_;
  Reply reply_;
  Timestamp message_deadline_ = Timestamp::never();
};

}  // namespace keel::servers
