#include "node/receipts/bill_audit.hpp"

#include <gtest/gtest.h>

#include "base/describe/wire.hpp"
#include "modules/ledger/events.hpp"

namespace keel::node {
namespace {

using charging::SessionClosed;
using charging::SessionNumber;

constexpr SessionNumber kSession(3);

Digest chain(std::uint8_t readings) {
  Digest digest{};
  digest[0] = std::byte{readings};
  return digest;
}

charging::Usage usage(std::uint32_t readings) {
  charging::Usage usage;
  usage.readings = readings;
  usage.readings_digest = chain(static_cast<std::uint8_t>(readings));
  return usage;
}

// A journal's records, one after the other.
struct History {
  BillAudit audit{true};
  std::uint64_t position = 0;

  template <typename Event>
  void add(const Event& event, std::uint64_t command = 1) {
    Bytes payload;
    encode(event, payload);
    add(Event::kEventType, payload, command);
  }
  void transfer(std::uint64_t id, std::uint64_t amount, std::uint64_t command) {
    ledger::TransferCreated created;
    created.transfer.id = ledger::TransferId(id);
    created.transfer.amount = amount;
    add(ledger::TransferCreated::kEventType, object_bytes(created), command);
  }
  void add(kernel::EventType type, ByteView payload, std::uint64_t command) {
    audit.take({.envelope = {.sequence = Position(++position),
                             .tenant = TenantId(1),
                             .command = CommandId(command),
                             .type = type.value(),
                             .schema_version = 1},
                .payload = payload});
  }

  void start() { add(charging::SessionStarted{.session = kSession, .usage = usage(1)}); }
  void readings(std::vector<std::uint8_t> counts, std::uint32_t billed) {
    charging::ReadingsRecorded event{.session = kSession, .usage = usage(billed)};
    event.readings.resize(counts.size());
    event.counts = std::move(counts);
    add(event);
  }
  void stop(std::uint32_t billed) {
    add(charging::SessionStopped{.session = kSession, .usage = usage(billed)});
  }
  // Two transfers of the total, and their bill.
  SessionClosed bill(std::uint32_t version, std::uint64_t total, std::uint32_t billed) {
    SessionClosed closed;
    closed.session = kSession;
    closed.version = version;
    closed.usage = usage(billed);
    closed.net = closed.total = closed.captured = total;
    closed.lines = {{.quantity = 1, .unit_price = total, .amount = total}};
    const std::uint64_t first = std::uint64_t{version} * 10;
    closed.transfers = {first, first + 1};
    transfer(first, total, version + 1);
    transfer(first + 1, total, version + 1);
    return closed;
  }
  // As it goes: five readings came, three of them are billed, as are start and stop.
  void session_until_bill() {
    start();
    readings({1, 0, 1}, 3);
    readings({0, 1}, 4);
    stop(5);
  }
  std::string problems() const {
    std::string all;
    for (const BillAudit::Problem& problem : audit.problems()) all += problem.what + "; ";
    return all;
  }
};

TEST(BillAudit, finds_nothing_in_a_session_as_it_should_be) {
  History history;
  history.session_until_bill();
  history.add(history.bill(1, 500, 5), 2);
  SessionClosed correction = history.bill(2, 300, 5);
  history.transfer(90, 500, 3);
  history.transfer(91, 500, 3);
  correction.reversals = {90, 91};
  history.add(correction, 3);
  EXPECT_EQ(history.problems(), "");
  EXPECT_EQ(history.audit.sessions(), 1u);
  EXPECT_EQ(history.audit.bills(), 2u);
}

TEST(BillAudit, finds_a_reading_that_is_not_in_the_bill_or_in_it_twice) {
  for (const std::uint32_t billed : {4u, 6u}) {
    History history;
    history.session_until_bill();
    history.add(history.bill(1, 500, billed), 2);
    EXPECT_NE(history.problems().find("readings are billed"), std::string::npos) << billed;
  }
  History lost;
  lost.start();
  lost.readings({1, 1}, 2);
  EXPECT_NE(lost.problems(), "");
  History replaced;
  replaced.session_until_bill();
  SessionClosed bill = replaced.bill(1, 500, 5);
  bill.usage.readings_digest = chain(77);
  replaced.add(bill, 2);
  EXPECT_NE(replaced.problems().find("chain"), std::string::npos);
}

TEST(BillAudit, finds_postings_that_are_not_the_bills) {
  const auto problems_of = [](auto change) {
    History history;
    history.session_until_bill();
    SessionClosed bill = history.bill(1, 500, 5);
    change(history, bill);
    history.add(bill, 2);
    return history.problems();
  };
  EXPECT_EQ(problems_of([](History&, SessionClosed&) {}), "");
  EXPECT_NE(problems_of([](History&, SessionClosed& b) { b.transfers.pop_back(); }), "");
  EXPECT_NE(problems_of([](History&, SessionClosed& b) { b.transfers.push_back(99); }), "");
  EXPECT_NE(problems_of([](History&, SessionClosed& b) { b.transfers[1] = b.transfers[0]; }), "");
  EXPECT_NE(problems_of([](History& h, SessionClosed& b) {
              h.transfer(12, 1, 2);
              b.transfers.push_back(12);
            }),
            "");
  // Made by an earlier command.
  EXPECT_NE(problems_of([](History& h, SessionClosed&) { h.transfer(50, 1, 7); }), "");
}

TEST(BillAudit, finds_bills_that_do_not_add_up_or_do_not_follow) {
  const auto problems_of = [](auto change) {
    History history;
    history.session_until_bill();
    SessionClosed bill = history.bill(1, 500, 5);
    change(bill);
    history.add(bill, 2);
    return history.problems();
  };
  EXPECT_NE(problems_of([](SessionClosed& b) { b.lines[0].amount = 499; }), "");
  EXPECT_NE(problems_of([](SessionClosed& b) { b.receivable = 1; }), "");
  EXPECT_NE(problems_of([](SessionClosed& b) { b.version = 2; }), "");
  EXPECT_NE(problems_of([](SessionClosed& b) { b.session = SessionNumber(4); }), "");
  History twice;
  twice.session_until_bill();
  twice.add(twice.bill(1, 500, 5), 2);
  twice.add(twice.bill(1, 500, 5), 3);
  EXPECT_NE(twice.problems().find("version 1 of a bill after version 1"), std::string::npos);
  History open;
  open.start();
  open.add(open.bill(1, 500, 1), 2);
  EXPECT_NE(open.problems().find("not over"), std::string::npos);
}

TEST(BillAudit, takes_sessions_as_they_come_behind_a_cut) {
  History history;
  history.audit = BillAudit(false);
  history.add(history.bill(4, 500, 9), 2);
  EXPECT_EQ(history.problems().find("begun"), std::string::npos);
  EXPECT_EQ(history.problems().find("version"), std::string::npos);
}

}  // namespace
}  // namespace keel::node
