// Random batches, expiries and limits go to the ledger and to the model: the same codes,
// timestamps, amounts and balances, and every ledger sums to zero. The harness beneath decides
// everything with two hash keys, takes it back, replays it, and loads snapshots of it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "modules/ledger/testing/beside_model.hpp"

namespace keel::ledger::testing {
namespace {

using F = TransferFlag;

// Small numbers that stand for a transfer, so that a failing case can be made smaller.
struct Plan {
  int shape = 0;  // see row_of()
  int again = 0;  // now and then: the id of an earlier one
  int debit = 0;
  int credit = 0;
  int amount = 0;
  int refers = 0;  // to an earlier transfer, by distance
  bool is_linked = false;
};

struct Step {
  int kind = 0;  // mostly a batch; else time, expiry, a limit
  int value = 0;
  std::vector<Plan> plans;
};

void showValue(const Step& step, std::ostream& to) {
  to << "step " << step.kind << " value " << step.value << ":";
  for (const Plan& p : step.plans) {
    to << " {" << p.shape << ',' << p.again << ',' << p.debit << ',' << p.credit << ',' << p.amount
       << ',' << p.refers << ',' << p.is_linked << '}';
  }
}

rc::Gen<Plan> a_plan() {
  return rc::gen::build<Plan>(
      rc::gen::set(&Plan::shape, rc::gen::inRange(0, 14)),
      rc::gen::set(&Plan::again, rc::gen::inRange(0, 20)),
      rc::gen::set(&Plan::debit, rc::gen::inRange(0, 12)),
      rc::gen::set(&Plan::credit, rc::gen::inRange(0, 12)),
      rc::gen::set(&Plan::amount, rc::gen::inRange(0, 60)),
      rc::gen::set(&Plan::refers, rc::gen::inRange(1, 40)),
      rc::gen::set(&Plan::is_linked,
                   rc::gen::map(rc::gen::inRange(0, 4), [](int n) { return n == 0; })));
}

rc::Gen<Step> a_step() {
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind, rc::gen::inRange(0, 10)),
      rc::gen::set(&Step::value, rc::gen::inRange(0, 400)),
      rc::gen::set(&Step::plans,
                   rc::gen::resize(40, rc::gen::container<std::vector<Plan>>(a_plan()))));
}

class Player {
 public:
  Player() : both_(29) {
    both_.open({{.id = kEuro, .currency = {'E', 'U', 'R'}, .exponent = 2},
                {.id = kYen, .currency = {'J', 'P', 'Y'}, .exponent = 0}});
    using A = AccountFlag;
    AccountSpec credit_line = account(5, A::debits_must_not_exceed_credits);
    credit_line.credit_limit = 100;
    both_.create({account(1), account(2), account(3, A::history),
                  account(4, A::debits_must_not_exceed_credits), credit_line,
                  account(6, A::credits_must_not_exceed_debits), account(7), account(8),
                  account(9, {}, kYen), account(10, A::history, kYen)});
    first_ = both_.now();
  }

  void play(const Step& step) {
    switch (step.kind) {
      case 0:
        both_.advance(Duration::seconds(step.value % 5));
        break;
      case 1:
        both_.expire(static_cast<std::size_t>(1 + step.value % 3));
        break;
      case 2:
        both_.set_limit(AccountId(5), static_cast<Amount>(step.value));
        break;
      default:
        play_batch(step.plans);
    }
  }
  void finish() const { both_.compare_state(); }
  // How often each code was answered.
  const std::map<TransferCode, std::size_t>& tally() const { return tally_; }

 private:
  void play_batch(const std::vector<Plan>& plans) {
    if (plans.empty()) return;
    std::vector<Transfer> rows;
    for (const Plan& plan : plans) {
      Transfer row = row_of(plan);
      if (plan.is_linked) row.flags |= F::linked;
      if (plan.again == 0 && !rows.empty()) row.id = rows.back().id;
      if (plan.again == 1) row.id = TransferId(earlier(plan.refers));
      if (plan.again == 2 && !sent_.empty()) {
        row = sent_[static_cast<std::size_t>(plan.refers) % sent_.size()];
      }
      rows.push_back(row);
    }
    for (const TransferCode code : both_.move(rows)) ++tally_[code];
    sent_ = rows;
  }

