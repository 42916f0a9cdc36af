// Receipts of a cell on a simulated machine, with a journal in files: a module in charging's place
// bills what it is told to.
#include "node/receipts/receipts.hpp"

#include <filesystem>
#include <map>

#include "base/describe/wire.hpp"
#include "engine/testing/local_opener.hpp"
#include "engine/testing/test_client.hpp"
#include "modules/charging/queries.hpp"
#include "node/receipts/errors.hpp"

namespace keel::node {
namespace {

using charging::SessionClosed;
using charging::SessionNumber;
using runtime::Task;

constexpr kernel::CommandType kBill{charging::kModule, 99};
constexpr TenantId kTenant{1};
constexpr PrincipalId kReader{5};

class Biller final : public kernel::Module {
 public:
  kernel::ModuleInfo info() const override {
    return {.id = charging::kModule,
            .name = "charging",
            .events = kEvents,
            .commands = kCommands,
            .queries = kQueries};
  }
  void needs(const kernel::Command&, kernel::Needs&) const override {}
  // The payload is the bill.
  Result<kernel::Outcome> decide(kernel::Transaction& tx, const kernel::Command& command,
                                 const kernel::Context&) const override {
    tx.emit(SessionClosed::kEventType, SessionClosed::kSchemaVersion, command.payload);
    return kernel::Outcome{};
  }
  void apply(const kernel::Event& event) override {
    const auto bill = decode<SessionClosed>(event.payload).value();
    versions_[bill.session.value()] = bill.version;
  }
  Result<> query(const kernel::Query& query, Bytes& reply) const override {
    const auto asked = KEEL_TRY(decode<charging::ListSessions>(query.payload));
    charging::ListSessions::Answer answer;
    if (const auto found = versions_.find(asked.only.value()); found != versions_.end())
      answer.sessions.push_back({.session = asked.only, .version = found->second});
    encode(answer, reply);
    return success();
  }
  std::span<kernel::TableBase* const> tables() override { return {}; }

 private:
  static constexpr std::array kEvents{kernel::EventSchema{
      SessionClosed::kEventType, SessionClosed::kSchemaVersion, "SessionClosed"}};
  static constexpr std::array kCommands{kBill};
  static constexpr std::array kQueries{charging::ListSessions::kType};
  std::map<std::uint32_t, std::uint32_t> versions_;
};

engine::Modules modules(kernel::UndoLog&, kernel::HashSeed) {
  engine::Modules all;
  all.push_back(std::make_unique<Biller>());
  return all;
}

Task<> bill(engine::CellClient* client, std::uint32_t session, std::uint32_t version,
            std::uint64_t total) {
  SessionClosed bill;
  bill.session = SessionNumber(session);
  bill.version = version;
  bill.net = bill.total = bill.captured = total;
  bill.lines = {{.quantity = 1, .unit_price = total * charging::kPriceScale, .amount = total}};
  Bytes payload;
  encode(bill, payload);
  const auto answer = co_await client->submit({.tenant = kTenant,
                                               .principal = kReader,
                                               .id = CommandId(session * 100 + version),
                                               .type = kBill,
                                               .schema_version = kernel::SchemaVersion(1),
                                               .payload = payload},
                                              {});
  EXPECT_TRUE(answer.ok()) << answer.error().to_string();
}

class ReceiptsTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "keel_receipts_test";
    key_ = HeadKey::read_or_make(directory_).value();
    open();
  }
  void TearDown() override {
    close();
    std::filesystem::remove_all(directory_);
  }

