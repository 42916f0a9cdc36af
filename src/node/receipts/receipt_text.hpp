// A receipt for people, and as the files that openssl takes.
#pragma once

#include <string>

#include "node/receipts/receipt.hpp"

namespace keel::node {

// Lines "name   value": what was used, what it cost, where it stands in the journal.
std::string receipt_for_people(const Statement& statement, const Receipt& receipt);

// "-----BEGIN PUBLIC KEY-----": SubjectPublicKeyInfo of an Ed25519 key (RFC 8410).
std::string public_key_pem(const std::array<std::byte, 32>& key);

// FILE has the receipt as JSON; beside it FILE.statement, FILE.signature (64 bytes) and FILE.pem.
struct ReceiptFiles {
  std::string receipt;
  std::string statement;
  std::string signature;
  std::string public_key;
};
ReceiptFiles names_of_receipt(const std::string& file);
// Replaces what is there. kNotWritten.
Result<> write_files(const ReceiptFiles& files, const Receipt& receipt);

// The command that checks the signature by these files, without Keel.
std::string openssl_command(const ReceiptFiles& files);

}  // namespace keel::node
