#include "servers/websocket/handler.hpp"

#include <algorithm>

#include "wire/websocket/errors.hpp"

namespace keel::servers {

using runtime::Task;

namespace {

constexpr std::size_t kAcceptanceBytes = 512;

class WebSocketUpgrade final : public Upgrade {
 public:
  WebSocketUpgrade(std::string acceptance, std::unique_ptr<WebSocketService> service,
                   const WebSocketOptions& options,
                   const std::optional<websocket::DeflateTerms>& deflate, WebSocketStats& stats)
      : acceptance_(std::move(acceptance)),
        service_(std::move(service)),
        options_(options),
        deflate_(deflate),
        stats_(stats) {}

  std::string take_acceptance() noexcept override { return std::exchange(acceptance_, {}); }
  Task<> run(Upgraded upgraded) override {
    WebSocket socket(upgraded, options_, deflate_, stats_);
    co_await socket.run(*service_);
  }

 private:
  std::string acceptance_;
  std::unique_ptr<WebSocketService> service_;
  const WebSocketOptions& options_;
  std::optional<websocket::DeflateTerms> deflate_;
  WebSocketStats& stats_;
};

class NothingToSay final : public WebSocketService {
 public:
  Task<> serve(WebSocket& socket) override {
    socket.close(websocket::CloseCode::protocol_error, "no sub-protocol in common");
    co_return;
  }
};

}  // namespace

WebSocketProtocol* WebSocketHandler::choose(const websocket::Opening& opening) const noexcept {
  for (WebSocketProtocol* each : protocols_)
    if (std::ranges::find(opening.protocols, each->name()) != opening.protocols.end()) return each;
  const bool first = rules_.no_protocol == NoProtocol::serve_first && opening.protocols.empty();
  return first && !protocols_.empty() ? protocols_.front() : nullptr;
}

bool WebSocketHandler::may_come_from(std::string_view origin,
                                     std::string_view host) const noexcept {
  if (origin.empty() || std::ranges::find(rules_.origins, origin) != rules_.origins.end())
    return true;
  const std::size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && !host.empty() && origin.substr(scheme + 3) == host;
}

void WebSocketHandler::refuse(Exchange& exchange, http::Status status, std::string_view name) {
  ++stats_.refused;
  Reply& reply = exchange.reply();
  reply.status = status;
  reply.content_type = "application/problem+json";
  reply.body = "{\"type\":\"about:blank\",\"title\":\"";
  reply.body += http::reason(status);
  reply.body += "\",\"status\":" + std::to_string(http::code(status)) + ",\"code\":\"";
  reply.body += name;
  reply.body += "\"}";
}

Task<> WebSocketHandler::handle(Exchange& exchange) {
  const http::Request& request = exchange.request();
  const Result<websocket::Opening> opening = websocket::read_opening(request);
  if (!opening.ok()) {
    const Error& error = opening.error();
    const bool no_opening = error.is(websocket::kNotAnOpening);
    if (error.is(websocket::kUnsupportedVersion))
      exchange.reply().fields.push_back(
          {"Sec-WebSocket-Version", std::string(websocket::kVersion)});
    if (no_opening) exchange.reply().fields.push_back({"Upgrade", "websocket"});
    refuse(exchange,
           no_opening ? http::Status::upgrade_required : websocket::refusal_status(error.kind()),
           error.kind().name);
    co_return;
  }
  if (!may_come_from(opening->origin, request.host)) {
    refuse(exchange, http::Status::forbidden, "websocket.origin_not_allowed");
    co_return;
  }
  WebSocketProtocol* protocol = choose(*opening);
  if (protocol == nullptr && rules_.no_protocol != NoProtocol::accept_and_close) {
    refuse(exchange, http::Status::bad_request, "websocket.no_common_protocol");
    co_return;
  }
  std::optional<websocket::DeflateTerms> deflate;
  if (options_.deflate != nullptr) deflate = opening->deflate;
  const bool named = protocol != nullptr && !opening->protocols.empty();
  std::array<std::byte, kAcceptanceBytes> space{};
  const Result<ByteView> written = websocket::write_acceptance(
      space, *opening,
      {.protocol = named ? protocol->name() : std::string_view(), .deflate = deflate.has_value()});
  KEEL_ASSERT(written.ok());  // names of protocols are ours: short
  std::string acceptance(as_text(*written));
  std::unique_ptr<WebSocketService> service;
  if (protocol == nullptr) {
    service = std::make_unique<NothingToSay>();
  } else {
    service = co_await protocol->admit(exchange);
  }
  if (service == nullptr) {
    ++stats_.refused;
    co_return;
  }
  exchange.reply().upgrade = std::make_unique<WebSocketUpgrade>(
      std::move(acceptance), std::move(service), options_, deflate, stats_);
}

}  // namespace keel::servers
