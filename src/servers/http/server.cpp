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
  listener_ = KEEL_CO_TRY(co_await core_.network().listen(options_.endpoint, options_.backlog));
  co_return success();
}

std::uint16_t HttpServer::port() const noexcept {
  KEEL_ASSERT(listener_ != nullptr);
  return listener_->port();
}

void HttpServer::stop() noexcept {
  draining_.request();
}

Task<> HttpServer::run() {
  co_await accept_all();
  listener_.reset();
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

Task<> HttpServer::accept_all() {
  while (!draining_.requested()) {
    Result<std::unique_ptr<runtime::Connection>> accepted =
        co_await listener_->accept({.cancellation = &draining_});
    if (!accepted.ok()) {
      if (draining_.requested()) co_return;
      static_cast<void>(
          co_await core_.sleep_until(core_.now() + kAcceptPause, {.cancellation = &draining_}));
      continue;
    }
    if (stats_.open >= options_.max_connections) {
      co_await refuse(std::move(accepted).value());
      continue;
    }
    ++stats_.accepted;
    ++stats_.open;
    connections_.spawn(&HttpServer::serve, this, std::move(accepted).value());
  }
}

Task<> HttpServer::refuse(std::unique_ptr<runtime::Connection> connection) {
  ++stats_.refused_connections;
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
