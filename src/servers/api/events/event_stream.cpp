#include "servers/api/events/event_stream.hpp"

#include "engine/errors.hpp"
#include "engine/history/subscription.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/events/event_json.hpp"
#include "wire/http/events/event_stream.hpp"

namespace keel::servers {
namespace {

using engine::Frame;
using engine::FrameKind;
using engine::Subscription;

// Rows in one event: bounds what a client must take in at once.
constexpr std::size_t kRowsAnEvent = 256;
// While the cell is being opened again.
constexpr Duration kPause = Duration::milliseconds(200);
// A stream that is silent for so long says so, and so learns that its client has gone.
constexpr Duration kHeartbeat = Duration::seconds(10);

class EventStream final : public BodyStream {
 public:
  EventStream(engine::CellClient& client, Caller caller, engine::RecordFilter filter,
              Subscription::From from)
      : client_(client), subscription_(client, caller.principal, std::move(filter), from) {}

  // The first batch, which is there at once; next() gives it. A cell that is not open just now is
  // waited for by next().
  runtime::Task<Result<>> begin() {
    const Result<> pulled = co_await subscription_.next(batch_, {});
    begun_ = pulled.ok();
    if (!pulled.ok() && !passes(pulled.error())) co_return pulled.error();
    co_return success();
  }

  runtime::Task<Result<bool>> next(std::string& piece, runtime::Wait wait) override {
    if (last_piece_ == Timestamp{}) last_piece_ = client_.core().now();
    if (!std::exchange(begun_, false)) {
      batch_.clear();
      const Result<> pulled = co_await subscription_.next(batch_, wait);
      if (!pulled.ok()) co_return co_await again(pulled.error(), piece, wait);
    }
    for (const Frame& frame : batch_.frames) write(frame, piece);
    const Timestamp now = client_.core().now();
    if (piece.empty() && now - last_piece_ >= kHeartbeat) piece += http::kStreamHeartbeat;
    if (!piece.empty()) last_piece_ = now;
    co_return true;
  }

  // Says where to go on; a browser's EventSource does that by itself.
  void end_early(std::string& piece) override {
    const std::string position = std::to_string(last_position_.value());
    event({}, "end", "{\"reason\":\"draining\",\"position\":\"" + position + "\"}", piece);
  }

 private:
  static bool passes(const Error& error) {
    return error.is(engine::kStopping) || error.is(engine::kQueueFull);
  }

  // What cannot be mended ends the stream with an event that says why.
  runtime::Task<bool> again(const Error& error, std::string& piece, runtime::Wait wait) {
    if (passes(error)) {
      const Result<> slept =
          co_await client_.core().sleep_until(client_.core().now() + kPause, wait);
      co_return slept.ok();
    }
    event({}, "error", "{\"code\":\"" + std::string(error.kind().name) + "\"}", piece);
    co_return false;
  }

  void write(const Frame& frame, std::string& piece) {
    if (frame.kind == FrameKind::record) return write_record_frame(frame, piece);
    const std::string position = std::to_string(frame.position.value());
    // A checkpoint after each batch of records would say nothing new.
    if (frame.kind == FrameKind::checkpoint && (!piece.empty() || frame.position == last_position_))
      return;
    last_position_ = frame.position;
    event(position, frame.kind == FrameKind::caught_up ? "caught_up" : "checkpoint",
          "{\"position\":\"" + position + "\"}", piece);
  }

  void write_record_frame(const Frame& frame, std::string& piece) {
    last_position_ = frame.position;
    const ByteView payload = batch_.payload(frame);
    const std::size_t rows = row_count(frame.envelope, payload);
    const std::string position = std::to_string(frame.position.value());
    for (std::size_t first = 0; first < rows; first += kRowsAnEvent) {
      const std::size_t count = std::min(kRowsAnEvent, rows - first);
      data_.clear();
      servers::write_record(frame.envelope, payload, first, count, data_);
      const bool last = first + count == rows;
      event(last ? std::string_view(position) : std::string_view(), event_name(frame.envelope),
            data_, piece);
    }
  }

  // JSON has no line ends inside, so an event is three lines.
  static void event(std::string_view id, std::string_view name, std::string_view data,
                    std::string& piece) {
    if (!id.empty()) piece.append("id: ").append(id).append("\n");
    piece.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
  }

  engine::CellClient& client_;
  Subscription subscription_;
  engine::FrameBatch batch_;
  bool begun_ = false;  // the batch has not been given yet
  std::string data_;
  Position last_position_;
  Timestamp last_piece_{};
};

}  // namespace

runtime::Task<Result<std::unique_ptr<BodyStream>>> open_event_stream(engine::CellClient& client,
                                                                     Caller caller,
                                                                     EventsAsked asked) {
  Subscription::From from = Subscription::from_end();
  if (asked.after == "start") {
    from = Subscription::from_start();
  } else if (asked.after != "end") {
    const Result<uint128> position = uint128_from_decimal(asked.after);
    if (!position.ok() || *position > UINT64_MAX)
      co_return Error(kBadParameter, "after: got \"" + std::string(asked.after) +
                                         "\", expected start, end or a position");
    from = Subscription::from_after(Position(static_cast<std::uint64_t>(*position)));
  }
  auto stream = std::make_unique<EventStream>(
      client, caller,
      engine::RecordFilter{.tenant = caller.tenant,
                           .types = KEEL_CO_TRY(event_types(asked.types)),
                           .outcomes = asked.outcomes},
      from);
  KEEL_CO_TRY(co_await stream->begin());
  co_return std::unique_ptr<BodyStream>(std::move(stream));
}

}  // namespace keel::servers
