// The bills of charging and their postings, by hand; and what of the ledger's facts is charging's.
#include <fmt/core.h>

#include "base/describe/wire.hpp"
#include "modules/ledger/events.hpp"
#include "sim/torture/charging/charging_oracle.hpp"
#include "sim/torture/charging/encoded.hpp"

namespace keel::torture {

namespace {

using namespace charging;  // the whole file speaks of its words

}  // namespace

bool ChargingOracle::is_move(const ledger::Transfer& transfer, const Move& move) const {
  return transfer.debit_account.value() == move.from &&
         transfer.credit_account.value() == move.to && transfer.amount == move.amount &&
         transfer.code.value() == move.code && transfer.ledger.value() == tenant().settings.ledger;
}

// Each is one that the model of the ledger allows, and leaves the same row.
void ChargingOracle::take_ledger_fact(const Fact& fact, const std::vector<Fact>& facts,
                                      std::size_t index) {
  ByteReader row(fact.row);
  const kernel::EventType type(fact.type);
  if (type == ledger::TransferCreated::kEventType) {
    const ledger::Transfer made = row.read_object<ledger::TransferCreated>().value().transfer;
    ledger::Transfer wanted = made;
    wanted.timestamp = {};
    const auto answers = books_->move({wanted}, made.timestamp);
    const bool allowed = answers.front().code == ledger::TransferCode::created;
    if (!allowed || books_->state().transfers.at(made.id).transfer != made) {
      return find("a transfer of charging that the ledger may not make");
    }
    moved_.push_back(made);
  } else if (type == ledger::TransferFailed::kEventType) {
    rooms_.push_back(room(payer_of_next(facts, index)));
  } else if (type == ledger::AccountCreated::kEventType) {
    const ledger::AccountSpec made = row.read_object<ledger::AccountCreated>().value().account;
    ledger::AccountSpec wanted = made;
    wanted.timestamp = {};
    const auto answers = books_->create({wanted}, made.timestamp);
    if (answers.front().code != ledger::AccountCode::created) find("an account out of place");
  } else if (type == ledger::LedgerOpened::kEventType) {
    ledger::LedgerSpec wanted = row.read_object<ledger::LedgerOpened>().value().ledger;
    const Timestamp at = wanted.timestamp;
    wanted.timestamp = {};
    const auto answers = books_->open({wanted}, at);
    if (answers.front().code != ledger::LedgerCode::opened) find("a ledger out of place");
  } else {
    find("a fact of the ledger that charging does not cause");
  }
}

// The account of the session that the facts go on to speak of.
uint128 ChargingOracle::payer_of_next(const std::vector<Fact>& facts, std::size_t index) const {
  for (const Fact& fact : std::span(facts).subspan(index)) {
    const kernel::EventType type(fact.type);
    if (type == SessionClosed::kEventType) {
      const auto bill = decode<SessionClosed>(fact.row);
      const auto found =
          bill.ok() ? tenant().sessions.find(bill->session.value()) : tenant().sessions.end();
      return found == tenant().sessions.end() ? uint128{0} : found->second.start.account;
    }
    if (type == SessionStarted::kEventType) return decode<SessionStarted>(fact.row)->account;
  }
  return 0;
}

void ChargingOracle::judge(const SessionClosed& fact) {
  KnownSession* found = session(fact.session);
  if (found == nullptr || found->state != SessionState::stopped) {
    return find("the bill of a session that is not over");
  }
  KnownSession& known = *found;
  const Settings& settings = tenant().settings;
  MeterByHand::Price price = known.meter.price();
  SessionClosed by_hand{.session = fact.session,
                        .version = known.bill.version + 1,
                        .station = known.start.station,
                        .connector = known.start.connector,
                        .token = known.start.token,
                        .driver = known.start.driver,
                        .start_register_wh = known.start.register_wh,
                        .stop_register_wh = known.stop.register_wh,
                        .started_at = known.start.started_at,
                        .stopped_at = known.stop.stopped_at,
                        .station_start_time = known.start.station_time,
                        .station_stop_time = known.stop.station_time,
                        .recorded_start = known.start.recorded_at,
                        .recorded_stop = known.stop.recorded_at,
                        .reason = known.stop.reason,
                        .usage = known.meter.usage(),
                        .tariff = known.start.tariff,
                        .tariff_version = known.start.tariff_version,
                        .terms = known.meter.terms(),
                        .lines = std::move(price.lines),
                        .net = price.net,
                        .tax = price.tax,
                        .total = price.net + price.tax,
                        .currency = settings.currency,
                        .exponent = settings.exponent,
                        .ledger = settings.ledger,
                        .held = known.start.hold,
                        .hold_transfer = known.start.hold_transfer,
                        .flags = known.flags,
                        .correlation = known.start.correlation,
                        .closed_at = now_,
                        .signed_values = signed_by_hand(known)};
  post_by_hand(known, by_hand);
  if (known.start.hold > 0 && by_hand.total > known.start.hold) {
    by_hand.flags |= SessionFlag::beyond_hold;
  }
  if (fact.lines != by_hand.lines) find("a bill whose lines are not those by hand");
  if (fact.usage != by_hand.usage) find("a bill of another usage than by hand");
  if (fact.net != by_hand.net || fact.tax != by_hand.tax || fact.total != by_hand.total) {
    find(fmt::format("a bill of {} and {}, by hand {} and {}", fact.net, fact.tax, by_hand.net,
                     by_hand.tax));
  }
  if (encoded(fact) != encoded(by_hand)) find("session_closed: the fact does not say what it must");
  known.bill = fact;
  known.state = SessionState::closed;
  known.flags = fact.flags;
  known.retry_at = {};
  if (known.correctable) {
    known.correctable_until = now_ + Duration::seconds(settings.stop_kept_s);
  }
  counts_.add(fact.version == 1 ? "session: billed" : "session: corrected");
  if (ask_ == nullptr) counts_.add("session: billed by time");
  count_flags(fact.flags);
}

// What must have been moved since the last bill, one after the other.
void ChargingOracle::post_by_hand(const KnownSession& known, SessionClosed& bill) {
  const Settings& settings = tenant().settings;
  const uint128 clearing = settings.clearing_account;
  const uint128 payer = known.start.account;
  const SessionClosed& before = known.bill;
  std::size_t next = 0;
  const auto is_next = [&](const Move& move) {
    return next < moved_.size() && is_move(moved_[next], move) &&
           moved_[next].user_data_64 == bill.session.value() &&
           moved_[next].user_data_32 == bill.version;
  };
  const auto must = [&](const Move& move, std::vector<uint128>& list) {
    if (move.amount == 0) return;
    if (!is_next(move)) {
      return find(fmt::format("session {}: posting {} of its bill is not the one by hand",
                              bill.session.value(), next + 1));
    }
    list.push_back(moved_[next++].id.value());
  };
  if (before.version > 0) {
    must({settings.revenue_account, clearing, before.net, 4'007}, bill.reversals);
    must({settings.tax_account, clearing, before.tax, 4'007}, bill.reversals);
    must({clearing, payer, before.captured + before.charged, 4'007}, bill.reversals);
    must({clearing, settings.receivables_account, before.receivable, 4'007}, bill.reversals);
  }
  std::uint64_t left = bill.total;
  if (known.start.hold > 0 && before.version == 0) {
    bill.captured = std::min(left, known.start.hold);
    const bool gives_back = bill.captured == 0;
    const auto wanted =
        gives_back ? ledger::TransferFlag::void_pending : ledger::TransferFlag::post_pending;
    const bool settled = next < moved_.size() && moved_[next].flags == wanted &&
                         moved_[next].pending_id.value() == known.start.hold_transfer;
    if (!settled) return find("a bill that does not settle its hold");
    must({payer, clearing, gives_back ? known.start.hold : bill.captured, 4'001}, bill.transfers);
    left -= bill.captured;
    counts_.add(gives_back ? "hold: given back" : "hold: captured");
  }
  std::size_t refused = 0;
  const auto charge = [&](std::uint64_t amount) {
    if (amount == 0 || payer == 0) return;
    if (is_next({payer, clearing, amount, 4'003})) {
      bill.transfers.push_back(moved_[next++].id.value());
      bill.charged += amount;
      left -= amount;
      return;
    }
    const bool poor = refused < rooms_.size() && rooms_[refused] < uint128{amount};
    if (!poor && !account_closed(payer)) find("a driver was spared who could pay");
    ++refused;
  };
  if (before.version > 0) charge(std::min(left, before.captured + before.charged));
  charge(left);
  bill.receivable = left;
  if (left > 0) bill.flags |= SessionFlag::on_receivables;
  must({settings.receivables_account, clearing, left, 4'004}, bill.transfers);
  must({clearing, settings.revenue_account, bill.net, 4'005}, bill.transfers);
  must({clearing, settings.tax_account, bill.tax, 4'006}, bill.transfers);
  if (next != moved_.size()) find("a bill with a posting too many");
  moved_.clear();
  rooms_.clear();
}

// Clearing holds what is held for sessions that are not billed, and nothing else.
void ChargingOracle::judge_clearing() {
  if (!tenant().configured) return;
  uint128 held = 0;
  for (const auto& [number, known] : tenant().sessions) {
    if (known.bill.version == 0) held += known.start.hold;
  }
  const auto found =
      books_->state().accounts.find(ledger::AccountId(tenant().settings.clearing_account));
  if (found == books_->state().accounts.end()) return find("clearing is not there");
  const ledger::Balances& clearing = found->second.balances;
  if (clearing.credits_posted != clearing.debits_posted || clearing.debits_pending != 0 ||
      clearing.credits_pending != held) {
    find("clearing holds something else than the holds of unbilled sessions");
  }
}

}  // namespace keel::torture
