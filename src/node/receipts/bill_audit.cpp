#include "node/receipts/bill_audit.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/describe/wire.hpp"
#include "base/hash/sha256.hpp"
#include "modules/ledger/events.hpp"
#include "node/receipts/receipt.hpp"

namespace keel::node {
namespace {

using charging::SessionClosed;

constexpr std::size_t kMostProblems = 100;
// A command makes fewer; what time does has no command of its own.
constexpr std::size_t kMostMoved = 100'000;

}  // namespace

void BillAudit::problem(std::string what) {
  if (problems_.size() < kMostProblems) problems_.push_back({position_, std::move(what)});
}

void BillAudit::take(const journal::Record& record) {
  position_ = record.envelope.sequence;
  tenant_ = record.envelope.tenant;
  time_ = record.envelope.time;
  if (record.envelope.command != command_ || moved_.size() > kMostMoved) moved_.clear();
  command_ = record.envelope.command;
  const kernel::EventType type(record.envelope.type);
  if (type == ledger::TransferCreated::kEventType) return take_transfers(record);
  take_event<charging::MeterKeyRegistered>(record);
  take_event<charging::SessionStarted>(record);
  take_event<charging::ReadingsRecorded>(record);
  take_event<charging::IdleChanged>(record);
  take_event<charging::SessionStopped>(record);
  take_event<SessionClosed>(record);
  take_event<charging::CorrectionEnded>(record);
  take_event<charging::ReadingsUnplaced>(record);
}

template <typename Event>
void BillAudit::take_event(const journal::Record& record) {
  if (kernel::EventType(record.envelope.type) != Event::kEventType) return;
  const auto event = decode<Event>(record.payload);
  if (!event.ok()) return problem("its content cannot be read: " + event.error().detail());
  on(*event);
}

void BillAudit::take_transfers(const journal::Record& record) {
  ByteReader rows(record.payload);
  while (!rows.empty()) {
    const auto row = rows.read_object<ledger::TransferCreated>();
    if (!row.ok()) return problem("a row of transfers is cut off");
    const ledger::Transfer& transfer = row->transfer;
    // What gives back a hold moves nothing.
    const bool moves =
        !transfer.flags.has(ledger::TransferFlag::void_pending) && transfer.amount <= UINT64_MAX;
    moved_.push_back({.transfer = transfer.id.value(),
                      .debit = transfer.debit_account.value(),
                      .credit = transfer.credit_account.value(),
                      .amount = moves ? static_cast<std::uint64_t>(transfer.amount) : 0});
  }
}

BillAudit::Session* BillAudit::find(charging::SessionNumber session) {
  const Key key{tenant_, session};
  auto found = sessions_.find(key);
  if (found == sessions_.end() && from_beginning_) {
    problem(fmt::format("session {} has not begun", session.value()));
    return nullptr;
  }
  if (found == sessions_.end()) found = sessions_.emplace(key, Session{}).first;
  return &found->second;
}

void BillAudit::advance(Session& session, const charging::Usage& usage,
                        std::span<const Point> billed) {
  const std::uint64_t expected = std::uint64_t{session.readings} + billed.size();
  Digest digest = session.digest;
  for (const Point& point : billed) {
    digest = sha256({digest, object_bytes(point.time), object_bytes(point.register_wh)});
  }
  if (session.followed && usage.readings != expected) {
    problem(fmt::format("{} readings are billed, expected {}", usage.readings, expected));
  } else if (session.followed && usage.readings_digest != digest) {
    problem(
        fmt::format("the chain over {} readings is not that of what was recorded", usage.readings));
  }
  session.readings = usage.readings;
  session.digest = usage.readings_digest;
  session.newest = usage.register_time;
  session.followed = true;
}

void BillAudit::on(const charging::MeterKeyRegistered& event) {
  signed_.on(tenant_, event);
}

void BillAudit::on(const charging::SessionStarted& event) {
  signed_.on(tenant_, event);
  const auto [at, added] = sessions_.emplace(Key{tenant_, event.session}, Session{});
  if (!added) return problem(fmt::format("session {} begins twice", event.session.value()));
  at->second.followed = true;
  advance(at->second, event.usage, std::array{Point{event.started_at, event.register_wh}});
}

void BillAudit::on(const charging::ReadingsRecorded& event) {
  Session* session = find(event.session);
  if (session == nullptr) return;
  if (const auto wrong = signed_.on(tenant_, event)) problem(*wrong);
  readings_ += event.readings.size();
  if (event.counts.size() != event.readings.size())
    problem("it does not say of every reading whether it is billed");
  std::vector<Point> billed;
  for (std::size_t i = 0; i < std::min(event.counts.size(), event.readings.size()); ++i) {
    if (event.counts[i] == 0) continue;
    const charging::Reading& reading = event.readings[i];
    if (!reading.register_wh) problem("a reading without a register is billed");
    // Without a time of its own it counts at the cell's.
    const Timestamp time = reading.time.ns == 0 ? time_ : reading.time;
    billed.push_back({.time = time, .register_wh = reading.register_wh.value_or(0)});
  }
  if (session->final && !billed.empty()) problem("readings are billed after the session's end");
  advance(*session, event.usage, billed);
}

void BillAudit::on(const charging::IdleChanged& event) {
  if (Session* session = find(event.session)) advance(*session, event.usage, {});
}

void BillAudit::on(const charging::SessionStopped& event) {
  Session* session = find(event.session);
  if (session == nullptr) return;
  // What a station has said of the end is a reading too, and not before the last one.
  std::vector<Point> billed;
  if (event.stop_digest != Digest{}) {
    billed.push_back(
        {.time = std::max(event.stopped_at, session->newest), .register_wh = event.register_wh});
  }
  advance(*session, event.usage, billed);
  session->stopped = true;
  session->final = !event.correctable;
}

void BillAudit::on(const SessionClosed& event) {
  ++bills_;
  Session* session = find(event.session);
  if (session == nullptr) return;
  if (!session->stopped && from_beginning_) problem("a session is billed that is not over");
  if (event.version != session->version + 1 && (from_beginning_ || session->version != 0)) {
    problem(fmt::format("version {} of a bill after version {}", event.version, session->version));
  }
  advance(*session, event.usage, {});
  check_sums(event);
  const Amounts amounts{.net = event.net, .tax = event.tax, .total = event.total};
  check_postings(event.transfers, amounts, Direction::posted);
  if (session->version != 0)
    check_postings(event.reversals, session->amounts, Direction::taken_back);
  session->version = event.version;
  session->billed = event.usage.readings;
  session->amounts = amounts;
}

void BillAudit::on(const charging::CorrectionEnded& event) {
  Session* session = find(event.session);
  if (session == nullptr) return;
  if (session->version != 0 && session->readings != session->billed) {
    problem(fmt::format("{} readings of session {} are in no bill",
                        session->readings - session->billed, event.session.value()));
  }
  session->final = true;
}

void BillAudit::on(const charging::ReadingsUnplaced& event) {
  unplaced_readings_ += event.readings.size();
}

void BillAudit::check_sums(const SessionClosed& bill) {
  if (const auto wrong = wrong_signed_value(bill)) problem(*wrong);
  if (!adds_up(bill))
    problem(fmt::format("the bill of session {} does not add up", bill.session.value()));
}

void BillAudit::check_postings(const std::vector<uint128>& transfers, const Amounts& amounts,
                               Direction direction) {
  const bool is_back = direction == Direction::taken_back;
  const std::string_view what = is_back ? "the taken back" : "the bill's";
  struct Flow {
    std::uint64_t in = 0;
    std::uint64_t out = 0;
  };
  std::map<uint128, Flow> accounts;
  uint128 moved = 0;
  for (const uint128 id : transfers) {
    const auto found = std::ranges::find(moved_, id, &Moved::transfer);
    if (found == moved_.end()) {
      problem(fmt::format("transfer {} was not made with {} bill, or another names it too",
                          to_decimal(id), what));
      return;
    }
    moved += found->amount;
    // What is taken back is looked at from its end.
    accounts[is_back ? found->credit : found->debit].out += found->amount;
    accounts[is_back ? found->debit : found->credit].in += found->amount;
    moved_.erase(found);
  }
  if (moved != uint128{amounts.total} * 2) {
    return problem(fmt::format("{} transfers move {}, expected twice {}", what, to_decimal(moved),
                               amounts.total));
  }
  std::uint64_t through = 0;
  std::vector<std::uint64_t> arrived;
  for (const auto& [account, flow] : accounts) {
    if (flow.in != 0 && flow.in == flow.out) {
      through += flow.in;
    } else if (flow.out == 0 && flow.in != 0) {
      arrived.push_back(flow.in);
    } else if (flow.in != 0) {
      return problem(fmt::format("{} transfers leave a part of the money at account {}", what,
                                 to_decimal(account)));
    }
  }
  std::vector<std::uint64_t> expected{amounts.net, amounts.tax};
  std::erase(expected, std::uint64_t{0});
  std::ranges::sort(expected);
  std::ranges::sort(arrived);
  if (through != amounts.total || arrived != expected) {
    problem(fmt::format("{} transfers do not bring {} net and {} tax through one account", what,
                        amounts.net, amounts.tax));
  }
}

}  // namespace keel::node
