#include "servers/ocpp/central_system.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "servers/charging/errors.hpp"
#include "servers/http/server.hpp"
#include "servers/ocpp/testing/memory_events.hpp"
#include "sim/world/world.hpp"
#include "wire/ocpp/message_name.hpp"
#include "wire/websocket/handshake.hpp"

namespace keel::servers {
namespace {

using charging::CallResult;
using runtime::Task;

class FixedMasks final : public websocket::MaskKeys {
 public:
  websocket::MaskKey draw() override { return {std::byte{9}, std::byte{8}, std::byte{7}}; }
};

// A station of the test: says its texts one after the other's answer, answers calls as it is told.
struct Station {
  std::string path = "/ocpp/CP-1";
  std::string authorization = "Basic Q1AtMTpzZWNyZXQ=";  // CP-1:secret
  std::vector<std::string> says;
  // What it says to a call of the central system; {id} is its id. Empty: nothing.
  std::string answers = R"([3,"{id}",{"status":"Accepted"}])";
  std::size_t wait_for = 0;  // closes after so many texts; 0: when all is answered
  int times = 1;             // that it says its first text at once
  bool stays = false;        // does not close

  http::Status status{};
  std::vector<std::string> heard;
  websocket::CloseCode code = websocket::CloseCode::none;
  bool over = false;
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

Task<bool> open_socket(runtime::Connection* connection, Station* station, Bytes* rest) {
  const std::array<std::string_view, 1> protocols{"ocpp1.6"};
  const websocket::OpeningRequest opening{
      .target = station->path, .host = "h", .nonce = {}, .protocols = protocols, .origin = {}};
  std::array<std::byte, 1'024> space{};
  std::string request(as_text(websocket::write_opening(space, opening).value()));
  if (!station->authorization.empty())
    request = replaced(request, "\r\n", "\r\nAuthorization: " + station->authorization + "\r\n");
  const std::array<ByteView, 1> parts{as_bytes(request)};
  if (!(co_await connection->send(parts, {})).ok()) co_return false;
  http::ResponseParser parser;
  runtime::Received received;
  while (parser.next({.method = http::Method::get}) != http::ResponseStep::response) {
    received = {};
    Result<runtime::Received> more = co_await connection->receive({});
    if (!more.ok() || more->end_of_stream()) co_return false;
    received = std::move(more).value();
    parser.feed(received.bytes());
  }
  station->status = parser.response().status;
  const bool open = websocket::check_acceptance(parser.response(), opening).ok();
  rest->assign(parser.remainder().begin(), parser.remainder().end());
  co_return open;
}

// Whether it has said and heard all that it was to.
bool is_done(const Station& station, std::size_t said, std::size_t answered) {
  if (station.stays) return false;
  if (station.wait_for > 0) return station.heard.size() >= station.wait_for;
  return said == station.says.size() && answered == said;
}

Task<> talk(runtime::Connection* connection, Station* station, const Bytes* rest) {
  FixedMasks masks;
  websocket::Session session = websocket::Session::client(masks);
  const auto say = [&](std::string_view text) {
    session.send(websocket::Kind::text, as_bytes(text));
  };
  std::size_t said = 0;
  std::size_t answered = 0;
  for (int i = 0; i < station->times && !station->says.empty(); ++i) say(station->says[0]);
  if (!station->says.empty()) ++said;
  runtime::Received received;
  session.feed(*rest, {});
  for (;;) {
    const websocket::Step step = session.next();
    if (step == websocket::Step::text) {
      const std::string text(as_text(session.payload()));
      station->heard.push_back(text);
      if (text.starts_with("[2")) {
        const std::string id = text.substr(4, text.find('"', 4) - 4);
        if (!station->answers.empty()) say(replaced(station->answers, "{id}", id));
      } else {
        ++answered;
        if (said < station->says.size()) say(station->says[said++]);
      }
      if (is_done(*station, said, answered)) session.close(websocket::CloseCode::normal);
      continue;
    }
    if (session.has_output()) {
      const Bytes output = session.take_output();
      const std::array<ByteView, 1> parts{output};
      if (!(co_await connection->send(parts, {})).ok()) break;
    }
    if (step == websocket::Step::closed || step == websocket::Step::failed) break;
    received = {};
    Result<runtime::Received> more = co_await connection->receive({});
    if (!more.ok() || more->end_of_stream()) break;
    received = std::move(more).value();
    session.feed(received.bytes(), {});
  }
  station->code = session.close_reason().code;
}

Task<> run_station(runtime::Core* core, Station* station) {
  static_cast<void>(co_await core->sleep_until(Timestamp{1'000'000}, {}));
  auto connected = co_await core->network().connect({.address = "10.0.0.1", .port = 80}, {});
  Bytes rest;
  if (connected.ok() && co_await open_socket(connected->get(), station, &rest))
    co_await talk(connected->get(), station, &rest);
  station->over = true;
}

struct Called {
  std::optional<Result<CallOutcome>> outcome;
};
Task<> run_call(CentralSystem* system, std::string action, std::string payload, std::uint64_t id,
                Called* called) {
  called->outcome = co_await system->call({.station = "CP-1",
                                           .action = action,
                                           .payload = payload,
                                           .timeout = Duration::seconds(5),
                                           .id = charging::CallId(id)},
                                          {});
}

struct CentralSystemTest : testing::Test {
  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  sim::Machine& stations = world.add_machine("10.0.0.2", 1);
  MemoryEvents events{machine.core(0), "CP"};
  std::unique_ptr<CentralSystem> system;
  std::unique_ptr<WebSocketHandler> handler;
  std::unique_ptr<HttpServer> server;
  runtime::Cancellation stopped;
  std::deque<Station> all;
  std::deque<Called> calls;

