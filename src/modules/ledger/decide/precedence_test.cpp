// Which of two faults in one transfer is reported: every pair of single changes to every kind of
// transfer goes to the ledger and to the model, which knows all faults that hold and picks the one
// that stands first in the documents.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "modules/ledger/testing/beside_model.hpp"

namespace keel::ledger::testing {
namespace {

using enum TransferCode;
using F = TransferFlag;
using Ids = std::initializer_list<std::uint64_t>;
using Change = std::function<void(Transfer&)>;

constexpr LedgerId kPosted{10};     // posted sums near the end of 128 bits
constexpr LedgerId kReserved{11};   // pending sums near the end
constexpr LedgerId kImports{12};    // imported accounts and transfers
constexpr LedgerId kNewcomers{13};  // closed accounts, so that no transfer ever comes
constexpr Amount kNearly = kMaxAmount - 5;
constexpr Timestamp kLongAgo{1'000};

AccountSpec in(LedgerId ledger, std::uint64_t id, AccountFlags flags = {}) {
  return account(id, flags, ledger);
}
AccountSpec old_account(LedgerId ledger, std::uint64_t id, std::int64_t ns) {
  AccountSpec row = account(id, AccountFlag::imported, ledger);
  row.timestamp = Timestamp{ns};
  return row;
}
Transfer in(LedgerId ledger, Transfer row) {
  row.ledger = ledger;
  return row;
}
Transfer with(Transfer row, TransferFlags flags) {
  row.flags |= flags;
  return row;
}

// Every state that a fault needs.
class Precedence : public ::testing::Test {
 protected:
  Precedence() {
    both_.advance(Duration::seconds(104LL * 365 * 86'400));  // so that a timeout can overflow
    open_ledgers();
    open_accounts();
    const std::vector<Transfer> rows = history();
    const std::vector<TransferCode> codes = both_.move(rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const bool fails = rows[i].id == TransferId(130);
      EXPECT_EQ(codes[i], fails ? exceeds_credits : created) << "row " << i;
    }
    both_.advance(Duration::seconds(3));  // 103 is overdue
  }

  void open_ledgers() {
    std::vector<LedgerSpec> rows;
    for (const LedgerId id : {kEuro, kYen, kPosted, kReserved, kImports, kNewcomers}) {
      rows.push_back({.id = id, .currency = {'E', 'U', 'R'}, .exponent = 2});
    }
    both_.open(rows);
  }

  void open_accounts() {
    using A = AccountFlag;
    both_.create({in(kEuro, 1), in(kEuro, 2), in(kYen, 3),
                  in(kEuro, 4, A::debits_must_not_exceed_credits),
                  in(kEuro, 5, A::credits_must_not_exceed_debits), in(kEuro, 6, A::closed),
                  in(kEuro, 7), in(kEuro, 8), in(kEuro, 9), in(kEuro, 10)});
    both_.create({in(kPosted, 20), in(kPosted, 21), in(kPosted, 22), in(kPosted, 23),
                  in(kReserved, 30), in(kReserved, 31), in(kReserved, 32), in(kReserved, 33)});
    both_.create({old_account(kImports, 40, 10), old_account(kImports, 41, 20),
                  old_account(kNewcomers, 50, 10), in(kNewcomers, 51, AccountFlag::closed),
                  in(kNewcomers, 52, AccountFlag::closed)});
  }

  static std::vector<Transfer> history() {
    return {
        pending(100, 1, 2, 50),
        pending(101, 1, 2, 50),
        pending(102, 1, 2, 50),
        pending(103, 1, 2, 50, 1),
        pending(104, 7, 8, 50),
        pending(105, 9, 10, 50),
        post(111, 101),
        void_of(112, 102),
        post(113, 100, 20),
        transfer(120, 1, 2, 50),
        pending(121, 1, 2, 50, 1'000'000),
        with(transfer(122, 2, 1, 1'000), F::balancing_debit),
        transfer(130, 4, 2, 50),  // fails: its account has nothing
        pending(106, 1, 2, 50),
        with(pending(140, 7, 2, 0), F::closing_debit),
        with(pending(141, 2, 10, 0), F::closing_credit),
        in(kPosted, transfer(150, 20, 21, kNearly)),
        in(kReserved, pending(151, 30, 31, kNearly)),
        imported(in(kImports, transfer(160, 40, 41, 5)), kLongAgo),
        imported(in(kImports, pending(161, 40, 41, 5)), Timestamp{2'000}),
    };
  }

  // Kinds of transfer that have no fault.
  static std::vector<Transfer> kinds() {
    return {
        transfer(0, 1, 2, 5),
        pending(0, 1, 2, 5, 10),
        post(0, 106, 50),
        void_of(0, 106),
        with(transfer(0, 2, 1, 5), F::balancing_debit),
        with(transfer(0, 2, 1, 0), TransferFlags(F::balancing_debit) | F::balancing_credit),
        with(pending(0, 1, 2, 0), F::closing_debit),
        imported(in(kImports, transfer(0, 40, 41, 5)), Timestamp{3'000}),
        imported(post(0, 161), Timestamp{3'000}),
        in(kPosted, transfer(0, 22, 23, 5)),
        in(kReserved, pending(0, 32, 33, 5)),
        transfer(120, 1, 2, 50),
        pending(121, 1, 2, 50, 1'000'000),
        post(111, 101),
        with(transfer(122, 2, 1, 1'000), F::balancing_debit),
        imported(in(kImports, transfer(160, 40, 41, 5)), kLongAgo),
    };
  }

  static Change set_flags(TransferFlags flags) {
    return [flags](Transfer& row) { row.flags |= flags; };
  }
  template <typename T>
  static Change set(T Transfer::* field, std::type_identity_t<T> value) {
    return [field, value](Transfer& row) { row.*field = value; };
  }
  static Change between(std::uint64_t debit, std::uint64_t credit, LedgerId ledger) {
    return [=](Transfer& row) {
      row.debit_account = AccountId(debit);
      row.credit_account = AccountId(credit);
      row.ledger = ledger;
    };
  }

  static std::vector<Change> changes() {
    std::vector<Change> list;
    for (const F flag : {F::pending, F::post_pending, F::void_pending, F::balancing_debit,
                         F::balancing_credit, F::closing_debit, F::closing_credit, F::imported}) {
      list.push_back(set_flags(flag));
    }
    list.push_back(set_flags(TransferFlags::from_bits(1 << 12)));
    for (const std::uint64_t id : Ids{0, 101, 111, 120, 121, 122, 130, 160}) {
      list.push_back(set(&Transfer::id, TransferId(id)));
    }
    for (const std::uint64_t id : Ids{0, 100, 101, 102, 103, 104, 105, 106, 120, 161, 999}) {
      list.push_back(set(&Transfer::pending_id, TransferId(id)));
    }
    for (const std::uint64_t id : Ids{0, 1, 2, 3, 4, 5, 6, 20, 30, 999}) {
      list.push_back(set(&Transfer::debit_account, AccountId(id)));
      list.push_back(set(&Transfer::credit_account, AccountId(id)));
    }
    for (const Amount amount : {Amount{0}, Amount{49}, Amount{51}, kMaxAmount - 1, kMaxAmount}) {
      list.push_back(set(&Transfer::amount, amount));
    }
    for (const std::int64_t ns :
         {std::int64_t{-1}, std::int64_t{15}, std::int64_t{5'000}, std::int64_t{INT64_MAX}}) {
      list.push_back(set(&Transfer::timestamp, Timestamp{ns}));
    }
    for (const std::uint32_t seconds : {std::uint32_t{0}, std::uint32_t{7}, UINT32_MAX}) {
      list.push_back(set(&Transfer::timeout_seconds, seconds));
    }
    for (const LedgerId id : {LedgerId(0), kEuro, kYen}) list.push_back(set(&Transfer::ledger, id));
    for (const Code code : {Code(0), Code(77)}) list.push_back(set(&Transfer::code, code));
    list.push_back(set(&Transfer::user_data_128, uint128{7}));
    list.push_back(set(&Transfer::user_data_64, std::uint64_t{7}));
    list.push_back(set(&Transfer::user_data_32, std::uint32_t{7}));
    // A field alone cannot reach these.
    list.push_back([](Transfer& row) { row.pending_id = row.id; });
    list.push_back(between(1, 5, kEuro));
    list.push_back(between(20, 22, kPosted));
    list.push_back(between(23, 21, kPosted));
    list.push_back(between(23, 22, kPosted));
    list.push_back(between(30, 32, kReserved));
    list.push_back(between(33, 31, kReserved));
    list.push_back(between(51, 50, kNewcomers));
    list.push_back(between(50, 52, kNewcomers));
    return list;
  }

  BesideModel both_{1'000};
};

// A transfer with two changes: what holds of it, and what the ledger says.
TEST_F(Precedence, of_each_pair_of_faults_is_that_of_the_documents) {
  const std::vector<Change> all = changes();
  std::uint64_t next_id = 1'000'000;
  std::set<TransferCode> reported;
  std::set<std::pair<TransferCode, TransferCode>> pairs;
  for (const Transfer& kind : kinds()) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t j = i; j < all.size(); ++j) {
        Transfer row = kind;
        if (row.id.is_zero()) row.id = TransferId(++next_id);
        all[i](row);
        all[j](row);
        const std::set<TransferCode> faults = both_.model().faults(row, both_.now());
        const TransferCode code = both_.move(row);
        reported.insert(code);
        for (const TransferCode other : faults) {
          if (other != code) pairs.emplace(code, other);
        }
        ASSERT_FALSE(HasFailure()) << "expected " << to_string(Model::first_of(faults));
      }
    }
  }
  both_.compare_state();
  for (const CodeInfo& code : transfer_codes()) {
    const auto number = static_cast<TransferCode>(code.number);
    if (number == linked_event_chain_open || number == linked_event_failed) continue;
    EXPECT_TRUE(reported.contains(number)) << code.name << " was never reported";
  }
  RecordProperty("pairs", static_cast<int>(pairs.size()));
  EXPECT_GT(pairs.size(), 700u) << "pairs of faults that were in one transfer";
}

TEST(LedgerCodes, are_numbered_once) {
  for (const auto codes : {transfer_codes(), account_codes(), ledger_codes(), limit_codes()}) {
    std::set<std::uint32_t> numbers;
    std::set<std::string_view> names;
    for (const CodeInfo& code : codes) {
      EXPECT_TRUE(numbers.insert(code.number).second) << code.name;
      EXPECT_TRUE(names.insert(code.name).second) << code.name;
    }
  }
}

}  // namespace
}  // namespace keel::ledger::testing
