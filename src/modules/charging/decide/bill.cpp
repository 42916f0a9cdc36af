// From a session that is over to money: the hold is captured, the rest is taken, clearing is
// emptied into revenue and tax; a correction first takes back all of the bill before.
#include <algorithm>

#include "modules/charging/accounts.hpp"
#include "modules/charging/decide/commands.hpp"
#include "modules/charging/decide/ledger_calls.hpp"
#include "modules/charging/pricing/price.hpp"

namespace keel::charging {
namespace {

constexpr Duration kTryAgain = Duration::seconds(3'600);

using Code = ledger::TransferCode;

// Whether what was reserved is not reserved any more.
bool is_over(Code code) {
  return code == Code::pending_transfer_not_found || code == Code::pending_transfer_not_pending ||
         code == Code::pending_transfer_already_posted ||
         code == Code::pending_transfer_already_voided || code == Code::pending_transfer_expired;
}

// The transfers of one version of a bill. The first that the ledger refuses stops all: `refused`.
class Postings {
 public:
  Postings(const Decision& d, const SessionRow& row, SessionClosed& event)
      : d_(d), settings_(*d.settings()), row_(row), event_(event) {}

  Code refused() const noexcept { return refused_; }

  Result<> reverse() {
    if (row_.version == 0) return success();
    const uint128 clearing = settings_.clearing_account;
    KEEL_TRY(take_back({settings_.revenue_account, clearing, row_.net}, 1));
    KEEL_TRY(take_back({settings_.tax_account, clearing, row_.tax}, 2));
    KEEL_TRY(take_back({clearing, row_.account, row_.captured + row_.charged}, 3));
    return take_back({clearing, settings_.receivables_account, row_.receivable}, 4);
  }

  // Brings event_.total to clearing: from the hold, from the driver, else from receivables.
  Result<> collect() {
    Amount left = event_.total;
    if (row_.hold > 0 && row_.version == 0) left -= KEEL_TRY(capture(std::min(left, row_.hold)));
    // What the version before took is there again: it is taken first.
    if (row_.version > 0) {
      left -= KEEL_TRY(charge(std::min(left, row_.captured + row_.charged), 0));
    }
    left -= KEEL_TRY(charge(left, 1));
    if (left == 0) return success();
    event_.receivable = left;
    event_.flags |= SessionFlag::on_receivables;
    return must_post({settings_.receivables_account, settings_.clearing_account, left},
                     TransferKind::receivable);
  }

  Result<> split() {
    const uint128 clearing = settings_.clearing_account;
    KEEL_TRY(must_post({clearing, settings_.revenue_account, event_.net}, TransferKind::revenue));
    return must_post({clearing, settings_.tax_account, event_.tax}, TransferKind::tax);
  }

 private:
  struct Move {
    uint128 from;
    uint128 to;
    Amount amount;
  };

  ledger::Transfer transfer(const Move& move, TransferKind kind, std::uint32_t nth) const {
    const TransferName name{
        .session = row_.number, .version = event_.version, .kind = kind, .nth = nth};
    return {.id = ledger::TransferId(transfer_id(settings_.token_key, name)),
            .debit_account = ledger::AccountId(move.from),
            .credit_account = ledger::AccountId(move.to),
            .amount = move.amount,
            .user_data_128 = row_.correlation.value(),
            .user_data_64 = row_.number.value(),
            .user_data_32 = event_.version,
            .ledger = ledger::LedgerId(settings_.ledger),
            .code = ledger::Code(static_cast<std::uint16_t>(kind))};
  }

  Result<> must_post(const Move& move, TransferKind kind) {
    return must_post(transfer(move, kind, 0), event_.transfers);
  }
  Result<> take_back(const Move& move, std::uint32_t nth) {
    return must_post(transfer(move, TransferKind::reversal, nth), event_.reversals);
  }
  Result<> must_post(const ledger::Transfer& asked, std::vector<uint128>& list) {
    if (asked.amount == 0 || refused_ != Code::created) return success();
    refused_ = KEEL_TRY(post_one(d_, asked));
    list.push_back(asked.id.value());
    return success();
  }

  // Posts so much of the hold, or gives all of it back. What was captured.
  Result<Amount> capture(Amount amount) {
    ledger::Transfer asked = transfer({0, 0, amount}, TransferKind::capture, 0);
    asked.pending_id = ledger::TransferId(row_.hold_transfer);
    asked.ledger = {};
    asked.code = {};
    asked.flags =
        amount == 0 ? ledger::TransferFlag::void_pending : ledger::TransferFlag::post_pending;
    const Code code = KEEL_TRY(post_one(d_, asked));
    if (code != Code::created) {
      // Somebody else has ended it, or an account is closed: then the hold is not lost, but waits.
      if (!is_over(code)) refused_ = code;
      return Amount{0};
    }
    event_.transfers.push_back(asked.id.value());
    event_.captured = amount;
    return amount;
  }

  // Takes it from the driver's account, all or nothing. What was taken.
  Result<Amount> charge(Amount amount, std::uint32_t nth) {
    if (amount == 0 || row_.account == 0) return Amount{0};
    const Move move{row_.account, settings_.clearing_account, amount};
    const ledger::Transfer asked = transfer(move, TransferKind::charge, nth);
    const Code code = KEEL_TRY(post_one(d_, asked));
    if (code != Code::created) return Amount{0};
    event_.transfers.push_back(asked.id.value());
    event_.charged += amount;
    return amount;
  }

  const Decision& d_;
  const SettingsRow settings_;
  const SessionRow& row_;
  SessionClosed& event_;
  Code refused_ = Code::created;
};

std::optional<SignedValues> signed_values_of(const Decision& d, const SessionRow& row) {
  auto values = signed_of(row.signed_counts);
  if (values) values->records = d.state.signed_records(row.tenant, row.number);
  return values;
}

SessionClosed bill_of(const Decision& d, const SessionRow& row) {
  const SettingsRow& settings = *d.settings();
  const TariffTerms terms = terms_of_session(d, row);
  const Usage usage = usage_of(row.usage);
  Bill bill = price(terms, usage);
  return {.session = row.number,
          .version = row.version + 1,
          .station = row.station.str(),
          .connector = row.connector,
          .token = row.token,
          .driver = row.driver,
          .start_register_wh = row.start_register_wh,
          .stop_register_wh = row.stop_register_wh,
          .started_at = row.started_at,
          .stopped_at = row.stopped_at,
          .station_start_time = row.station_start_time,
          .station_stop_time = row.station_stop_time,
          .recorded_start = row.recorded_start,
          .recorded_stop = row.recorded_stop,
          .reason = row.reason,
          .usage = usage,
          .tariff = row.tariff,
          .tariff_version = row.tariff_version,
          .terms = terms,
          .lines = std::move(bill.lines),
          .net = bill.net,
          .tax = bill.tax,
          .total = bill.net + bill.tax,
          .currency = std::string(settings.currency.begin(), settings.currency.end()),
          .exponent = settings.exponent,
          .ledger = settings.ledger,
          .held = row.hold,
          .hold_transfer = row.hold_transfer,
          .flags = row.flags,
          .correlation = row.correlation,
          .closed_at = d.now(),
          .signed_values = signed_values_of(d, row)};
}

}  // namespace

Result<> bill_session(const Decision& d, SessionNumber session) {
  const SessionRow* found = d.state.live(d.tenant(), session);
  if (found == nullptr) return success();
  const SessionRow row = *found;
  SessionClosed event = bill_of(d, row);
  const auto mark = d.tx.mark();
  Postings postings(d, row, event);
  KEEL_TRY(postings.reverse());
  if (postings.refused() == Code::created) KEEL_TRY(postings.collect());
  KEEL_TRY(postings.split());
  if (postings.refused() != Code::created) {
    d.tx.rollback_to(mark);
    d.emit(SessionDeferred{.session = session,
                           .ledger_code = static_cast<std::uint32_t>(postings.refused()),
                           .retry_at = d.now() + kTryAgain});
    return success();
  }
  if (row.hold > 0 && event.total > row.hold) event.flags |= SessionFlag::beyond_hold;
  d.emit(event);
  return success();
}

Result<> room_in(const kernel::TableBase& table, std::uint64_t rows) {
  if (table.rows() + rows <= table.max_rows()) return success();
  return Error(kTooMany, std::string(table.name()) + ": " + std::to_string(table.rows()) + " of " +
                             std::to_string(table.max_rows()) + " are kept");
}

}  // namespace keel::charging
