#include "sim/torture/ledger/ledger_oracle.hpp"

#include <fmt/core.h>

#include "modules/ledger/errors.hpp"
#include "modules/ledger/events.hpp"

namespace keel::torture {

namespace {

using namespace ledger;  // the whole file speaks of its records
using Model = ledger::testing::Model;

template <typename Row>
std::vector<Row> rows_of(ByteView bytes) {
  std::vector<Row> rows;
  for (ByteReader reader(bytes); reader.remaining() >= sizeof(Row);) {
    rows.push_back(reader.read_object<Row>().value());
  }
  return rows;
}

std::optional<std::size_t> row_bytes(std::uint32_t type) {
  const kernel::CommandType command(type);
  if (command == kOpenLedgers) return sizeof(LedgerSpec);
  if (command == kCreateAccounts) return sizeof(AccountSpec);
  if (command == kSetCreditLimits) return sizeof(CreditLimit);
  if (command == kCreateTransfers) return sizeof(Transfer);
  return std::nullopt;
}

// As docs/ledger.md says what a payload is.
bool well_formed(const Ask& ask) {
  const std::optional<std::size_t> row = row_bytes(ask.type);
  if (!row || ask.payload.size() < sizeof(BatchHeader) + *row) return false;
  const std::size_t rows = ask.payload.size() - sizeof(BatchHeader);
  if (rows % *row != 0 || rows / *row > kMaxBatchRows) return false;
  const auto header = ByteReader(ask.payload).read_object<BatchHeader>().value();
  const std::uint32_t known = kernel::CommandType(ask.type) == kCreateTransfers ? 1 : 0;
  return header.reserved == decltype(header.reserved){} && header.options.bits() <= known;
}

// What is expected, beside what is there.
struct Expected {
  Bytes reply;
  std::vector<std::string> codes;
  std::vector<std::pair<kernel::EventType, Bytes>> facts;

  template <typename Event>
  void fact(const Event& event) {
    const ByteView bytes = object_bytes(event);
    facts.emplace_back(Event::kEventType, Bytes(bytes.begin(), bytes.end()));
  }
};

RowResult result_of(std::size_t index, std::uint32_t code, Timestamp timestamp, Amount amount) {
  return {.index = static_cast<std::uint32_t>(index),
          .code = code,
          .timestamp = timestamp,
          .amount = amount};
}

void expect_transfers(Model& model, const Ask& ask, ByteView rows_bytes, Timestamp now,
                      Expected& expected) {
  const auto header = ByteReader(ask.payload).read_object<BatchHeader>().value();
  const auto rows = rows_of<Transfer>(rows_bytes);
  const std::vector<Model::Answer> answers = model.move(rows, now);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Model::Answer& answer = answers[i];
    expected.codes.push_back(fmt::format("transfer code: {}", to_string(answer.code)));
    const RowResult result =
        result_of(i, static_cast<std::uint32_t>(answer.code), answer.timestamp, answer.amount);
    if (header.options.has(BatchOption::balances_in_reply)) {
      append(
          expected.reply,
          object_bytes(TransferResultWithBalances{
              .result = result, .debit_account = answer.debit, .credit_account = answer.credit}));
    } else {
      append(expected.reply, object_bytes(result));
    }
    if (answer.code == TransferCode::created) {
      expected.fact(TransferCreated{model.state().transfers.at(rows[i].id).transfer});
    } else if (answer.failed_at.ns != 0) {
      expected.fact(
          TransferFailed{.id = rows[i].id, .timestamp = answer.failed_at, .code = answer.code});
    }
  }
}

void expect_accounts(Model& model, ByteView rows_bytes, Timestamp now, Expected& expected) {
  const auto rows = rows_of<AccountSpec>(rows_bytes);
  const auto answers = model.create(rows, now);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    expected.codes.push_back(fmt::format("account code: {}", to_string(answers[i].code)));
    append(expected.reply, object_bytes(result_of(i, static_cast<std::uint32_t>(answers[i].code),
                                                  answers[i].timestamp, 0)));
    if (answers[i].code != AccountCode::created) continue;
    AccountSpec fact = rows[i];
    fact.timestamp = answers[i].timestamp;
    expected.fact(AccountCreated{fact});
  }
}

