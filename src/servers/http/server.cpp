#include "servers/http/server.hpp"

#include <chrono>

#include "runtime/errors.hpp"
#include "servers/http/connection.hpp"

namespace keel::servers {

using runtime::Task;

namespace {

constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
    "Content-Length: 0\r\n\r\n";
constexpr Duration kRefusalTime = Duration::milliseconds(100);
// After an accept that failed for a passing reason (no file descriptors left).
constexpr Duration kAcceptPause = Duration::milliseconds(50);

std::string two_digits(unsigned value) {
  return {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
}

}  // namespace

std::string http_date(Timestamp unix_time) {
  using namespace std::chrono;
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds time{floor<seconds>(nanoseconds(unix_time.ns))};
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::string text(kDays.at(weekday{day}.c_encoding()));
  text += ", " + two_digits(static_cast<unsigned>(date.day())) + " ";
  text += kMonths.at(static_cast<unsigned>(date.month()) - 1);
  text += " " + std::to_string(static_cast<int>(date.year())) + " ";
  text += two_digits(static_cast<unsigned>(clock.hours().count())) + ":";
  text += two_digits(static_cast<unsigned>(clock.minutes().count())) + ":";
  text += two_digits(static_cast<unsigned>(clock.seconds().count())) + " GMT";
  return text;
}

HttpServer::HttpServer(runtime::Core& core, Handler& handler, HttpServerOptions options)
    : core_(core), handler_(handler), options_(std::move(options)), connections_(core) {}

HttpServer::~HttpServer() = default;

Task<Result<>> HttpServer::listen() {
  add(KEEL_CO_TRY(co_await core_.network().listen(options_.endpoint, options_.backlog)));
  co_return success();
}

void HttpServer::add(std::unique_ptr<runtime::Listener> listener) {
  listeners_.push_back(std::move(listener));
}

std::uint16_t HttpServer::port() const noexcept {
  KEEL_ASSERT(!listeners_.empty());
  return listeners_.front()->port();
}

void HttpServer::stop() noexcept {
  draining_.request();
}

Task<> HttpServer::run() {
  {
    runtime::Scope accepting(core_);
    for (const std::unique_ptr<runtime::Listener>& each : listeners_)
      accepting.spawn(&HttpServer::accept_all, this, each.get());
    co_await accepting.join();
  }
  listeners_.clear();
  // A client that keeps its request open must not hold up the stop for ever.
  runtime::Scope watchdog(core_);
  watchdog.spawn(
      [](HttpServer* server, runtime::Cancellation* called_off) -> Task<> {
        const Timestamp limit = server->core_.now() + server->options_.drain_timeout;
        const Result<> waited =
            co_await server->core_.sleep_until(limit, {.cancellation = called_off});
        if (waited.ok()) server->connections_.cancel();
      },
      this, &watchdog.cancellation());
  co_await connections_.join();
  co_await watchdog.cancel_and_join();
}

Task<> HttpServer::accept_all(HttpServer* server, runtime::Listener* listener) {
  runtime::Cancellation& draining = server->draining_;
  runtime::Core& core = server->core_;
  while (!draining.requested()) {
    Result<std::unique_ptr<runtime::Connection>> accepted =
        co_await listener->accept({.cancellation = &draining});
    if (!accepted.ok()) {
      if (draining.requested()) co_return;
      static_cast<void>(
          co_await core.sleep_until(core.now() + kAcceptPause, {.cancellation = &draining}));
      continue;
    }
    if (server->stats_.open >= server->options_.max_connections) {
      co_await server->refuse(std::move(accepted).value());
      continue;
    }
    ++server->stats_.accepted;
    ++server->stats_.open;
    server->connections_.spawn(&HttpServer::serve, server, std::move(accepted).value());
  }
}

Task<> HttpServer::refuse(std::unique_ptr<runtime::Connection> connection) {
  ++stats_.refused_connections;
  // To be told why would cost a handshake, and the others' turn to be accepted.
  if (connection->security() != nullptr) co_return;
  const std::array<ByteView, 1> parts{as_bytes(kTooManyConnections)};
  static_cast<void>(co_await connection->send(parts, {.deadline = core_.now() + kRefusalTime}));
}

Task<> HttpServer::serve(HttpServer* server, std::unique_ptr<runtime::Connection> connection) {
  {
    HttpConnection loop(*server, *connection);
    co_await loop.run();
  }
  connection.reset();
  --server->stats_.open;
}

const std::string& HttpServer::date() {
  const Timestamp wall = core_.clock().wall();
  const std::int64_t second = wall.ns / 1'000'000'000;
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(wall);
  }
  return date_;
}

}  // namespace keel::servers
