// Timelines of a cell on a simulated machine, with a journal in files: a module in charging's place
// says what it is told to say, and a posting of the ledger before it.
#include "node/timeline/timelines.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/describe/wire.hpp"
#include "engine/testing/local_opener.hpp"
#include "engine/testing/test_client.hpp"
#include "modules/charging/accounts.hpp"
#include "modules/charging/queries.hpp"
#include "modules/ledger/events.hpp"
#include "node/timeline/errors.hpp"
#include "wire/ocpp/message_name.hpp"

namespace keel::node {
namespace {

using charging::SessionNumber;
using runtime::Task;

constexpr TenantId kTenant{1};
constexpr PrincipalId kReader{5};

// The ledger's event, without its books.
class Postings final : public kernel::Module {
 public:
  kernel::ModuleInfo info() const override {
    return {.id = ledger::kModule, .name = "ledger", .events = kEvents};
  }
  void needs(const kernel::Command&, kernel::Needs&) const override {}
  Result<kernel::Outcome> decide(kernel::Transaction&, const kernel::Command&,
                                 const kernel::Context&) const override {
    return kernel::Outcome{};
  }
  void apply(const kernel::Event&) override {}
  Result<> query(const kernel::Query&, Bytes&) const override { return success(); }
  std::span<kernel::TableBase* const> tables() override { return {}; }

 private:
  static constexpr std::array kEvents{kernel::EventSchema{ledger::TransferCreated::kEventType,
                                                          ledger::TransferCreated::kSchemaVersion,
                                                          "transfer_created"}};
};

template <typename Event>
constexpr kernel::EventSchema schema(std::string_view name) {
  return {Event::kEventType, Event::kSchemaVersion, name};
}

// A command's type is the event's that it becomes; its payload too.
class Speaker final : public kernel::Module {
 public:
  kernel::ModuleInfo info() const override {
    return {.id = charging::kModule,
            .name = "charging",
            .events = kEvents,
            .commands = kCommands,
            .queries = kQueries};
  }
  void needs(const kernel::Command&, kernel::Needs&) const override {}
  Result<kernel::Outcome> decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context&) const override {
    const kernel::EventType type(command.type.value());
    const SessionNumber session = KEEL_TRY(session_in(type, command.payload));
    if (type == charging::SessionStarted::kEventType) {
      for (const std::uint64_t of : {session.value() + 0u, 1000u}) {
        const ledger::TransferCreated posted{
            .transfer = {
                .id = ledger::TransferId(of),
                .user_data_64 = of,
                .code = ledger::Code(static_cast<std::uint16_t>(charging::TransferKind::hold))}};
        tx.emit(posted);
      }
    }
    tx.emit(type, kernel::SchemaVersion(1), command.payload);
    return kernel::Outcome{};
  }
  void apply(const kernel::Event& event) override {
    if (event.type != charging::SessionStarted::kEventType) return;
    const auto started = decode<charging::SessionStarted>(event.payload).value();
    correlations_[started.session.value()] = started.correlation;
  }
  Result<> query(const kernel::Query& query, Bytes& reply) const override {
    const auto asked = KEEL_TRY(decode<charging::ListSessions>(query.payload));
    charging::ListSessions::Answer answer;
    const auto found = correlations_.find(asked.only.value());
    if (query.tenant == kTenant && found != correlations_.end())
      answer.sessions.push_back({.session = asked.only, .correlation = found->second});
    encode(answer, reply);
    return success();
  }
  std::span<kernel::TableBase* const> tables() override { return {}; }

 private:
  static constexpr std::array kEvents{schema<charging::TokenChecked>("token_checked"),
                                      schema<charging::SessionStarted>("session_started"),
                                      schema<charging::ReadingsRecorded>("readings_recorded"),
                                      schema<charging::SessionClosed>("session_closed"),
                                      schema<charging::CallRequested>("call_requested")};
  static constexpr std::array kCommands{
      kernel::CommandType(charging::TokenChecked::kEventType.value()),
      kernel::CommandType(charging::SessionStarted::kEventType.value()),
      kernel::CommandType(charging::ReadingsRecorded::kEventType.value()),
      kernel::CommandType(charging::SessionClosed::kEventType.value()),
      kernel::CommandType(charging::CallRequested::kEventType.value())};
  static constexpr std::array kQueries{charging::ListSessions::kType};
  std::map<std::uint32_t, CorrelationId> correlations_;
};

engine::Modules modules(kernel::UndoLog&, kernel::HashSeed) {
  engine::Modules all;
  all.push_back(std::make_unique<Postings>());
  all.push_back(std::make_unique<Speaker>());
  return all;
}

class TimelinesTest : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void TearDown() override { close(); }

