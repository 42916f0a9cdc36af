#include "node/torture/receipt_examiner.hpp"

#include <fmt/core.h>
#include <sodium.h>

#include <algorithm>

#include "base/describe/wire.hpp"
#include "base/hash/sha256.hpp"
#include "base/json/json.hpp"
#include "journal/proof/find.hpp"
#include "node/receipts/bill_audit.hpp"
#include "node/receipts/receipt.hpp"

namespace keel::node {
namespace {

using charging::SessionClosed;

constexpr std::size_t kEnough = 5;  // findings
constexpr std::size_t kRootAt = 128;
constexpr std::size_t kCountAt = 12;

// A key of torture's own: what is tried is the receipt, not the key.
void sign(Receipt& receipt) {
  std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key{};
  std::array<unsigned char, crypto_sign_BYTES> signature{};
  crypto_sign_seed_keypair(public_key.data(), secret_key.data(), seed.data());
  std::vector<unsigned char> text(receipt.statement.size());
  std::ranges::transform(receipt.statement, text.begin(),
                         [](auto byte) { return static_cast<unsigned char>(byte); });
  crypto_sign_detached(signature.data(), nullptr, text.data(), text.size(), secret_key.data());
  std::ranges::copy(std::as_bytes(std::span(public_key)), receipt.public_key.begin());
  std::ranges::copy(std::as_bytes(std::span(signature)), receipt.signature.begin());
}

// RFC 6962, section 2.1, from the leaf up, by halves. Nothing: the path has another length.
std::optional<Digest> root_of(Digest leaf, std::uint64_t index, std::uint64_t leaves,
                              std::span<const Digest> path) {
  if (leaves <= 1) return path.empty() ? std::optional(leaf) : std::nullopt;
  if (path.empty()) return std::nullopt;
  constexpr std::array kNode{std::byte{1}};
  const std::uint64_t left = std::bit_floor(leaves - 1);
  const Digest& other = path.back();
  const std::span<const Digest> below = path.first(path.size() - 1);
  if (index < left) {
    const auto mine = root_of(leaf, index, left, below);
    return mine ? std::optional(sha256({kNode, *mine, other})) : std::nullopt;
  }
  const auto mine = root_of(leaf, index - left, leaves - left, below);
  return mine ? std::optional(sha256({kNode, other, *mine})) : std::nullopt;
}

// What is wrong with the proof, by hand; empty: nothing.
std::string proof_by_hand(const journal::InclusionProof& proof, const torture::Entry& entry,
                          const torture::History& history) {
  const ByteView header = proof.group_header;
  if (proof.payload != entry.payload) return "the proof has another payload";
  const ByteView envelope = proof.envelope;
  if (ByteReader(envelope).read<std::uint64_t>().value() != entry.position.value()) {
    return "the proof is of another position";
  }
  constexpr std::array kLeaf{std::byte{0}};
  const Digest leaf = sha256({kLeaf, envelope, proof.payload});
  const auto leaves = ByteReader(header.subspan(kCountAt)).read<std::uint32_t>().value();
  const auto root = root_of(leaf, proof.index, leaves, proof.path);
  if (!root || !std::ranges::equal(*root, header.subspan(kRootAt, root->size()))) {
    return "the path does not lead to the group's root";
  }
  if (std::ranges::find(history.heads, sha256(header)) == history.heads.end()) {
    return "the group's header is not in the chain";
  }
  return {};
}

std::string receipt_by_hand(const Receipt& receipt, const SessionClosed& bill,
                            const torture::Entry& entry) {
  const auto says = [&](std::string_view name, std::uint64_t value) {
    const std::string number = fmt::format("\"{}\":\"{}\"", name, value);
    return receipt.statement.contains(number);
  };
  if (!says("position", entry.position.value())) return "the statement has another position";
  // What is zero is not said.
  if (bill.total != 0 && !says("total", bill.total)) return "the statement has another total";
  if (bill.net != 0 && !says("net", bill.net)) return "the statement has another net";
  return {};
}

void audit(const torture::History& history, std::vector<std::string>& findings) {
  BillAudit audit(true);
  for (const torture::Entry& entry : history.entries) {
    audit.take({.envelope = {.sequence = entry.position,
                             .time = entry.time,
                             .tenant = entry.tenant,
                             .principal = entry.principal,
                             .command = entry.command,
                             .type = kernel::EventType(entry.type).value(),
                             .schema_version = entry.schema_version,
                             .row_bytes = entry.row_bytes},
                .payload = entry.payload});
  }
  for (const BillAudit::Problem& problem : audit.problems()) {
    if (findings.size() == kEnough) return;
    findings.push_back(
        fmt::format("[bill audit] position {}: {}", problem.position.value(), problem.what));
  }
}

}  // namespace

runtime::Task<std::vector<std::string>> ReceiptExaminer::examine(runtime::Core& core,
                                                                 std::string directory,
                                                                 const torture::History& history,
                                                                 torture::Counts& counts) const {
  std::vector<std::string> findings;
  audit(history, findings);
  for (const torture::Entry& entry : history.entries) {
    if (entry.type != SessionClosed::kEventType.value() || findings.size() == kEnough) continue;
    const auto find = [&](std::string_view what) {
      findings.push_back(fmt::format("[receipts] position {}: {}", entry.position.value(), what));
    };
    const auto proof = co_await journal::find_proof(core.disk(), directory, entry.position,
                                                    {.durable = history.last()});
    if (!proof.ok()) {
      find(proof.error().to_string());
      continue;
    }
    auto receipt = receipt_of(*proof, "dsync");
    if (!receipt.ok()) {
      find(receipt.error().to_string());
      continue;
    }
    sign(*receipt);
    const auto checked = check(*receipt);
    if (!checked.ok()) find(checked.error().to_string());
    const auto bill = decode<SessionClosed>(entry.payload);
    std::string wrong = proof_by_hand(*proof, entry, history);
    if (wrong.empty() && bill.ok()) wrong = receipt_by_hand(*receipt, *bill, entry);
    if (!wrong.empty()) find(wrong);
    counts.add("receipt: holds", wrong.empty() && checked.ok() ? 1 : 0);
    if (bill.ok() && bill->version > 1) counts.add("receipt: of a correction");
    if (kept_ == nullptr) continue;
    std::string text;
    to_json(*receipt, text);
    kept_->push_back(std::move(text));
  }
  co_return findings;
}

}  // namespace keel::node
