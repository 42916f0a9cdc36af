// Receipt: what a session was billed, signed, with the proof that the journal has it
// (docs/receipts.md).
//
// The statement is a JSON text, and the signature is over its bytes: whoever checks it needs no
// rules of how JSON is written. Thread: any. Bounds: those of a record.
#pragma once

#include <string>

#include "base/describe/describe.hpp"
#include "base/result.hpp"
#include "journal/proof/check.hpp"
#include "journal/proof/proof_document.hpp"
#include "modules/charging/events.hpp"

namespace keel::node {

inline constexpr std::uint32_t kReceiptFormat = 1;
inline constexpr std::string_view kReceiptAlgorithm = "Ed25519";

// What is signed.
struct Statement {
  std::uint32_t receipt = 0;  // kReceiptFormat
  std::array<std::byte, 16> journal_id{};
  std::uint32_t cell = 0;
  Position position;
  Timestamp recorded_at;  // cell time of the record
  std::uint32_t tenant = 0;
  std::string durability;  // of the node that signs, as it names it
  Digest head{};           // the chain head that the proof leads to
  charging::SessionClosed bill;

  friend bool operator==(const Statement&, const Statement&) = default;
  static constexpr auto description() {
    return describe<Statement>(
        "keel.receipt.Statement", doc("What a receipt says: the text that is signed."),
        field<1>("receipt", &Statement::receipt, required(), doc("Format: 1.")),
        field<2>("journal_id", &Statement::journal_id), field<3>("cell", &Statement::cell),
        field<4>("position", &Statement::position, doc("Of the record that has the bill.")),
        field<5>("recorded_at", &Statement::recorded_at, doc("Cell time of the record.")),
        field<6>("tenant", &Statement::tenant),
        field<7>("durability", &Statement::durability, doc("How the node's writes are synced.")),
        field<8>("head", &Statement::head, doc("The chain head that the proof leads to.")),
        field<9>("bill", &Statement::bill, doc("The record's content.")));
  }
};

struct Receipt {
  std::string statement;  // JSON of a Statement: exactly the bytes that are signed
  std::string algorithm;
  std::array<std::byte, 32> public_key{};
  std::array<std::byte, 64> signature{};
  journal::ProofDocument proof;

  static constexpr auto description() {
    return describe<Receipt>(
        "keel.receipt.Receipt", doc("What a session was billed, signed, with its proof."),
        field<1>("statement", &Receipt::statement, required(),
                 doc("A JSON text; its bytes are what is signed.")),
        field<2>("algorithm", &Receipt::algorithm, required(), doc("Ed25519.")),
        field<3>("public_key", &Receipt::public_key, required()),
        field<4>("signature", &Receipt::signature, required()),
        field<5>("proof", &Receipt::proof, required(), doc("That the record is in the chain.")));
  }
};

// The bill that a record holds. kWrongPosition: it holds none.
Result<charging::SessionClosed> bill_of(const journal::InclusionProof& proof);

// Whether lines, net, tax, total and what was taken are sums of one another (docs/receipts.md).
bool adds_up(const charging::SessionClosed& bill);

// Unsigned as yet. kBadProof; kWrongPosition.
Result<Receipt> receipt_of(const journal::InclusionProof& proof, std::string_view durability);

// Everything that can be checked of a receipt by itself: the signature, that the proof holds, that
// the statement says what record and proof say, that the bill adds up, and that the signatures of
// the meter hold by the keys beside them. kBadReceipt says what does not fit. Whether the key is
// the right one is for the caller.
Result<Statement> check(const Receipt& receipt);

}  // namespace keel::node