  // The id of a transfer some way back.
  std::uint64_t earlier(int distance) const {
    const auto back = static_cast<std::uint64_t>(distance);
    return last_id_ > back ? last_id_ - back : 1;
  }

  // Amounts that fill 128 bits only in yen: a ledger that is full says little more.
  static Amount amount_of(const Plan& plan) {
    const bool yen = plan.debit >= 9 && plan.credit >= 9;
    if (yen && plan.amount == 57) return kMaxAmount;
    if (yen && plan.amount == 58) return kMaxAmount / 2;
    if (yen && plan.amount == 59) return kMaxAmount - 1'000;
    return static_cast<Amount>(plan.amount);
  }

  Transfer row_of(const Plan& plan) {
    const std::uint64_t id = ++last_id_;
    const auto debit = static_cast<std::uint64_t>(plan.debit);
    const auto credit = static_cast<std::uint64_t>(plan.credit);
    Transfer row = transfer(id, debit, credit, amount_of(plan));
    if (plan.debit >= 9) row.ledger = kYen;
    switch (plan.shape) {
      case 0:
      case 1:
        row.flags |= F::pending;
        row.timeout_seconds = static_cast<std::uint32_t>(plan.refers % 4);
        return row;
      case 2:
      case 3:
        return post(id, earlier(plan.refers), plan.amount % 3 == 0 ? row.amount : 0);
      case 4:
        return void_of(id, earlier(plan.refers));
      case 5:
        row.flags |= F::balancing_debit;
        return row;
      case 6:
        row.flags |= TransferFlags(F::balancing_debit) | F::balancing_credit;
        return row;
      case 7:
        row.flags |= TransferFlags(F::balancing_credit) | F::pending;
        return row;
      case 8:
        if (plan.amount > 15) return row;
        row.flags |= TransferFlags(F::pending) |
                     (plan.refers % 2 == 0 ? F::closing_debit : F::closing_credit);
        row.timeout_seconds = static_cast<std::uint32_t>(1 + plan.refers % 3);
        return row;
      case 9:
        return imported(row, first_ + Duration::microseconds(plan.refers + static_cast<int>(id)));
      default:
        return row;
    }
  }

  BesideModel both_;
  Timestamp first_;
  std::uint64_t last_id_ = 0;
  std::vector<Transfer> sent_;
  std::map<TransferCode, std::size_t> tally_;
};

RC_GTEST_PROP(LedgerModel, agrees_on_every_code_amount_and_balance, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(a_step());
  Player player;
  for (const Step& step : steps) {
    player.play(step);
    RC_ASSERT_FALSE(::testing::Test::HasFailure());
  }
  player.finish();
  RC_ASSERT_FALSE(::testing::Test::HasFailure());
}

Step random_step(std::mt19937_64& random) {
  const auto below = [&random](std::uint64_t end) { return static_cast<int>(random() % end); };
  Step step{.kind = below(10), .value = below(400)};
  for (int rows = below(40); rows > 0; --rows) {
    step.plans.push_back({.shape = below(14),
                          .again = below(20),
                          .debit = below(12),
                          .credit = below(12),
                          .amount = below(60),
                          .refers = 1 + below(40),
                          .is_linked = below(4) == 0});
  }
  return step;
}

// The same for a long life of one ledger, where much has happened before.
TEST(LedgerModelLong, agrees_over_thousands_of_transfers) {
  std::set<TransferCode> answered;
  for (const std::uint64_t seed : std::initializer_list<std::uint64_t>{1, 2, 3}) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Player player;
    for (int i = 0; i < 400 && !HasFailure(); ++i) player.play(random_step(random));
    player.finish();
    std::size_t rows = 0;
    for (const auto& [code, times] : player.tally()) {
      rows += times;
      answered.insert(code);
    }
    EXPECT_GT(rows, 4'000u);
    EXPECT_GT(player.tally().at(TransferCode::created), 300u);
  }
  EXPECT_GT(answered.size(), 24u) << "different codes";
}

}  // namespace
}  // namespace keel::ledger::testing