  void open() {
    host_ = std::make_unique<engine::CellHost>(engine::CellHost::Parts{.core = machine_.core(0),
                                                                       .journals = opener_,
                                                                       .modules = modules,
                                                                       .authorizer = allow_all_},
                                               engine::CellHostOptions{});
    machine_.start(
        0,
        +[](engine::CellHost* host) -> Task<> {
          static_cast<void>(co_await host->run());
          co_await host->drain();
        },
        host_.get());
    client_ = std::make_unique<engine::CellClient>(machine_.core(1), host_->inbox());
  }
  void close() {
    client_.reset();
    host_->stop();
    EXPECT_TRUE(world_.run_until_idle());
    host_.reset();
  }

  // Runs `task` while the timelines follow the cell.
  template <typename F>
  void with_timelines(F task) {
    Timelines timelines({.client = *client_, .principal = kReader, .directory = kDirectory});
    machine_.start(
        1,
        +[](Timelines* all, engine::CellClient* client, F run) -> Task<> {
          runtime::Scope scope(client->core());
          scope.spawn(&Timelines::run, all, scope.wait());
          co_await run(all, client);
          co_await scope.cancel_and_join();
        },
        &timelines, client_.get(), task);
    EXPECT_TRUE(world_.run_until_idle());
  }

  static constexpr const char* kDirectory = "keel_data/timelines";
  sim::World world_{{.seed = 12}};
  sim::Machine& machine_ = world_.add_machine("10.0.0.1", 2);
  engine::test::AllowAll allow_all_;
  engine::LocalOpener opener_{machine_.core(0)};
  std::unique_ptr<engine::CellHost> host_;
  std::unique_ptr<engine::CellClient> client_;
};

std::uint64_t next_id = 1;

template <typename Event>
Task<> say(engine::CellClient* client, Event event, std::uint64_t correlation) {
  Bytes payload;
  encode(event, payload);
  const auto answer =
      co_await client->submit({.tenant = kTenant,
                               .principal = kReader,
                               .id = CommandId(next_id++),
                               .correlation = CorrelationId(correlation),
                               .causation = ocpp::name_message("m" + std::to_string(correlation)),
                               .type = kernel::CommandType(Event::kEventType.value()),
                               .schema_version = kernel::SchemaVersion(1),
                               .payload = payload},
                              {});
  EXPECT_TRUE(answer.ok()) << answer.error().to_string();
}

Task<> start(engine::CellClient* client, std::uint32_t session, std::uint64_t correlation,
             std::uint64_t call = 0) {
  charging::SessionStarted started;
  started.session = SessionNumber(session);
  started.station = "CP-1";
  started.correlation = CorrelationId(correlation);
  started.call = charging::CallId(call);
  co_await say(client, started, correlation);
}

Task<> readings(engine::CellClient* client, std::uint32_t session, std::uint64_t correlation) {
  charging::ReadingsRecorded recorded;
  recorded.session = SessionNumber(session);
  co_await say(client, recorded, correlation);
}

// The types of a timeline's records, and how its content begins for a posting.
Task<std::vector<std::string>> told(Timelines* timelines, Timelines::Wanted wanted) {
  wanted.tenant = kTenant;
  const auto timeline = co_await timelines->timeline(wanted, {});
  std::vector<std::string> types;
  EXPECT_TRUE(timeline.ok()) << timeline.error().to_string();
  if (!timeline.ok()) co_return types;
  EXPECT_TRUE(timeline->complete);
  Position before;
  for (const TimelineRecord& each : timeline->records) {
    EXPECT_GT(each.position, before);
    before = each.position;
    types.push_back(each.type.substr(each.type.find('.') + 1));
  }
  co_return types;
}

using Types = std::vector<std::string>;

Task<> two_sessions(engine::CellClient* client) {
  co_await say(client, charging::TokenChecked{.station = "CP-1"}, 70);
  co_await start(client, 1, 70);
  co_await start(client, 2, 80);
  co_await readings(client, 1, 70);
  co_await readings(client, 2, 81);  // over another connection: a correlation of its own
  charging::SessionClosed closed;
  closed.session = SessionNumber(1);
  co_await say(client, closed, 71);
}

