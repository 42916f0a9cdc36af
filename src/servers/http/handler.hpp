// What stands behind an HTTP server: a Handler answers one Exchange at a time for each connection.
//
// Thread: the server's core.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "runtime/security.hpp"
#include "runtime/task.hpp"
#include "runtime/wait.hpp"
#include "servers/http/upgrade.hpp"
#include "wire/http/head/status.hpp"
#include "wire/http/request_parser.hpp"

namespace keel::servers {

// A body that is made while it is sent: server-sent events, long exports. Owned by the reply;
// destroyed when the client has gone, the server stops, or next() has said the end.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // Appends the next piece to `piece` (empty when called); false at the end. May wait, but comes
  // back within a second, with an empty piece when there is nothing: the server looks then whether
  // it is to stop. An error breaks the stream off without a last chunk.
  virtual runtime::Task<Result<bool>> next(std::string& piece, runtime::Wait wait) = 0;
  // The server drains, and the stream ends before its end: appends the last piece, if any.
  virtual void end_early(std::string& piece) { static_cast<void>(piece); }
};

// The answer to one request. Its body's memory is kept for the next request of the connection.
struct Reply {
  struct Field {
    std::string_view name;  // static lifetime
    std::string value;
  };

  http::Status status = http::Status::ok;
  std::string_view content_type = "application/json";  // static lifetime; empty: no body
  std::vector<Field> fields;
  std::string body;
  std::unique_ptr<BodyStream> stream;  // when set: sent instead of `body`
  // When set: nothing else of this reply counts; the connection is the upgrade's from here on.
  std::unique_ptr<Upgrade> upgrade;
  bool close = false;  // close the connection after this answer
  // Answer nothing and cut the connection: the outcome is not known, and the client must ask again
  // with the same id (DESIGN: the life of a command, step 5).
  bool cut = false;

  void reset() noexcept;
};

// One request and its reply.
class Exchange {
 public:
  virtual const http::Request& request() const noexcept = 0;
  // Gives the received bytes back to the core's pool. Call it as soon as the request has been read
  // and before waiting for long: request() and all views into it are void from here on.
  virtual void release_input() = 0;
  virtual Reply& reply() noexcept = 0;
  // Called off when the server is stopped hard.
  virtual runtime::Wait wait() noexcept = 0;
  virtual std::string_view peer() const noexcept = 0;
  // What protects the connection and who its client has proved to be; null: nothing does.
  virtual const runtime::Security* security() const noexcept { return nullptr; }

 protected:
  ~Exchange() = default;
};

class Handler {
 public:
  virtual ~Handler() = default;
  virtual runtime::Task<> handle(Exchange& exchange) = 0;
};

}  // namespace keel::servers
