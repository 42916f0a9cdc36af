#include "node/receipts/bill_audit.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/describe/wire.hpp"
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
  if (record.envelope.command != command_ || moved_.size() > kMostMoved) moved_.clear();
  command_ = record.envelope.command;
  const kernel::EventType type(record.envelope.type);
  if (type == ledger::TransferCreated::kEventType) return take_transfers(record);
  take_event<charging::SessionStarted>(record);
  take_event<charging::ReadingsRecorded>(record);
  take_event<charging::IdleChanged>(record);
  take_event<charging::SessionStopped>(record);
  take_event<SessionClosed>(record);
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

// So many more readings than before.
void BillAudit::advance(Session& session, const charging::Usage& usage, std::uint32_t fewest,
                        std::uint32_t most) {
  const bool known = session.readings != 0 || from_beginning_;
  const std::uint64_t more = std::uint64_t{usage.readings} - session.readings;
  if (known && (usage.readings < session.readings || more < fewest || more > most)) {
    problem(fmt::format("{} readings are billed after {}, expected {} to {} more", usage.readings,
                        session.readings, fewest, most));
  }
  if (known && more == 0 && usage.readings_digest != session.digest)
    problem("the chain over the readings has changed without a reading");
  session.readings = usage.readings;
  session.digest = usage.readings_digest;
}

void BillAudit::on(const charging::SessionStarted& event) {
  const auto [at, added] = sessions_.emplace(Key{tenant_, event.session}, Session{});
  if (!added) return problem(fmt::format("session {} begins twice", event.session.value()));
  advance(at->second, event.usage, 1, 1);
}

void BillAudit::on(const charging::ReadingsRecorded& event) {
  Session* session = find(event.session);
  if (session == nullptr) return;
  std::uint32_t counted = 0;
  for (const std::uint8_t counts : event.counts) counted += counts;
  if (event.counts.size() != event.readings.size())
    problem("it does not say of every reading whether it is billed");
  if (session->stopped && counted != 0) problem("readings are billed after the session's end");
  advance(*session, event.usage, counted, counted);
}

void BillAudit::on(const charging::IdleChanged& event) {
  if (Session* session = find(event.session)) advance(*session, event.usage, 0, 0);
}

void BillAudit::on(const charging::SessionStopped& event) {
  Session* session = find(event.session);
  if (session == nullptr) return;
  // A stop is a reading too, unless nobody has said one. A correction counts anew what came late.
  advance(*session, event.usage, 0, 1);
  session->stopped = true;
}

void BillAudit::on(const SessionClosed& event) {
  ++bills_;
  Session* session = find(event.session);
  if (session == nullptr) return;
  if (!session->stopped && from_beginning_) problem("a session is billed that is not over");
  if (event.version != session->version + 1 && (from_beginning_ || session->version != 0)) {
    problem(fmt::format("version {} of a bill after version {}", event.version, session->version));
  }
  advance(*session, event.usage, 0, 0);
  check_sums(event);
  check_postings(event.transfers, event.total, "the bill's");
  if (session->version != 0) check_postings(event.reversals, session->total, "the taken back");
  session->version = event.version;
  session->total = event.total;
}

void BillAudit::check_sums(const SessionClosed& bill) {
  if (!adds_up(bill))
    problem(fmt::format("the bill of session {} does not add up", bill.session.value()));
}

void BillAudit::check_postings(const std::vector<uint128>& transfers, std::uint64_t total,
                               std::string_view what) {
  uint128 moved = 0;
  for (const uint128 id : transfers) {
    const auto found = std::ranges::find(moved_, id, &Moved::transfer);
    if (found == moved_.end()) {
      problem(fmt::format("transfer {} was not made with {} bill, or another names it too",
                          to_decimal(id), what));
      return;
    }
    moved += found->amount;
    moved_.erase(found);
  }
  if (moved != uint128{total} * 2)
    problem(fmt::format("{} transfers move {}, expected twice {}", what, to_decimal(moved), total));
}

}  // namespace keel::node
