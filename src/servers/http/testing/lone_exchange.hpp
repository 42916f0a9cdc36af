// LoneExchange: a request without a connection, for tests of handlers.
#pragma once

#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "servers/http/handler.hpp"

namespace keel::servers::test {

class LoneExchange final : public Exchange {
 public:
  // A whole request as it comes over the wire.
  explicit LoneExchange(std::string text) : text_(std::move(text)) {
    parser_.feed(as_bytes(text_));
    KEEL_ASSERT(parser_.next() == http::RequestStep::request);
  }
  const http::Request& request() const noexcept override { return parser_.request(); }
  void release_input() override {}
  Reply& reply() noexcept override { return reply_; }
  runtime::Wait wait() noexcept override { return {}; }
  std::string_view peer() const noexcept override { return "10.0.0.9"; }

 private:
  std::string text_;
  http::RequestParser parser_;
  Reply reply_;
};

}  // namespace keel::servers::test
