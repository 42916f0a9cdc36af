#include "node/receipts/bill_audit.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/describe/wire.hpp"
#include "base/hash/sha256.hpp"
#include "modules/ledger/events.hpp"

namespace keel::node {
namespace {

using charging::SessionClosed;
using charging::SessionNumber;

constexpr SessionNumber kSession(3);

// The readings that are billed, the start's first.
Timestamp time_of(std::uint32_t nth) {
  return Timestamp{} + Duration::seconds(1'000 + 60 * std::int64_t{nth});
}
std::uint64_t register_of(std::uint32_t nth) {
  return 5'000 + std::uint64_t{nth} * 700;
}

// docs/charging.md: what the digest of so many readings is.
Digest chain(std::uint32_t readings) {
  Digest digest{};
  for (std::uint32_t nth = 1; nth <= readings; ++nth) {
    digest = sha256({digest, object_bytes(time_of(nth)), object_bytes(register_of(nth))});
  }
  return digest;
}

charging::Usage usage(std::uint32_t readings) {
  return {.register_wh = register_of(readings),
          .register_time = time_of(readings),
          .readings = readings,
          .readings_digest = chain(readings)};
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
  static constexpr std::uint64_t kPayer = 100;
  static constexpr std::uint64_t kClearing = 200;
  static constexpr std::uint64_t kRevenue = 300;
  static constexpr std::uint64_t kTax = 400;
  void transfer(std::uint64_t id, std::uint64_t amount, std::uint64_t command,
                std::uint64_t debit = kPayer, std::uint64_t credit = kClearing) {
    ledger::TransferCreated created;
    created.transfer.id = ledger::TransferId(id);
    created.transfer.debit_account = ledger::AccountId(debit);
    created.transfer.credit_account = ledger::AccountId(credit);
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

  charging::SessionStarted started() const {
    return {.session = kSession,
            .register_wh = register_of(1),
            .started_at = time_of(1),
            .usage = usage(1)};
  }
  void start() { add(started()); }
  // Those that count are the last ones of `billed`.
  charging::ReadingsRecorded recorded(std::vector<std::uint8_t> counts, std::uint32_t billed) {
    charging::ReadingsRecorded event{.session = kSession, .usage = usage(billed)};
    auto nth = billed - static_cast<std::uint32_t>(std::ranges::count(counts, 1));
    for (const std::uint8_t counts_here : counts) {
      charging::Reading reading{.time = time_of(1), .register_wh = 1};
      if (counts_here != 0) {
        ++nth;
        reading = {.time = time_of(nth), .register_wh = register_of(nth)};
      }
      event.readings.push_back(reading);
    }
    event.counts = std::move(counts);
    return event;
  }
  void readings(std::vector<std::uint8_t> counts, std::uint32_t billed) {
    add(recorded(std::move(counts), billed));
  }
  charging::SessionStopped stopped(std::uint32_t billed) const {
    return {.session = kSession,
            .register_wh = register_of(billed),
            .stopped_at = time_of(billed),
            .stop_digest = chain(1),
            .usage = usage(billed)};
  }
  void stop(std::uint32_t billed) { add(stopped(billed)); }
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
    transfer(first + 1, total, version + 1, kClearing, kRevenue);
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
  history.transfer(90, 500, 3, History::kClearing, History::kPayer);
  history.transfer(91, 500, 3, History::kRevenue, History::kClearing);
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
  EXPECT_NE(replaced.problems().find("is not that of what was recorded"), std::string::npos);
}

TEST(BillAudit, finds_a_chain_that_is_not_over_what_was_recorded) {
  const auto problems_of = [](auto forge) {
    History history;
    charging::SessionStarted started = history.started();
    charging::ReadingsRecorded first = history.recorded({1, 0, 1}, 3);
    charging::SessionStopped stopped = history.stopped(4);
    forge(started, first, stopped);
    history.add(started);
    history.add(first);
    history.add(stopped);
    history.add(history.bill(1, 500, 4), 2);
    return history.problems();
  };
  using Started = charging::SessionStarted;
  using Recorded = charging::ReadingsRecorded;
  using Stopped = charging::SessionStopped;
  EXPECT_EQ(problems_of([](Started&, Recorded&, Stopped&) {}), "");
  // What does not count is in no chain.
  EXPECT_EQ(problems_of([](Started&, Recorded& r, Stopped&) { r.readings[1].register_wh = 77; }),
            "");
  const auto forged = [&](auto forge) {
    return problems_of(forge).contains("is not that of what was recorded");
  };
  EXPECT_TRUE(forged([](Started&, Recorded& r, Stopped&) { ++*r.readings[0].register_wh; }));
  EXPECT_TRUE(forged([](Started&, Recorded& r, Stopped&) { ++r.readings[2].time.ns; }));
  EXPECT_TRUE(
      forged([](Started&, Recorded& r, Stopped&) { std::swap(r.readings[0], r.readings[2]); }));
  EXPECT_TRUE(forged([](Started& s, Recorded&, Stopped&) { --s.register_wh; }));
  EXPECT_TRUE(forged([](Started& s, Recorded&, Stopped&) { ++s.started_at.ns; }));
  EXPECT_TRUE(forged([](Started&, Recorded&, Stopped& s) { ++s.register_wh; }));
  EXPECT_TRUE(forged([](Started&, Recorded&, Stopped& s) { ++s.stopped_at.ns; }));
  EXPECT_TRUE(
      forged([](Started&, Recorded&, Stopped& s) { s.usage.readings_digest[31] ^= std::byte{1}; }));
}

TEST(BillAudit, follows_the_chain_as_the_module_makes_it) {
  // A reading without a time counts at the cell's, a stop not before the last reading.
  History history;
  history.start();
  charging::ReadingsRecorded at_cell_time = history.recorded({1}, 2);
  at_cell_time.readings[0].time = {};
  const Digest first = chain(1);
  const Timestamp cell_time;
  at_cell_time.usage.readings_digest =
      sha256({first, object_bytes(cell_time), object_bytes(register_of(2))});
  history.add(at_cell_time);
  EXPECT_EQ(history.problems(), "");
  History early;
  early.start();
  early.readings({1}, 2);
  charging::SessionStopped stopped = early.stopped(3);
  stopped.stopped_at = time_of(1);
  const Timestamp last = time_of(2);
  stopped.usage.readings_digest =
      sha256({chain(2), object_bytes(last), object_bytes(register_of(3))});
  early.add(stopped);
  EXPECT_EQ(early.problems(), "");
  // One that policy has ended has no last reading; the stop that corrects it is one.
  History policy;
  policy.start();
  policy.readings({1}, 2);
  charging::SessionStopped closed = policy.stopped(2);
  closed.stop_digest = {};
  closed.correctable = true;
  policy.add(closed);
  policy.add(policy.bill(1, 500, 2), 2);
  policy.stop(3);
  EXPECT_EQ(policy.problems(), "");
}

TEST(BillAudit, finds_readings_that_came_after_a_bill_and_are_in_none) {
  const auto closed_by_policy = [](History& history) {
    history.start();
    charging::SessionStopped closed = history.stopped(1);
    closed.stop_digest = {};
    closed.correctable = true;
    history.add(closed);
    history.add(history.bill(1, 500, 1), 2);
  };
  History settled;
  closed_by_policy(settled);
  settled.add(charging::CorrectionEnded{.session = kSession});
  EXPECT_EQ(settled.problems(), "");
  History late;
  closed_by_policy(late);
  late.readings({1}, 2);
  EXPECT_EQ(late.problems(), "");
  late.add(charging::CorrectionEnded{.session = kSession});
  EXPECT_TRUE(late.problems().contains("in no bill"));
  // After that none counts.
  settled.readings({1}, 2);
  EXPECT_TRUE(settled.problems().contains("after the session's end"));
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

TEST(BillAudit, finds_money_that_goes_another_way_than_the_bill_says) {
  // Of 500, 420 net and 80 tax, from two accounts; `to` are the last two transfers.
  struct Way {
    std::uint64_t debit;
    std::uint64_t credit;
    std::uint64_t amount;
  };
  const auto problems_of = [](const std::vector<Way>& ways) {
    History history;
    history.session_until_bill();
    SessionClosed bill = history.bill(1, 500, 5);
    bill.net = 420;
    bill.tax = 80;
    bill.lines[0].unit_price = bill.lines[0].amount = 420;
    bill.transfers.clear();
    for (std::size_t i = 0; i < ways.size(); ++i) {
      bill.transfers.push_back(60 + i);
      history.transfer(60 + i, ways[i].amount, 2, ways[i].debit, ways[i].credit);
    }
    history.add(bill, 2);
    return history.problems();
  };
  using H = History;
  const std::vector<Way> right{{H::kPayer, H::kClearing, 450},
                               {101, H::kClearing, 50},
                               {H::kClearing, H::kRevenue, 420},
                               {H::kClearing, H::kTax, 80}};
  EXPECT_EQ(problems_of(right), "");
  std::vector<Way> wrong = right;
  std::swap(wrong[3].debit, wrong[3].credit);
  EXPECT_TRUE(problems_of(wrong).contains("leave a part"));
  wrong = right;
  wrong[1].credit = 201;  // past clearing
  EXPECT_NE(problems_of(wrong), "");
  wrong = right;
  wrong[2].amount = 400;
  wrong[3].amount = 100;
  EXPECT_TRUE(problems_of(wrong).contains("420 net and 80 tax"));
  wrong = right;
  wrong[3].credit = H::kRevenue;
  EXPECT_NE(problems_of(wrong), "");
}

TEST(BillAudit, finds_what_is_taken_back_another_way) {
  const auto problems_of = [](std::uint64_t debit, std::uint64_t credit) {
    History history;
    history.session_until_bill();
    history.add(history.bill(1, 500, 5), 2);
    SessionClosed next = history.bill(2, 300, 5);
    next.reversals = {70, 71};
    history.transfer(70, 500, 3, History::kRevenue, History::kClearing);
    history.transfer(71, 500, 3, debit, credit);
    history.add(next, 3);
    return history.problems();
  };
  EXPECT_EQ(problems_of(History::kClearing, History::kPayer), "");
  EXPECT_NE(problems_of(History::kPayer, History::kClearing), "");
  EXPECT_NE(problems_of(History::kRevenue, History::kPayer), "");
}

TEST(BillAudit, counts_readings_that_no_bill_can_have) {
  History history;
  history.session_until_bill();
  charging::ReadingsUnplaced late{.station = "CP-1", .named = kSession, .session = kSession};
  late.readings.resize(3);
  history.add(late);
  EXPECT_EQ(history.audit.readings(), 5u);
  EXPECT_EQ(history.audit.unplaced_readings(), 3u);
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
  history.readings({1, 0, 1}, 7);
  history.readings({1}, 8);
  history.stop(9);
  history.add(history.bill(4, 500, 9), 5);
  EXPECT_EQ(history.problems(), "");
  // What comes after the first link is followed.
  charging::ReadingsRecorded forged = history.recorded({1}, 10);
  ++*forged.readings[0].register_wh;
  history.audit = BillAudit(false);
  history.readings({1}, 9);
  history.add(forged);
  EXPECT_NE(history.problems(), "");
  // So is a session that begins behind the cut.
  History begins;
  begins.audit = BillAudit(false);
  charging::SessionStarted started = begins.started();
  ++started.register_wh;
  begins.add(started);
  EXPECT_NE(begins.problems(), "");
}

}  // namespace
}  // namespace keel::node