void expect_ledgers(Model& model, ByteView rows_bytes, Timestamp now, Expected& expected) {
  const auto rows = rows_of<LedgerSpec>(rows_bytes);
  const auto answers = model.open(rows, now);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    expected.codes.push_back(fmt::format("ledger code: {}", to_string(answers[i].code)));
    append(expected.reply, object_bytes(result_of(i, static_cast<std::uint32_t>(answers[i].code),
                                                  answers[i].timestamp, 0)));
    if (answers[i].code == LedgerCode::opened) {
      expected.fact(LedgerOpened{model.state().ledgers.at(rows[i].id)});
    }
  }
}

void expect_limits(Model& model, ByteView rows_bytes, Timestamp now, Expected& expected) {
  const auto rows = rows_of<CreditLimit>(rows_bytes);
  const auto answers = model.set_limits(rows, now);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    expected.codes.push_back(fmt::format("limit code: {}", to_string(answers[i].code)));
    append(expected.reply, object_bytes(result_of(i, static_cast<std::uint32_t>(answers[i].code),
                                                  answers[i].timestamp, answers[i].amount)));
    if (answers[i].code != LimitCode::set) continue;
    expected.fact(CreditLimitSet{.account = rows[i].account,
                                 .credit_limit = rows[i].limit,
                                 .timestamp = answers[i].timestamp});
  }
}

Expected expect(Model& model, const Ask& ask, Timestamp now) {
  const ByteView rows = ByteView(ask.payload).subspan(sizeof(BatchHeader));
  const kernel::CommandType type(ask.type);
  Expected expected;
  if (type == kCreateTransfers) {
    expect_transfers(model, ask, rows, now, expected);
  } else if (type == kCreateAccounts) {
    expect_accounts(model, rows, now, expected);
  } else if (type == kOpenLedgers) {
    expect_ledgers(model, rows, now, expected);
  } else {
    expect_limits(model, rows, now, expected);
  }
  return expected;
}

Finding compare_reply(std::uint32_t type, ByteView reply, const Expected& expected) {
  if (std::ranges::equal(reply, expected.reply)) return std::nullopt;
  if (reply.size() != expected.reply.size()) {
    return fmt::format("a reply of {} bytes, not {}", reply.size(), expected.reply.size());
  }
  const std::size_t row = reply.size() % sizeof(TransferResultWithBalances) == 0 &&
                                  kernel::CommandType(type) == kCreateTransfers
                              ? sizeof(TransferResultWithBalances)
                              : sizeof(RowResult);
  for (std::size_t at = 0; at < reply.size(); at += row) {
    if (std::ranges::equal(reply.subspan(at, row), ByteView(expected.reply).subspan(at, row))) {
      continue;
    }
    const auto is = ByteReader(reply.subspan(at)).read_object<RowResult>().value();
    const auto allowed =
        ByteReader(ByteView(expected.reply).subspan(at)).read_object<RowResult>().value();
    return fmt::format("row {}: code {} at {} amount {}; allowed is code {} at {} amount {}",
                       is.index, is.code, is.timestamp.ns, to_decimal(is.amount), allowed.code,
                       allowed.timestamp.ns, to_decimal(allowed.amount));
  }
  return "a reply with wrong rows";
}

Finding compare_facts(TenantId tenant, const std::vector<Fact>& facts, const Expected& expected) {
  if (facts.size() != expected.facts.size()) {
    return fmt::format("{} events, not {}", facts.size(), expected.facts.size());
  }
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const auto& [type, bytes] = expected.facts[i];
    if (facts[i].tenant != tenant || facts[i].type != type.value() ||
        !std::ranges::equal(facts[i].row, bytes)) {
      return fmt::format("event {} of {} is not what was decided", i + 1, facts.size());
    }
  }
  return std::nullopt;
}

}  // namespace

Finding LedgerOracle::command(const Ask& ask, const Decided& decided) {
  const auto& [decided_at, last, outcome, reply, facts] = decided;
  Timestamp now = decided_at;
  if (outcome != 0) return "an outcome that the ledger does not have";
  if (!well_formed(ask)) return "it is malformed and was decided";
  Model& model = tenants_[ask.tenant];
  Expected expected = expect(model, ask, now);
  if (facts.empty() && expected.facts.empty() && model.ticks() > 1) {
    // Nothing says when it was decided but how far its chains came before they failed; it has
    // changed nothing, so it may be decided again.
    now = last - Duration::nanoseconds(model.ticks() - 1);
    expected = expect(model, ask, now);
  }
  for (const std::string& code : expected.codes) counts_.add(code);
  if (const Finding wrong = compare_reply(ask.type, reply, expected)) return wrong;
  if (const Finding wrong = compare_facts(ask.tenant, facts, expected)) return wrong;
  const std::int64_t ticks = std::max<std::int64_t>(model.ticks(), 1);
  if (last != now + Duration::nanoseconds(ticks - 1)) return "its last cell time";
  return std::nullopt;
}

