// keel tail: a node's events as they become durable, a line each.
#include <cstdio>

#include "node/cells/cell_modules.hpp"
#include "node/client/errors.hpp"
#include "node/commands/commands.hpp"
#include "node/commands/run_on_core.hpp"
#include "wire/http/events/event_stream_reader.hpp"

namespace keel::node {
namespace {

using runtime::Core;
using runtime::Task;

struct Follow {
  NodeAddress address;
  std::string target;
  TailOptions options;
  bool json = false;
};

void print(const http::StreamEvent& event, bool json) {
  const auto width = [](std::string_view text) { return static_cast<int>(text.size()); };
  if (json) {
    std::printf("%.*s\n", width(event.data), event.data.data());
  } else {
    std::printf("%-26.*s %.*s\n", width(event.event), event.event.data(), width(event.data),
                event.data.data());
  }
  std::fflush(stdout);
}

// Prints until the stream ends or, when it was asked for, everything that is there has been shown.
Task<Result<bool>> follow(Core& core, const Follow* what) {
  HttpClient client(core, what->address);
  const http::Status status = KEEL_CO_TRY(co_await client.open_stream(what->target, {}));
  if (status != http::Status::ok) {
    std::string why;
    while (KEEL_CO_TRY(co_await client.read_stream(why, {}))) {
    }
    co_return Error(kUnexpectedAnswer,
                    "the node answers " + std::to_string(http::code(status)) + ": " + why);
  }
  http::EventStreamReader reader(std::size_t{16} << 20);
  std::string piece;
  for (;;) {
    piece.clear();
    if (!KEEL_CO_TRY(co_await client.read_stream(piece, {}))) co_return true;
    reader.feed(as_bytes(piece));
    while (const auto event = KEEL_CO_TRY(reader.next())) {
      if (event->event == "caught_up" && !what->options.follow) co_return true;
      if (event->event == "error")
        co_return Error(kUnexpectedAnswer, "the node ends the stream: " + std::string(event->data));
      if (event->event == "end") co_return true;
      if (event->event != "caught_up" && event->event != "checkpoint") print(*event, what->json);
    }
  }
}

}  // namespace

Exit tail(const Settings& settings, const TailOptions& options) {
  Result<NodeAddress> address = node_address(settings, options.url);
  if (!address.ok()) return report(address.error());
  const Follow what{.address = std::move(address).value(),
                    .target = "/v1/events?after=" + options.after +
                              (options.outcomes ? "&outcomes=1" : "") +
                              (options.cell == kMoney ? "" : "&cell=" + options.cell),
                    .options = options,
                    .json = settings.json};
  const Result<bool> ended = run_on_core<bool>(Config{}, follow, &what);
  return ended.ok() ? Exit::success : report(ended.error());
}

}  // namespace keel::node
