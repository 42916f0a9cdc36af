#include "node/receipts/receipt.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <cstdlib>
#include <fstream>

#include "base/describe/wire.hpp"
#include "base/hash/sha256.hpp"
#include "base/json/json.hpp"
#include "journal/merkle.hpp"
#include "journal/proof/inclusion_proof.hpp"
#include "node/receipts/errors.hpp"
#include "node/receipts/receipt_text.hpp"

namespace keel::node {
namespace {

using charging::LineKind;
using charging::SessionClosed;

SessionClosed some_bill() {
  SessionClosed bill;
  bill.session = charging::SessionNumber(7);
  bill.version = 1;
  bill.station = "CP-\"Nord\" 1";
  bill.connector = charging::ConnectorNumber(2);
  bill.start_register_wh = 1'000;
  bill.stop_register_wh = 13'345;
  bill.started_at = {1'790'000'000'000'000'000};
  bill.stopped_at = {1'790'003'600'123'456'789};
  bill.terms.name = "Tag und Nacht";
  bill.terms.currency = "EUR";
  bill.terms.tax_basis_points = 1'900;
  bill.lines = {
      {.kind = LineKind::session_fee, .quantity = 1, .unit_price = 500'000, .amount = 50},
      {.kind = LineKind::energy, .quantity = 12'345, .unit_price = 305'500, .amount = 377}};
  bill.net = 427;
  bill.tax = 81;
  bill.total = 508;
  bill.currency = "EUR";
  bill.exponent = 2;
  bill.ledger = 1;
  bill.held = 500;
  bill.captured = 500;
  bill.receivable = 8;
  bill.transfers = {uint128{12} << 64, 13};
  return bill;
}

// The record of a bill in a group of five, and its proof.
journal::InclusionProof proof_of(const SessionClosed& bill,
                                 kernel::EventType type = SessionClosed::kEventType) {
  journal::InclusionProof proof;
  proof.index = 3;
  journal::encode(journal::Envelope{.sequence = Position(43),
                                    .time = {1'790'003'601'000'000'000},
                                    .tenant = TenantId(1),
                                    .type = type.value(),
                                    .schema_version = 1},
                  proof.envelope);
  encode(bill, proof.payload);
  std::vector<Digest> leaves(5, sha256(as_bytes("another record")));
  leaves[3] = sha256({ByteView(&journal::kLeafPrefix, 1), proof.envelope, proof.payload});
  proof.path = journal::audit_path(leaves, 3);
  journal::encode(journal::GroupHeader{.record_count = 5,
                                       .identity = {.cell = CellId(1)},
                                       .segment_index = 1,
                                       .group_number = 12,
                                       .first_sequence = Position(40),
                                       .epoch = 1,
                                       .file_offset = 8192,
                                       .body_bytes = 4096,
                                       .merkle_root = journal::merkle_root_in_place(leaves)},
                  proof.group_header);
  return proof;
}

unsigned char* raw(void* bytes) {
  return static_cast<unsigned char*>(bytes);
}

// Signs as a node would, with the key of this test.
void sign(Receipt& receipt) {
  ASSERT_GE(::sodium_init(), 0);
  std::array<unsigned char, crypto_sign_SEEDBYTES> seed{1, 2, 3};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret;
  ::crypto_sign_seed_keypair(raw(receipt.public_key.data()), secret.data(), seed.data());
  ::crypto_sign_detached(raw(receipt.signature.data()), nullptr, raw(receipt.statement.data()),
                         receipt.statement.size(), secret.data());
}

Receipt signed_receipt(const SessionClosed& bill) {
  Receipt receipt = receipt_of(proof_of(bill), "dsync").value();
  sign(receipt);
  return receipt;
}

bool refused(const Receipt& receipt) {
  const auto checked = check(receipt);
  return !checked.ok() && checked.error().is(kBadReceipt);
}

TEST(Receipt, says_what_the_record_says_and_holds) {
  const auto statement = check(signed_receipt(some_bill()));
  ASSERT_TRUE(statement.ok()) << statement.error().to_string();
  EXPECT_EQ(statement->bill, some_bill());
  EXPECT_EQ(statement->position, Position(43));
  EXPECT_EQ(statement->tenant, 1u);
  EXPECT_EQ(statement->durability, "dsync");
}

TEST(Receipt, comes_back_from_its_json) {
  std::string text;
  to_json(signed_receipt(some_bill()), text);
  EXPECT_TRUE(check(from_json<Receipt>(text).value()).ok());
}

TEST(Receipt, with_another_bit_anywhere_is_refused) {
  const Receipt good = signed_receipt(some_bill());
  for (std::size_t i = 0; i < good.statement.size(); ++i) {
    Receipt bad = good;
    bad.statement[i] = static_cast<char>(bad.statement[i] ^ 1);
    EXPECT_TRUE(refused(bad)) << "statement " << i;
  }
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Receipt bad = good;
    bad.signature[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_TRUE(refused(bad)) << "signature " << bit;
    bad = good;
    bad.public_key[bit % 256 / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    EXPECT_TRUE(refused(bad)) << "public key " << bit % 256;
  }
  const auto flip_each = [&](auto select) {
    Receipt bad = good;
    for (std::size_t i = 0; i < select(bad).size(); ++i) {
      bad = good;
      char& digit = select(bad)[i];
      digit = digit == '0' ? '1' : '0';
      EXPECT_TRUE(refused(bad)) << i;
    }
  };
  flip_each([](Receipt& r) -> std::string& { return r.proof.group_header; });
  flip_each([](Receipt& r) -> std::string& { return r.proof.envelope; });
  flip_each([](Receipt& r) -> std::string& { return r.proof.payload; });
  flip_each([](Receipt& r) -> std::string& { return r.proof.head; });
  for (std::size_t at = 0; at < good.proof.path.size(); ++at)
    flip_each([at](Receipt& r) -> std::string& { return r.proof.path[at]; });
}

// A node with the key that lies: the statement is signed, and does not say what the record says.
TEST(Receipt, signed_but_saying_something_else_than_its_record_is_refused) {
  const auto forged = [](auto change) {
    Receipt receipt = signed_receipt(some_bill());
    auto statement = from_json<Statement>(receipt.statement).value();
    change(statement);
    receipt.statement.clear();
    to_json(statement, receipt.statement);
    sign(receipt);
    return refused(receipt);
  };
  EXPECT_FALSE(forged([](Statement&) {}));
  EXPECT_TRUE(forged([](Statement& s) { s.bill.total = 1; }));
  EXPECT_TRUE(forged([](Statement& s) { s.bill.lines[1].quantity = 1; }));
  EXPECT_TRUE(forged([](Statement& s) { s.bill.stopped_at.ns -= 1; }));
  EXPECT_TRUE(forged([](Statement& s) { s.position = Position(44); }));
  EXPECT_TRUE(forged([](Statement& s) { s.tenant = 2; }));
  EXPECT_TRUE(forged([](Statement& s) { s.cell = 2; }));
  EXPECT_TRUE(forged([](Statement& s) { s.head[0] ^= std::byte{1}; }));
  EXPECT_TRUE(forged([](Statement& s) { s.receipt = 2; }));
}

TEST(Receipt, of_a_bill_that_does_not_add_up_is_refused) {
  const auto wrong = [](auto change) {
    SessionClosed bill = some_bill();
    change(bill);
    return refused(signed_receipt(bill));
  };
  EXPECT_TRUE(wrong([](SessionClosed& b) { b.lines[0].amount = 51; }));
  EXPECT_TRUE(wrong([](SessionClosed& b) { b.tax = 82; }));
  EXPECT_TRUE(wrong([](SessionClosed& b) { b.captured = 499; }));
  EXPECT_TRUE(wrong([](SessionClosed& b) { b.lines[0].amount = UINT64_MAX; }));
  EXPECT_FALSE(wrong([](SessionClosed& b) {
    b.terms.prices_include_tax = true;
    b.net = 358;
    b.tax = 69;
    b.total = 427;
    b.captured = 427;
    b.receivable = 0;
  }));
}

TEST(Receipt, of_a_record_that_is_no_bill_is_not_made) {
  const auto other = proof_of(some_bill(), charging::SessionStopped::kEventType);
  EXPECT_TRUE(receipt_of(other, "dsync").error().is(kWrongPosition));
  Receipt receipt = signed_receipt(some_bill());
  receipt.proof = journal::document_of(other);
  EXPECT_TRUE(refused(receipt));
  receipt = signed_receipt(some_bill());
  receipt.algorithm = "none";
  EXPECT_TRUE(refused(receipt));
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The receipt that is kept is read for ever, and made the same for as long as the format is 1;
// tests/blackbox/receipt_test.py has others check it. KEEL_WRITE_GOLDEN=1 writes it anew; that is
// right for a new format only.
TEST(Receipt, of_format_1_is_made_and_read_as_it_was) {
  const Receipt receipt = signed_receipt(some_bill());
  const ReceiptFiles kept = names_of_receipt(std::string(KEEL_GOLDEN_RECEIPT) + "/receipt.json");
  if (std::getenv("KEEL_WRITE_GOLDEN") != nullptr) ASSERT_TRUE(write_files(kept, receipt).ok());
  const ReceiptFiles made = names_of_receipt(testing::TempDir() + "keel_receipt.json");
  ASSERT_TRUE(write_files(made, receipt).ok());
  EXPECT_EQ(content_of(made.receipt), content_of(kept.receipt));
  EXPECT_EQ(content_of(made.statement), content_of(kept.statement));
  EXPECT_EQ(content_of(made.signature), content_of(kept.signature));
  EXPECT_EQ(content_of(made.public_key), content_of(kept.public_key));
  EXPECT_TRUE(check(from_json<Receipt>(content_of(kept.receipt)).value()).ok());
}

TEST(Receipt, for_people_says_the_amounts_in_whole_units) {
  const Receipt receipt = signed_receipt(some_bill());
  const std::string text = receipt_for_people(check(receipt).value(), receipt);
  EXPECT_NE(text.find("5.08 EUR"), std::string::npos) << text;
  EXPECT_NE(text.find("energy 12.345 kWh, rate 0: 3.77 EUR"), std::string::npos) << text;
  EXPECT_NE(text.find("0.81 EUR (19.00 %)"), std::string::npos) << text;
  EXPECT_NE(text.find("position 43"), std::string::npos) << text;
}

}  // namespace
}  // namespace keel::node
