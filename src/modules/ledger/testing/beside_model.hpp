// The ledger and the model side by side: every command goes to both and every answer is compared.
#pragma once

#include "modules/ledger/model/model.hpp"
#include "modules/ledger/testing/ledger_test_kit.hpp"

namespace keel::ledger::testing {

class BesideModel {
 public:
  // `check_every`: see ModuleHarness.
  explicit BesideModel(std::size_t check_every);

  Timestamp now() const { return harness_.now(); }
  void advance(Duration by) { harness_.advance(by); }
  const Model& model() const { return model_; }

  void open(const std::vector<LedgerSpec>& rows);
  void create(const std::vector<AccountSpec>& rows);
  void set_limit(AccountId account, Amount limit);
  // The ledger's codes, compared with the model's.
  std::vector<TransferCode> move(const std::vector<Transfer>& rows);
  TransferCode move(const Transfer& row) { return move(std::vector{row}).front(); }
  void expire(std::size_t limit = 1'000);

  // Every account and transfer, both ways, and the trial balance of every ledger.
  void compare_state() const;

 private:
  std::vector<RowResult> when(kernel::CommandType type, const Bytes& payload);

  kernel::testing::ModuleHarness harness_;
  Model model_;
};

}  // namespace keel::ledger::testing
