// LedgerOracle: the model of modules/ledger/testing, a tenant each, and queries by brute force.
#pragma once

#include <map>

#include "modules/ledger/model/model.hpp"
#include "sim/torture/workload.hpp"

namespace keel::torture {

class LedgerOracle final : public Oracle {
 public:
  // Counts the codes that were answered, as "transfer code: exists".
  explicit LedgerOracle(Counts& counts) : counts_(counts) {}

  Finding command(const Ask& ask, const Decided& decided) override;
  Finding time_passed(Timestamp now, Timestamp last, const std::vector<Fact>& facts) override;
  Finding query(const Ask& ask, ByteView reply) override;
  Finding at_rest(const Rest& rest) override;
  Finding refused(const Ask& ask, const Error& error) override;

  // The model of a tenant's books, for what other modules post.
  ledger::testing::Model& books(TenantId tenant) { return tenants_[tenant]; }

  // Every code that there is, at zero.
  static void declare(Counts& counts);

 private:
  using Model = ledger::testing::Model;

  Counts& counts_;
  std::map<TenantId, Model> tenants_;
};

// What a query answers, by brute force over all that the model holds; nullopt: it is malformed. A
// query with `after_page` is asked for the rows behind those of that page.
std::optional<Finding> compare_query(const ledger::testing::Model& model, const Ask& ask,
                                     ByteView reply);

}  // namespace keel::torture