const Types kFirst{"token_checked", "transfer_created", "session_started", "readings_recorded",
                   "session_closed"};
const Types kSecond{"transfer_created", "session_started", "readings_recorded"};

TEST_F(TimelinesTest, a_session_is_told_from_its_number_and_from_its_correlation) {
  with_timelines(+[](Timelines* timelines, engine::CellClient* client) -> Task<> {
    co_await two_sessions(client);
    EXPECT_EQ(co_await told(timelines, {.id = 1}), kFirst);
    EXPECT_EQ(co_await told(timelines, {.by = Thread::Kind::correlation, .id = 70}), kFirst);
    EXPECT_EQ(co_await told(timelines, {.id = 2}), kSecond);
    const auto first = co_await timelines->timeline({.tenant = kTenant, .id = 1}, {});
    EXPECT_EQ(first->correlation, CorrelationId(70));
    EXPECT_EQ(first->records.at(0).message, "m70");
    // The postings of others that lie in the same record are not shown.
    const std::string& postings = first->records.at(1).content;
    EXPECT_NE(postings.find(R"("user_data_64":"1")"), std::string::npos) << postings;
    EXPECT_EQ(postings.find(R"("user_data_64":"1000")"), std::string::npos) << postings;
    EXPECT_NE(first->records.at(2).content.find(R"("station":"CP-1")"), std::string::npos);
  });
}

TEST_F(TimelinesTest, what_a_caller_asked_for_before_belongs_to_the_session) {
  with_timelines(+[](Timelines* timelines, engine::CellClient* client) -> Task<> {
    co_await say(client, charging::CallRequested{.call = charging::CallId(55), .station = "CP-1"},
                 55);
    EXPECT_EQ(co_await told(timelines, {.by = Thread::Kind::correlation, .id = 55}),
              (Types{"call_requested"}));
    co_await start(client, 1, 70, 55);
    EXPECT_EQ(co_await told(timelines, {.id = 1}),
              (Types{"call_requested", "transfer_created", "session_started"}));
  });
}

TEST_F(TimelinesTest, long_ones_come_in_pages) {
  with_timelines(+[](Timelines* timelines, engine::CellClient* client) -> Task<> {
    co_await start(client, 1, 70);
    for (int i = 0; i < 8; ++i) co_await readings(client, 1, 70);
    Types all;
    Position after;
    int pages = 0;
    do {
      const auto page = co_await timelines->timeline(
          {.tenant = kTenant, .id = 1, .after = after, .limit = 3}, {});
      for (const TimelineRecord& each : page->records) all.push_back(each.type);
      after = page->next;
      ++pages;
    } while (after != Position{} && pages < 10);
    EXPECT_EQ(all.size(), 10u);  // a posting, the start, eight readings
    EXPECT_EQ(pages, 4);
  });
}

TEST_F(TimelinesTest, what_is_not_there_is_said) {
  with_timelines(+[](Timelines* timelines, engine::CellClient* client) -> Task<> {
    co_await start(client, 1, 70);
    for (const Timelines::Wanted& wanted :
         {Timelines::Wanted{.tenant = kTenant, .id = 2},
          {.tenant = kTenant, .id = 0},
          {.tenant = kTenant, .id = uint128{1} << 40},
          {.tenant = TenantId(9), .id = 1},
          {.tenant = kTenant, .by = Thread::Kind::correlation, .id = 71}}) {
      const auto none = co_await timelines->timeline(wanted, {});
      EXPECT_TRUE(!none.ok() && none.error().is(kNoTimeline));
    }
  });
}

TEST_F(TimelinesTest, the_index_goes_on_after_a_restart_and_is_made_anew_when_it_is_gone) {
  const auto ask = +[](Timelines* timelines, engine::CellClient*) -> Task<> {
    EXPECT_EQ(co_await told(timelines, {.id = 1}), kFirst);
    EXPECT_EQ(co_await told(timelines, {.id = 2}), kSecond);
  };
  with_timelines(
      +[](Timelines*, engine::CellClient* client) -> Task<> { co_await two_sessions(client); });
  close();
  open();
  with_timelines(ask);
  for (const std::string& name : machine_.medium().list(kDirectory))
    machine_.medium().remove(std::string(kDirectory) + "/" + name);
  with_timelines(ask);
}

}  // namespace
}  // namespace keel::node
