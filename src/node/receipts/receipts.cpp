#include "node/receipts/receipts.hpp"

#include <fmt/core.h>

#include "base/describe/wire.hpp"
#include "engine/errors.hpp"
#include "journal/errors.hpp"
#include "journal/proof/find.hpp"
#include "modules/charging/queries.hpp"
#include "node/receipts/errors.hpp"

namespace keel::node {
namespace {

// How long the projection is waited for, and how often it is looked at.
constexpr Duration kBehindTime = Duration::seconds(5);
constexpr Duration kBehindPause = Duration::milliseconds(2);
constexpr Duration kOpeningPause = Duration::milliseconds(50);

}  // namespace

Receipts::Receipts(Parts parts)
    : parts_(std::move(parts)),
      positions_(parts_.client.core(), parts_.directory),
      runner_(parts_.client, positions_, {.principal = parts_.principal}) {}

// What is stored may be of another journal, of a later state of this one (a backup was restored),
// or spoiled by a power cut.
runtime::Task<Result<>> Receipts::look_at_end(runtime::Wait wait) {
  engine::Subscription end(parts_.client, parts_.principal, positions_.filter(),
                           engine::Subscription::from_end());
  engine::FrameBatch batch;
  KEEL_CO_TRY(co_await end.next(batch, wait));
  if (KEEL_CO_TRY(co_await positions_.position()) <= end.position() &&
      KEEL_CO_TRY(co_await positions_.table().plausible(end.position()))) {
    co_return success();
  }
  co_return co_await positions_.forget();
}

runtime::Task<> Receipts::run(runtime::Wait wait) {
  runtime::Core& core = parts_.client.core();
  while (!(co_await look_at_end(wait)).ok()) {
    if (!(co_await core.sleep_until(core.now() + kOpeningPause, wait)).ok()) co_return;
  }
  co_await runner_.run(wait);
  // What is not stored now comes again at the next start.
  static_cast<void>(co_await positions_.store());
}

runtime::Task<Result<std::uint32_t>> Receipts::newest_version(Wanted wanted, runtime::Wait wait) {
  Bytes payload;
  encode(charging::ListSessions{.only = wanted.session, .limit = 1}, payload);
  const engine::Answer answer =
      KEEL_CO_TRY(co_await parts_.client.query({.tenant = wanted.tenant,
                                                .principal = parts_.principal,
                                                .type = charging::ListSessions::kType,
                                                .payload = payload},
                                               wait));
  const auto found = KEEL_CO_TRY(decode<charging::ListSessions::Answer>(answer.payload));
  const auto number = wanted.session.value();
  if (found.sessions.empty()) co_return Error(kNoReceipt, fmt::format("no session {}", number));
  const std::uint32_t version = found.sessions.front().version;
  if (version == 0) co_return Error(kNoReceipt, fmt::format("session {} has no bill yet", number));
  if (wanted.version > version)
    co_return Error(kNoReceipt,
                    fmt::format("session {} has no bill of version {}, the newest is {}", number,
                                wanted.version, version));
  const Timestamp limit = parts_.client.core().now() + kBehindTime;
  while (runner_.statistics().position < answer.position) {
    if (parts_.client.core().now() > limit)
      co_return Error(kReceiptsBehind,
                      fmt::format("receipts have come to position {} of {}",
                                  runner_.statistics().position.value(), answer.position.value()));
    KEEL_CO_TRY(
        co_await parts_.client.core().sleep_until(parts_.client.core().now() + kBehindPause, wait));
  }
  co_return version;
}

runtime::Task<Result<journal::InclusionProof>> Receipts::find(Wanted wanted) {
  const auto wrong = [&](const std::string& why) {
    return Error(kWrongPosition, fmt::format("{}: {}; delete the directory and start again",
                                             parts_.directory, why));
  };
  std::optional<Position> position = KEEL_CO_TRY(co_await positions_.table().newest(
      {.tenant = wanted.tenant, .number = wanted.session.value()}));
  while (position) {
    journal::InclusionProof proof = KEEL_CO_TRY(
        co_await journal::find_proof(parts_.client.core().disk(), parts_.journal_directory,
                                     *position, {.durable = runner_.statistics().position}));
    const auto bill = bill_of(proof);
    if (!bill.ok()) co_return wrong(bill.error().detail());
    if (bill->session != wanted.session)
      co_return wrong(
          fmt::format("position {} bills session {}", position->value(), bill->session.value()));
    if (bill->version == wanted.version) co_return proof;
    if (bill->version < wanted.version) break;
    position = KEEL_CO_TRY(co_await positions_.table().before(wanted.tenant, *position));
  }
  co_return wrong(
      fmt::format("version {} of session {} is not there", wanted.version, wanted.session.value()));
}

runtime::Task<Result<Receipt>> Receipts::receipt(Wanted wanted, runtime::Wait wait) {
  if (parts_.key == nullptr) co_return Error(kNoSigner, "this node signs nothing");
  if (wanted.session.value() == 0) co_return Error(kNoReceipt, "sessions are numbered from 1");
  const std::uint32_t newest = KEEL_CO_TRY(co_await newest_version(wanted, wait));
  if (wanted.version == 0) wanted.version = newest;
  const journal::InclusionProof proof = KEEL_CO_TRY(co_await find(wanted));
  Receipt receipt = KEEL_CO_TRY(receipt_of(proof, parts_.durability));
  receipt.public_key = parts_.key->public_key();
  receipt.signature = KEEL_CO_TRY(co_await parts_.key->sign(as_bytes(receipt.statement)));
  // By the checker too, before it leaves.
  const auto checked = check(receipt);
  if (!checked.ok()) co_return checked.error();
  co_return receipt;
}

}  // namespace keel::node