Finding LedgerOracle::time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) {
  Timestamp at = now;
  for (const Fact& fact : facts) {
    if (fact.type != TransferExpired::kEventType.value()) return "an event that is no expiry";
    const auto expired = ByteReader(fact.row).read_object<TransferExpired>();
    if (!expired.ok() || expired->timestamp != at) return "an expiry of a wrong time";
    Model& model = tenants_[fact.tenant];
    const auto found = model.state().transfers.find(expired->pending_id);
    if (found == model.state().transfers.end()) return "the expiry of what is not there";
    const std::optional<Timestamp> due = Model::due_of(found->second);
    if (!due) return "the expiry of what is not pending, or has no timeout";
    if (*due > now) return "an expiry that is not due";
    for (const auto& [tenant, other] : tenants_) {
      const std::optional<Timestamp> first = other.next_due();
      if (first && *first < *due) return "an expiry before one that was due earlier";
    }
    model.expire(expired->pending_id, at);
    at = at + Duration::nanoseconds(1);
    counts_.add("expiry");
  }
  if (last + Duration::nanoseconds(1) != at) return "its last cell time";
  return std::nullopt;
}

Finding LedgerOracle::query(const Ask& ask, ByteView reply) {
  const std::optional<Finding> compared = compare_query(tenants_[ask.tenant], ask, reply);
  if (!compared) return "it is malformed and was answered";
  counts_.add(fmt::format("query {} compared", ask.type & 0xffff));
  return *compared;
}

Finding LedgerOracle::at_rest(const Rest& rest) {
  const Timestamp now = rest.now;
  for (const auto& [tenant, model] : tenants_) {
    const std::optional<Timestamp> due = model.next_due();
    if (due && *due + Duration::seconds(1) < now) {
      return fmt::format("tenant {}: a transfer that was due at {} has not expired by {}",
                         tenant.value(), due->ns, now.ns);
    }
    std::map<LedgerId, Balances> sums;
    for (const auto& [id, account] : model.state().accounts) {
      Balances& sum = sums[account.ledger];
      sum.debits_pending += account.balances.debits_pending;
      sum.debits_posted += account.balances.debits_posted;
      sum.credits_pending += account.balances.credits_pending;
      sum.credits_posted += account.balances.credits_posted;
    }
    for (const auto& [id, sum] : sums) {
      if (sum.debits_pending != sum.credits_pending || sum.debits_posted != sum.credits_posted) {
        return fmt::format("ledger {} of tenant {} does not sum to zero", id.value(),
                           tenant.value());
      }
    }
  }
  return std::nullopt;
}

Finding LedgerOracle::refused(const Ask& ask, const Error& error) {
  if (ask.is_query) {
    if (!error.is(kBadFilter)) return std::nullopt;
    counts_.add("malformed query refused");
    if (!compare_query({}, ask, {})) return std::nullopt;
    return "a query that is well-formed was refused: " + error.to_string();
  }
  if (!error.is(kBadBatch)) return std::nullopt;
  counts_.add("malformed command refused");
  if (well_formed(ask)) return "a command that is well-formed was refused: " + error.to_string();
  return std::nullopt;
}

void LedgerOracle::declare(Counts& counts) {
  const auto declare_all = [&counts](std::string_view kind, std::span<const CodeInfo> codes) {
    for (const CodeInfo& code : codes) counts.declare(fmt::format("{} code: {}", kind, code.name));
  };
  declare_all("transfer", transfer_codes());
  declare_all("account", account_codes());
  declare_all("ledger", ledger_codes());
  declare_all("limit", limit_codes());
  for (int query = 1; query <= 9; ++query) counts.declare(fmt::format("query {} compared", query));
  counts.declare("expiry");
  counts.declare("malformed command refused");
  counts.declare("malformed query refused");
}

}  // namespace keel::torture
