#include "servers/api/streams/follow.hpp"

#include "base/json/json.hpp"
#include "engine/errors.hpp"
#include "modules/streams/requests.hpp"
#include "servers/api/errors.hpp"
#include "wire/http/events/event_stream.hpp"

namespace keel::servers {
namespace {

using runtime::Task;
using runtime::Wait;

constexpr std::uint64_t kPieceBytes = 64 * 1'024;
// next() comes back within a second.
constexpr Duration kLongestPiece = Duration::milliseconds(500);
constexpr Duration kHeartbeat = Duration::seconds(10);

class FollowedStream final : public BodyStream {
 public:
  FollowedStream(engine::CellClient& cell, Caller caller, streams::StreamNumber number,
                 streams::ReadMessages from)
      : cell_(cell), caller_(caller), number_(number), from_(std::move(from)) {
    from_.budget_bytes = kPieceBytes;
  }

  Task<Result<bool>> next(std::string& piece, Wait wait) override {
    runtime::Core& core = cell_.core();
    const Timestamp limit = core.now() + kLongestPiece;
    if (said_at_ == Timestamp{}) said_at_ = core.now();
    for (;;) {
      const auto read = co_await ask(cell_, caller_, from_, wait);
      if (!read.ok() && !passes(read.error())) co_return read.error();
      if (read.ok() && (!read->found || read->stream != number_)) {
        piece += "event: end\ndata: {\"reason\":\"deleted\"}\n\n";
        co_return false;
      }
      if (read.ok()) take(*read, piece);
      if (!piece.empty() || core.now() >= limit) break;
      if (read.ok() && from_.from <= read->last) continue;  // some were passed over
      const Timestamp again = std::min(limit, core.now() + patience_.next());
      if (!(co_await core.sleep_until(again, wait)).ok()) break;
    }
    if (piece.empty() && core.now() - said_at_ >= kHeartbeat) piece += http::kStreamHeartbeat;
    if (!piece.empty()) said_at_ = core.now();
    co_return true;
  }

  void end_early(std::string& piece) override {
    piece += "event: end\ndata: {\"reason\":\"draining\"}\n\n";
  }

 private:
  static bool passes(const Error& error) {
    return error.is(engine::kStopping) || error.is(engine::kQueueFull);
  }
  void take(const streams::ReadMessages::Answer& read, std::string& piece) {
    for (const streams::StoredMessageView& message : read.messages) {
      piece += "id: " + std::to_string(message.sequence) + "\nevent: message\ndata: ";
      to_json(message, piece);
      piece += "\n\n";
    }
    if (!read.messages.empty()) patience_.reset();
    from_.from = read.next;
    from_.from_time = {};
  }

  engine::CellClient& cell_;
  Caller caller_;
  streams::StreamNumber number_;  // another stream may get the name
  streams::ReadMessages from_;
  Patience patience_;
  Timestamp said_at_{};
};

}  // namespace

Task<Result<std::unique_ptr<BodyStream>>> follow_stream(engine::CellClient& cell, Caller caller,
                                                        streams::ReadMessages from, Wait wait) {
  const auto found =
      KEEL_CO_TRY(co_await ask(cell, caller, streams::GetStream{.name = from.stream}, wait));
  if (!found.found) co_return Error(kNotFound, "no stream has this name");
  const streams::Sequence end = found.stream.last + 1;
  if (from.from == streams::kWhateverSequence) from.from = end;
  if (from.from > end) {
    co_return Error(kBadParameter, "from, Last-Event-ID: got " + std::to_string(from.from) +
                                       ", expected at most " + std::to_string(end) +
                                       ": an id of a stream of this name that is gone?");
  }
  co_return std::make_unique<FollowedStream>(cell, caller, found.stream.number, std::move(from));
}

}  // namespace keel::servers