  void start(CentralSystemOptions options = {}) {
    options.links.requests.retry.first_pause = Duration::milliseconds(10);
    system = std::make_unique<CentralSystem>(machine.core(0), events, options);
    handler = std::make_unique<WebSocketHandler>(
        WebSocketOptions{.limits = {.frame_bytes = 131'072, .message_bytes = 131'072}});
    handler->add(*system);
    server = std::make_unique<HttpServer>(
        machine.core(0), *handler,
        HttpServerOptions{.endpoint = {.address = "127.0.0.1", .port = 80}});
    machine.start(
        0,
        [](HttpServer* running) -> Task<> {
          EXPECT_TRUE((co_await running->listen()).ok());
          co_await running->run();
        },
        server.get());
    machine.start(
        0,
        [](CentralSystem* running, runtime::Cancellation* until) -> Task<> {
          co_await running->run({.cancellation = until});
        },
        system.get(), &stopped);
  }
  Station& connect(Station station) {
    Station& made = all.emplace_back(std::move(station));
    stations.start(0, run_station, &stations.core(0), &made);
    return made;
  }
  const Station& connect_and_wait(Station station) {
    Station& made = connect(std::move(station));
    EXPECT_TRUE(world.run_until_true([&] { return made.over; }));
    return made;
  }
  // The answers to some texts, one connection for all.
  std::vector<std::string> say(std::vector<std::string> texts) {
    return connect_and_wait({.says = std::move(texts)}).heard;
  }
  Called& call(std::string action, std::string payload) {
    Called& called = calls.emplace_back();
    machine.start(0, run_call, system.get(), std::move(action), std::move(payload), calls.size(),
                  &called);
    return called;
  }
  void wait_for_connection() {
    EXPECT_TRUE(world.run_until_true([&] { return system->is_connected("CP-1"); }));
  }
  CallResult result_of(Called& called) {
    EXPECT_TRUE(world.run_until_true([&] { return called.outcome.has_value(); }));
    EXPECT_TRUE(called.outcome->ok());
    return called.outcome->ok() ? called.outcome->value().result : CallResult::open;
  }
  void TearDown() override {
    if (!server) return;
    server->stop();
    stopped.request();
    EXPECT_TRUE(world.run_until_idle());
    EXPECT_TRUE(machine.at_rest());
    EXPECT_EQ(system->connected(), 0u);
  }
};

constexpr std::string_view kStart =
    R"("StartTransaction",{"connectorId":1,"idTag":"GOOD","meterStart":100,"timestamp":"1970-01-01T00:00:05Z"}])";
std::string start_text(std::string_view id) {
  return "[2,\"" + std::string(id) + "\"," + std::string(kStart);
}

TEST_F(CentralSystemTest, a_whole_session) {
  start();
  const auto heard = say(
      {R"([2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}])",
       R"([2,"2","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available"}])",
       R"([2,"3","Authorize",{"idTag":"GOOD"}])", R"([2,"4","Authorize",{"idTag":"BAD"}])",
       start_text("5"),
       R"([2,"6","MeterValues",{"connectorId":1,"transactionId":1,"meterValue":[{"timestamp":"1970-01-01T00:00:06Z","sampledValue":[{"value":"150"}]}]}])",
       R"([2,"7","StopTransaction",{"transactionId":1,"idTag":"GOOD","meterStop":200,"timestamp":"1970-01-01T00:00:07Z"}])",
       R"([2,"8","Heartbeat",{}])"});
  ASSERT_EQ(heard.size(), 8u);
  EXPECT_NE(heard[0].find(R"("status":"Accepted","currentTime":"20)"), std::string::npos);
  EXPECT_EQ(heard[1], R"([3,"2",{}])");
  EXPECT_EQ(heard[2], R"([3,"3",{"idTagInfo":{"status":"Accepted"}}])");
  EXPECT_EQ(heard[3], R"([3,"4",{"idTagInfo":{"status":"Blocked"}}])");
  EXPECT_EQ(heard[4], R"([3,"5",{"idTagInfo":{"status":"Accepted"},"transactionId":1}])");
  EXPECT_EQ(heard[5], R"([3,"6",{}])");
  EXPECT_EQ(heard[6], R"([3,"7",{"idTagInfo":{"status":"Accepted"}}])");
  ASSERT_EQ(events.stops.size(), 1u);
  EXPECT_EQ(events.stops[0].register_wh, 200u);
  EXPECT_EQ(events.readings, 1u);
}

TEST_F(CentralSystemTest, a_start_that_is_said_again_is_one_start) {
  start();
  EXPECT_EQ(say({start_text("1"), start_text("1")}).at(1),
            R"([3,"1",{"idTagInfo":{"status":"Accepted"},"transactionId":1}])");
  // Another connection, another id: known by what it says.
  EXPECT_EQ(say({start_text("x")}).at(0),
            R"([3,"x",{"idTagInfo":{"status":"Accepted"},"transactionId":1}])");
  EXPECT_EQ(events.starts.size(), 1u);
  EXPECT_EQ(events.repeated, 1);
}

TEST_F(CentralSystemTest, a_stop_without_a_start_is_kept) {
  start();
  EXPECT_EQ(
      say({R"([2,"1","StopTransaction",{"transactionId":-1,"meterStop":-7,"timestamp":"2040-01-01T00:00:00Z"}])"})
          .at(0),
      R"([3,"1",{}])");
  ASSERT_EQ(events.stops.size(), 1u);
  EXPECT_TRUE(events.stops[0].session.is_zero());
  EXPECT_EQ(events.stops[0].register_wh, 0u);
}

TEST_F(CentralSystemTest, refusals_have_their_codes) {
  start();
  const auto heard = say({R"([2,"1","Heartbeat",{"x":1}])", R"([2,"2","Authorize",{}])",
                          R"([2,"3","Authorize",{"idTag":1}])", R"([2,"4","Nonsense",{}])",
                          R"([2,"5","Reset",{"type":"Hard"}])", R"([2,"6","ReserveNow",{}])",
                          R"([2,"7","Heartbeat"])"});
  const std::vector<std::string> codes{"FormationViolation",
                                       "OccurenceConstraintViolation",
                                       "TypeConstraintViolation",
                                       "NotImplemented",
                                       "NotSupported",
                                       "NotSupported",
                                       "ProtocolError"};
  ASSERT_EQ(heard.size(), codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i)
    EXPECT_TRUE(heard[i].starts_with("[4,\"" + std::to_string(i + 1) + "\",\"" + codes[i] + "\""))
        << heard[i];
  EXPECT_EQ(events.commands, 0);
}

TEST_F(CentralSystemTest, what_belongs_to_a_session_has_one_correlation) {
  start();
  say({R"([2,"a1","Authorize",{"idTag":"GOOD"}])", R"([2,"a2","Authorize",{"idTag":"OTHER"}])",
       start_text("s1"),
       R"([2,"m1","MeterValues",{"connectorId":1,"transactionId":1,"meterValue":[{"timestamp":"1970-01-01T00:00:06Z","sampledValue":[{"value":"150"}]}]}])",
       R"([2,"m2","MeterValues",{"connectorId":2,"transactionId":9,"meterValue":[{"timestamp":"1970-01-01T00:00:06Z","sampledValue":[{"value":"150"}]}]}])",
       R"([2,"e1","StopTransaction",{"transactionId":1,"meterStop":200,"timestamp":"1970-01-01T00:00:07Z"}])"});
  ASSERT_EQ(events.correlations.size(), 6u);
  const uint128 session = events.correlations[0];
  EXPECT_NE(session, events.correlations[1]);
  EXPECT_EQ(session, events.correlations[2]);
  EXPECT_EQ(session, events.correlations[3]);
  EXPECT_NE(session, events.correlations[4]);  // of a session that did not begin here
  EXPECT_EQ(session, events.correlations[5]);
  const std::array<std::string_view, 6> ids{"a1", "a2", "s1", "m1", "m2", "e1"};
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(events.messages[i], ocpp::name_message(ids.at(i)));
}

TEST_F(CentralSystemTest, overload_is_waited_out) {
  start();
  events.failures = 3;
  EXPECT_EQ(say({start_text("1")}).size(), 1u);
  EXPECT_EQ(events.starts.size(), 1u);
}

TEST_F(CentralSystemTest, what_cannot_be_stored_is_not_answered) {
  start();
  events.failures = 6;
  const Station& station = connect_and_wait({.says = {start_text("1")}});
  EXPECT_TRUE(station.heard.empty());
  EXPECT_EQ(station.code, websocket::CloseCode::try_again_later);
  EXPECT_EQ(system->stats().not_stored, 1u);
  EXPECT_EQ(say({start_text("2")}).size(), 1u);
}

TEST_F(CentralSystemTest, the_door_is_kept) {
  start();
  EXPECT_EQ(connect_and_wait({.authorization = ""}).status, http::Status::unauthorized);
  EXPECT_EQ(connect_and_wait({.authorization = "Basic Q1AtMTp3cm9uZw=="}).status,
            http::Status::unauthorized);
  EXPECT_EQ(connect_and_wait({.path = "/ocpp/CP-2"}).status, http::Status::unauthorized);
  EXPECT_EQ(connect_and_wait({.path = "/other"}).status, http::Status::not_found);
  EXPECT_EQ(system->stats().refused, 4u);
}

TEST_F(CentralSystemTest, profile_0_is_for_those_who_ask_for_it) {
  start({.least_profile = 0});
  EXPECT_EQ(
      connect_and_wait({.authorization = "", .says = {R"([2,"1","Heartbeat",{}])"}}).heard.size(),
      1u);
  EXPECT_EQ(connect_and_wait({.path = "/ocpp/XX", .authorization = ""}).status,
            http::Status::not_found);
  EXPECT_EQ(connect_and_wait({.path = "/ocpp/CP-blocked", .authorization = ""}).status,
            http::Status::forbidden);
}

TEST_F(CentralSystemTest, a_new_connection_replaces_the_old_one) {
  start();
  const Station& old = connect({.stays = true});
  wait_for_connection();
  const Station& young = connect({.stays = true});
  EXPECT_TRUE(world.run_until_true([&] { return old.over; }));
  EXPECT_EQ(old.code, websocket::CloseCode::policy_violation);
  EXPECT_TRUE(system->is_connected("CP-1"));
  EXPECT_FALSE(young.over);
  EXPECT_EQ(result_of(call("ClearCache", "{}")), CallResult::accepted);
  EXPECT_EQ(system->stats().replaced, 1u);
}

TEST_F(CentralSystemTest, a_storm_of_reconnections_leaves_one) {
  start();
  for (int i = 0; i < 50; ++i) connect({.stays = true});
  EXPECT_TRUE(
      world.run_until_true([&] { return std::ranges::count(all, true, &Station::over) == 49; }));
  EXPECT_EQ(system->connected(), 1u);
  EXPECT_EQ(result_of(call("ClearCache", "{}")), CallResult::accepted);
}

TEST_F(CentralSystemTest, calls_end_with_what_is_known) {
  start();
  EXPECT_EQ(result_of(call("Reset", R"({"type":"Soft"})")), CallResult::not_sent);
  Station& station = connect({.stays = true});
  wait_for_connection();
  EXPECT_EQ(result_of(call("Reset", R"({"type":"Soft"})")), CallResult::accepted);
  station.answers = R"([3,"{id}",{"status":"Rejected"}])";
  EXPECT_EQ(result_of(call("Reset", R"({"type":"Soft"})")), CallResult::rejected);
  station.answers = R"([3,"{id}",{"status":"Rejected","data":"Accepted"}])";
  EXPECT_EQ(result_of(call("DataTransfer", R"({"vendorId":"v"})")), CallResult::rejected);
  station.answers = R"([4,"{id}","InternalError","broken",{}])";
  EXPECT_EQ(result_of(call("Reset", R"({"type":"Soft"})")), CallResult::failed);
  station.answers = R"([3,"{id}",{"stat":1}])";
  EXPECT_EQ(result_of(call("Reset", R"({"type":"Soft"})")), CallResult::failed);
  station.answers = "";
  EXPECT_EQ(result_of(call("Reset", R"({"type":"Soft"})")), CallResult::timed_out);
  station.answers = R"([3,"{id}",{"status":"Accepted"}])";
  EXPECT_EQ(result_of(call("Reset", R"({"type":"Soft"})")), CallResult::accepted);
  const std::vector<CallResult> ended{
      CallResult::not_sent, CallResult::accepted, CallResult::rejected, CallResult::rejected,
      CallResult::failed,   CallResult::failed,   CallResult::accepted};
  EXPECT_EQ(events.ended_calls, ended);
}

TEST_F(CentralSystemTest, calls_wait_for_their_turn_and_not_too_many) {
  start();
  Station& station = connect({.answers = "", .stays = true});
  wait_for_connection();
  for (int i = 0; i < 9; ++i) call("ClearCache", "{}");
  EXPECT_EQ(result_of(calls[8]), CallResult::not_sent);
  EXPECT_EQ(station.heard.size(), 1u);  // one under way
  EXPECT_EQ(result_of(calls[0]), CallResult::timed_out);
  EXPECT_EQ(result_of(calls[7]), CallResult::not_sent);
}

TEST_F(CentralSystemTest, a_call_under_way_is_unknown_when_the_connection_ends) {
  start();
  connect({.answers = "", .wait_for = 1});
  wait_for_connection();
  EXPECT_EQ(result_of(call("ClearCache", "{}")), CallResult::timed_out);
}

TEST_F(CentralSystemTest, calls_cross) {
  start();
  connect({.says = {start_text("1"), R"([2,"2","Heartbeat",{}])"}, .wait_for = 3});
  wait_for_connection();
  EXPECT_EQ(result_of(call("ClearCache", "{}")), CallResult::accepted);
  EXPECT_EQ(events.starts.size(), 1u);
}

TEST_F(CentralSystemTest, calls_that_are_wrong_are_not_made) {
  start();
  connect({.stays = true});
  wait_for_connection();
  const auto error = [&](std::string action, std::string payload) {
    Called& called = call(std::move(action), std::move(payload));
    EXPECT_TRUE(world.run_until_true([&] { return called.outcome.has_value(); }));
    return std::string(called.outcome->ok() ? "" : called.outcome->error().kind().name);
  };
  EXPECT_EQ(error("Heartbeat", "{}"), "ocpp.no_such_action");
  EXPECT_EQ(error("ReserveNow", "{}"), "ocpp.action_not_supported");
  EXPECT_EQ(error("Reset", "{}"), "json.missing_key");
  EXPECT_EQ(events.commands, 0);
}

TEST_F(CentralSystemTest, stations_that_were_heard_of_are_told_now_and_then) {
  start({.seen_every = Duration::seconds(30)});
  say({R"([2,"1","Heartbeat",{}])"});
  EXPECT_TRUE(world.run_until_true([&] { return events.seen.contains("CP-1"); }));
}

TEST_F(CentralSystemTest, those_that_stay_are_told_too_and_only_when_they_have_said_something) {
  start({.seen_every = Duration::seconds(30)});
  connect({.says = {R"([2,"1","Heartbeat",{}])"}, .stays = true});
  EXPECT_TRUE(world.run_until_true([&] { return events.seen.contains("CP-1"); }));
  events.seen.clear();
  world.run_for(Duration::seconds(120));
  EXPECT_TRUE(events.seen.empty());
}

TEST_F(CentralSystemTest, what_is_not_ocpp_ends_the_connection) {
  start();
  const Station& station = connect_and_wait({.says = {"}{"}, .times = 32, .stays = true});
  EXPECT_TRUE(station.heard.empty());
  EXPECT_EQ(station.code, websocket::CloseCode::policy_violation);
  EXPECT_EQ(system->stats().bad_messages, 32u);
}

}  // namespace
}  // namespace keel::servers