  void open() {
    host_ = std::make_unique<engine::CellHost>(engine::CellHost::Parts{.core = machine_.core(0),
                                                                       .journals = opener_,
                                                                       .modules = modules,
                                                                       .authorizer = allow_all_},
                                               engine::CellHostOptions{});
    machine_.start(
        0,
        +[](engine::CellHost* host) -> Task<> {
          EXPECT_TRUE((co_await host->run()).ok());
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

  // Runs `task` while the receipts follow the cell.
  template <typename F>
  void with_receipts(F task) {
    Receipts receipts({.client = *client_,
                       .principal = kReader,
                       .journal_directory = "keel_data/journal",
                       .directory = "keel_data/receipts",
                       .durability = "dsync",
                       .key = key_.get()});
    machine_.start(
        1,
        +[](Receipts* all, engine::CellClient* client, F run) -> Task<> {
          runtime::Scope scope(client->core());
          scope.spawn(&Receipts::run, all, scope.wait());
          co_await run(all, client);
          co_await scope.cancel_and_join();
        },
        &receipts, client_.get(), task);
    EXPECT_TRUE(world_.run_until_idle());
  }

  std::string directory_;
  std::unique_ptr<HeadKey> key_;
  sim::World world_{{.seed = 11}};
  sim::Machine& machine_ = world_.add_machine("10.0.0.1", 2);
  engine::test::AllowAll allow_all_;
  engine::LocalOpener opener_{machine_.core(0)};
  std::unique_ptr<engine::CellHost> host_;
  std::unique_ptr<engine::CellClient> client_;
};

// The total on the session's receipt, which holds; zero: there is none.
Task<std::uint64_t> total_on(Receipts* receipts, std::uint32_t session, std::uint32_t version = 0) {
  const auto receipt = co_await receipts->receipt(
      {.tenant = kTenant, .session = SessionNumber(session), .version = version}, {});
  if (!receipt.ok()) {
    EXPECT_TRUE(receipt.error().is(kNoReceipt)) << receipt.error().to_string();
    co_return 0;
  }
  const auto statement = check(*receipt);
  EXPECT_TRUE(statement.ok() && statement->bill.session == SessionNumber(session));
  co_return statement.ok() ? statement->bill.total : 0;
}

TEST_F(ReceiptsTest, there_is_one_as_soon_as_a_session_is_billed) {
  with_receipts(+[](Receipts* receipts, engine::CellClient* client) -> Task<> {
    EXPECT_EQ(co_await total_on(receipts, 1), 0u);
    for (std::uint32_t session = 1; session <= 40; ++session) {
      co_await bill(client, session, 1, session * 10);
      EXPECT_EQ(co_await total_on(receipts, session), session * 10u);
    }
    EXPECT_EQ(co_await total_on(receipts, 41), 0u);
    EXPECT_EQ(co_await total_on(receipts, 0), 0u);
    EXPECT_EQ(co_await total_on(receipts, 7), 70u);
  });
}

TEST_F(ReceiptsTest, a_correction_takes_the_place_of_the_bill_and_the_old_one_stays) {
  with_receipts(+[](Receipts* receipts, engine::CellClient* client) -> Task<> {
    co_await bill(client, 1, 1, 100);
    co_await bill(client, 2, 1, 200);
    co_await bill(client, 1, 2, 90);
    co_await bill(client, 1, 3, 80);
    EXPECT_EQ(co_await total_on(receipts, 1), 80u);
    EXPECT_EQ(co_await total_on(receipts, 1, 1), 100u);
    EXPECT_EQ(co_await total_on(receipts, 1, 2), 90u);
    EXPECT_EQ(co_await total_on(receipts, 1, 3), 80u);
    EXPECT_EQ(co_await total_on(receipts, 1, 4), 0u);
    EXPECT_EQ(co_await total_on(receipts, 2, 1), 200u);
  });
}

TEST_F(ReceiptsTest, the_table_goes_on_after_a_restart_and_is_made_anew_when_it_is_gone) {
  const auto ask = +[](Receipts* receipts, engine::CellClient*) -> Task<> {
    EXPECT_EQ(co_await total_on(receipts, 1), 90u);
    EXPECT_EQ(co_await total_on(receipts, 1, 1), 100u);
  };
  with_receipts(+[](Receipts*, engine::CellClient* client) -> Task<> {
    co_await bill(client, 1, 1, 100);
    co_await bill(client, 1, 2, 90);
  });
  close();
  open();
  with_receipts(ask);
  for (const std::string& name : machine_.medium().list("keel_data/receipts"))
    machine_.medium().remove("keel_data/receipts/" + name);
  with_receipts(ask);
}

TEST_F(ReceiptsTest, without_a_key_there_is_none) {
  key_.reset();
  with_receipts(+[](Receipts* receipts, engine::CellClient* client) -> Task<> {
    co_await bill(client, 1, 1, 100);
    const auto receipt =
        co_await receipts->receipt({.tenant = kTenant, .session = SessionNumber(1)}, {});
    EXPECT_TRUE(receipt.error().is(kNoSigner));
  });
}

}  // namespace
}  // namespace keel::node
