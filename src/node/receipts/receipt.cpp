#include "node/receipts/receipt.hpp"

#include <numeric>

#include "base/checked.hpp"
#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "node/access/head_key.hpp"
#include "node/receipts/errors.hpp"
#include "node/receipts/signed_values.hpp"

namespace keel::node {
namespace {

Error does_not_fit(std::string why) {
  return Error(kBadReceipt, std::move(why));
}

// What the record and its proof say.
Statement statement_of(const journal::Proven& proven, charging::SessionClosed bill,
                       std::string_view durability) {
  return {.receipt = kReceiptFormat,
          .journal_id = proven.journal_id,
          .cell = proven.cell.value(),
          .position = proven.envelope.sequence,
          .recorded_at = proven.envelope.time,
          .tenant = proven.envelope.tenant.value(),
          .durability = std::string(durability),
          .head = proven.head,
          .bill = std::move(bill)};
}

}  // namespace

bool adds_up(const charging::SessionClosed& bill) {
  const auto sum_of = [](auto... parts) {
    std::optional<std::uint64_t> sum = 0;
    ((sum = sum ? checked_add(*sum, std::uint64_t{parts}) : sum), ...);
    return sum;
  };
  std::optional<std::uint64_t> lines = 0;
  for (const charging::PriceLine& line : bill.lines)
    lines = lines ? checked_add(*lines, line.amount) : lines;
  const auto total = std::optional<std::uint64_t>(bill.total);
  const auto priced = bill.terms.prices_include_tax ? total : std::optional(bill.net);
  return lines && lines == priced && sum_of(bill.net, bill.tax) == total &&
         sum_of(bill.captured, bill.charged, bill.receivable) == total;
}

Result<charging::SessionClosed> bill_of(const journal::InclusionProof& proof) {
  const journal::Proven proven = KEEL_TRY(journal::check(proof));
  const kernel::EventType type(proven.envelope.type);
  if (type != charging::SessionClosed::kEventType ||
      proven.envelope.schema_version != charging::SessionClosed::kSchemaVersion.value()) {
    return Error(kWrongPosition, "position " + std::to_string(proven.envelope.sequence.value()) +
                                     " holds no session's bill that is known here");
  }
  return decode<charging::SessionClosed>(proof.payload);
}

Result<Receipt> receipt_of(const journal::InclusionProof& proof, std::string_view durability) {
  charging::SessionClosed bill = KEEL_TRY(bill_of(proof));
  const journal::Proven proven = KEEL_TRY(journal::check(proof));
  Receipt receipt;
  to_json(statement_of(proven, std::move(bill), durability), receipt.statement);
  receipt.algorithm = kReceiptAlgorithm;
  receipt.proof = journal::document_of(proof);
  return receipt;
}

Result<Statement> check(const Receipt& receipt) {
  if (receipt.algorithm != kReceiptAlgorithm) return does_not_fit("algorithm: expected Ed25519");
  if (!signature_holds(receipt.public_key, as_bytes(receipt.statement), receipt.signature))
    return does_not_fit("the signature is not this key's of this statement");
  auto statement = from_json<Statement>(receipt.statement);
  if (!statement.ok()) return does_not_fit("statement: " + statement.error().detail());
  const auto proof = journal::proof_of(receipt.proof);
  if (!proof.ok()) return does_not_fit("proof: " + proof.error().detail());
  const auto proven = journal::check(*proof);
  if (!proven.ok()) return does_not_fit("proof: " + proven.error().detail());
  auto bill = bill_of(*proof);
  if (!bill.ok()) return does_not_fit("record: " + bill.error().detail());
  if (*statement != statement_of(*proven, *std::move(bill), statement->durability))
    return does_not_fit("the statement does not say what record and proof say");
  if (!adds_up(statement->bill)) return does_not_fit("the bill does not add up");
  if (const auto wrong = wrong_signed_value(statement->bill)) return does_not_fit(*wrong);
  return statement;
}

}  // namespace keel::node
