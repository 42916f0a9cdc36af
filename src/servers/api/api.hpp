// Api: Keel's HTTP API. Finds the route of a request, authenticates, forms the command or query,
// waits for the cell's answer and writes it. docs/api.md describes it for clients; the routes are
// data (routes.hpp).
//
// Thread: the server's core. What it is given outlives it.
#pragma once

#include <functional>
#include <string>

#include "engine/requests/client.hpp"
#include "runtime/core.hpp"
#include "servers/api/caller.hpp"
#include "servers/api/devices/set_credentials.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/routes/handmade_routes.hpp"
#include "servers/api/routes/routes.hpp"
#include "servers/http/handler.hpp"

namespace keel::servers {

// What the operational routes show; made by the node.
class Operations {
 public:
  virtual ~Operations() = default;
  // Empty: ready to serve. Else why not, in one sentence.
  virtual std::string not_ready() const = 0;
  // Empty, or what somebody should look at although the node serves.
  virtual std::string warning() const { return {}; }
  // Appends the signed chain head of what is durable now, as JSON.
  virtual runtime::Task<Result<>> sign_head(std::string& json) {
    static_cast<void>(json);
    co_return Error(kNotReady, "this node does not sign chain heads");
  }
  // What the node itself answers to a GET, beside the cell (routes.hpp).
  virtual std::span<const NodeRoute> routes() const noexcept [[clang::lifetimebound]] { return {}; }
  // Appends the answer to one of them, as JSON.
  virtual runtime::Task<Result<>> answer(const NodeRoute& route, NodeRoute::Asked asked,
                                         std::string& json, runtime::Wait wait) {
    static_cast<void>(route), static_cast<void>(asked), static_cast<void>(json);
    static_cast<void>(wait);
    co_return kNoSuchRoute;
  }
  // Appends the metrics in Prometheus' text format.
  virtual runtime::Task<> write_metrics(std::string& text) = 0;
};

class Api final : public Handler {
 public:
  struct Parts {
    runtime::Core& core;
    engine::CellClient& cell;
    const Authenticator& authenticator;
    Operations& operations;
    std::string version;
    // Another cell, whose history may be read; null: there is no such cell. Empty: there is none.
    std::function<engine::CellClient*(std::string_view name)> other_cell{};
    PasswordHasher* passwords = nullptr;  // null: this node hashes none
    // A command of another cell than `cell` may be durable; empty: nobody wants to know.
    std::function<void(const kernel::Command&)> on_other_cell{};
  };
  explicit Api(Parts parts);

  runtime::Task<> handle(Exchange& exchange) override;

 private:
  runtime::Task<Result<>> route(Exchange& exchange);
  runtime::Task<Result<>> run_command(Exchange& exchange, const CommandRoute& route,
                                      std::string_view path_value, Caller caller);
  runtime::Task<Result<>> run_query(Exchange& exchange, const QueryRoute& route,
                                    std::string_view path_value, Caller caller);
  runtime::Task<Result<>> open_document(Exchange& exchange, const DocumentRoute& route,
                                        std::string_view path_value, Caller caller);
  runtime::Task<Result<>> stream_events(Exchange& exchange, Caller caller);
  runtime::Task<Result<>> ask_node(Exchange& exchange, const NodeRoute& route,
                                   std::string_view path_value, Caller caller);
  runtime::Task<Result<>> erase_subject(Exchange& exchange, std::string_view id, Caller caller);
  runtime::Task<Result<>> answer_by_hand(Exchange& exchange, Handmade what, std::string_view value);
  // Needs no token.
  Result<> answer_health(Handmade what, Reply& reply) const;
  // The routes below /v1/streams; false: another one.
  runtime::Task<Result<bool>> answer_about_streams(Exchange& exchange, Caller caller);
  runtime::Task<Result<>> set_credentials(Exchange& exchange, std::string_view device,
                                          Caller caller);
  // Of a route: its own, or that of `cell`. kNotFound: this node has none.
  Result<engine::CellClient*> cell_of(std::string_view name) const;

  Result<Caller> authenticate(const http::Request& request) const;
  Result<CommandId> command_id(const http::Request& request, TenantId tenant);

  Parts parts_;
  std::string openapi_;
};

}  // namespace keel::servers
