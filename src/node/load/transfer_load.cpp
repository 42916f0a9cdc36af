#include "node/load/transfer_load.hpp"

#include <charconv>

#include "base/json/json_writer.hpp"
#include "modules/ledger/requests.hpp"
#include "node/client/errors.hpp"
#include "runtime/errors.hpp"

namespace keel::node {

using runtime::Task;
using runtime::Wait;

namespace {

constexpr std::uint32_t kLedger = 1;
constexpr std::uint16_t kCode = 1;
constexpr std::uint64_t kAmount = 1;
constexpr std::uint64_t kAccountsARequest = 1'000;
// After an error, before the client asks again.
constexpr Duration kPause = Duration::milliseconds(20);
constexpr Duration kAnswerTime = Duration::seconds(30);

Result<> check(const ApiResponse& response) {
  if (response.ok()) return success();
  return Error(kUnexpectedAnswer,
               std::to_string(http::code(response.status)) + ": " + response.body);
}

}  // namespace

std::uint64_t metric(std::string_view text, std::string_view name) {
  const std::string start = "\n" + std::string(name) + " ";
  const auto found = text.find(start);
  if (found == std::string_view::npos) return 0;
  const std::string_view digits = text.substr(found + start.size());
  std::uint64_t value = 0;
  std::from_chars(digits.begin(), digits.end(), value);
  return value;
}

void LoadResult::add(const LoadResult& later) {
  requests += later.requests;
  transfers += later.transfers;
  not_created += later.not_created;
  refused += later.refused;
  lost += later.lost;
  latency.add(later.latency);
  acknowledged.insert(acknowledged.end(), later.acknowledged.begin(), later.acknowledged.end());
}

TransferLoad::TransferLoad(runtime::Core& core, NodeAddress address, LoadOptions options,
                           std::uint64_t run_id)
    : core_(core), address_(std::move(address)), options_(options), run_id_(run_id) {
  if (options_.batch > 1) options_.binary = true;
  KEEL_ASSERT(options_.accounts >= 2);
}

Task<Result<>> TransferLoad::prepare(Wait wait) {
  HttpClient client(core_, address_);
  ApiResponse response;
  constexpr std::string_view kOpen = R"({"ledgers":[{"id":1,"currency":"EUR","exponent":2}]})";
  KEEL_CO_TRY(co_await client.send(
      {.method = http::Method::post, .target = "/v1/ledgers", .body = as_bytes(kOpen)}, response,
      wait));
  KEEL_CO_TRY(check(response));
  for (std::uint64_t first = 1; first <= options_.accounts; first += kAccountsARequest) {
    std::string rows;
    for (std::uint64_t id = first; id < first + kAccountsARequest && id <= options_.accounts;
         ++id) {
      const ledger::AccountSpec account{.id = ledger::AccountId(id),
                                        .ledger = ledger::LedgerId(kLedger),
                                        .code = ledger::Code(kCode)};
      rows += as_text(object_bytes(account));
    }
    KEEL_CO_TRY(co_await client.send({.method = http::Method::post,
                                      .target = "/v1/accounts",
                                      .content_type = "application/vnd.keel.accounts",
                                      .body = as_bytes(rows)},
                                     response, wait));
    KEEL_CO_TRY(check(response));
  }
  co_return success();
}

Task<> TransferLoad::run(Wait wait) {
  stopped_ = false;
  slots_ = Slots(core_.now(), options_.rate);
  runtime::Scope scope(core_, wait.cancellation);
  for (std::uint32_t index = 0; index < options_.clients; ++index)
    scope.spawn(&TransferLoad::client, this, index, Wait{.cancellation = &scope.cancellation()});
  co_await scope.join();
}

LoadResult TransferLoad::take() noexcept {
  return std::exchange(result_, {});
}

Task<> TransferLoad::client(TransferLoad* load, std::uint32_t index, Wait wait) {
  HttpClient client(load->core_, load->address_);
  while (!load->stopped_ && !wait.cancellation->requested()) {
    if (co_await load->one_request(client, index, wait)) continue;
    static_cast<void>(co_await load->core_.sleep_until(load->core_.now() + kPause, wait));
  }
}

// False: nothing was answered.
Task<bool> TransferLoad::one_request(HttpClient& client, std::uint32_t, Wait wait) {
  const Timestamp slot = slots_.next(core_.now());
  if (slot > core_.now() && !(co_await core_.sleep_until(slot, wait)).ok()) co_return true;
  const std::uint64_t number = next_transfer_;
  next_transfer_ += options_.batch;
  std::string body;
  const uint128 first = options_.binary ? write_rows(number, body) : write_json(number, body);
  const std::string key = "load-" + std::to_string(run_id_) + "-" + std::to_string(number);
  ApiResponse response;
  const Result<> sent = co_await client.send(
      {.method = http::Method::post,
       .target = "/v1/transfers",
       .content_type = options_.binary ? "application/vnd.keel.transfers" : "application/json",
       .idempotency_key = key,
       .body = as_bytes(body)},
      response, wait.until(core_.now() + kAnswerTime));
  if (!sent.ok()) {
    if (!sent.error().is(runtime::kCancelled)) ++result_.lost;
    co_return false;
  }
  ++result_.requests;
  result_.latency.record(core_.now() - slot);
  if (!response.ok()) {
    ++result_.refused;
    co_return false;
  }
  const std::uint64_t created = count_created(response);
  result_.transfers += created;
  result_.not_created += options_.batch - created;
  if (created == options_.batch) {
    for (std::uint32_t i = 0; i < options_.batch; ++i) remember(first + i);
  }
  co_return true;
}

void TransferLoad::remember(uint128 id) {
  if (options_.remember == 0 || acknowledged_++ % remember_each_ != 0) return;
  std::vector<uint128>& kept = result_.acknowledged;
  if (kept.size() >= options_.remember) {
    for (std::size_t i = 0; 2 * i < kept.size(); ++i) kept[i] = kept[2 * i];
    kept.resize((kept.size() + 1) / 2);
    remember_each_ *= 2;
  }
  kept.push_back(id);
}

std::pair<std::uint64_t, std::uint64_t> TransferLoad::accounts_of(std::uint64_t number) const {
  // A multiplier without a pattern spreads the transfers over the accounts; the two always differ.
  const std::uint64_t mixed = number * 0x9e3779b97f4a7c15u;
  const std::uint64_t debit = (mixed >> 32) % options_.accounts;
  const std::uint64_t step = 1 + (mixed & 0xffff) % (options_.accounts - 1);
  return {debit + 1, (debit + step) % options_.accounts + 1};
}

uint128 TransferLoad::write_json(std::uint64_t number, std::string& body) const {
  const uint128 id = static_cast<uint128>(run_id_) << 64 | number;
  const auto [debit, credit] = accounts_of(number);
  JsonWriter json(body);
  json.begin_object();
  json.key("transfers"), json.begin_list();
  json.begin_object();
  json.key("id"), json.decimal_text(id);
  json.key("debit_account_id"), json.decimal_text(uint128{debit});
  json.key("credit_account_id"), json.decimal_text(uint128{credit});
  json.key("amount"), json.decimal_text(uint128{kAmount});
  json.key("ledger"), json.number(std::uint64_t{kLedger});
  json.key("code"), json.number(std::uint64_t{kCode});
  json.end_object();
  json.end_list();
  json.end_object();
  return id;
}

uint128 TransferLoad::write_rows(std::uint64_t number, std::string& body) const {
  const uint128 first = static_cast<uint128>(run_id_) << 64 | number;
  body.reserve(sizeof(ledger::Transfer) * options_.batch);
  for (std::uint32_t i = 0; i < options_.batch; ++i) {
    const auto [debit, credit] = accounts_of(number + i);
    const ledger::Transfer row{.id = ledger::TransferId(first + i),
                               .debit_account = ledger::AccountId(debit),
                               .credit_account = ledger::AccountId(credit),
                               .amount = kAmount,
                               .ledger = ledger::LedgerId(kLedger),
                               .code = ledger::Code(kCode)};
    body += as_text(object_bytes(row));
  }
  return first;
}

std::uint64_t TransferLoad::count_created(const ApiResponse& response) const {
  if (!options_.binary) return response.body.find("\"code\":\"created\"") != std::string::npos;
  std::uint64_t created = 0;
  ByteReader reader(as_bytes(response.body));
  while (!reader.empty()) {
    const Result<ledger::RowResult> row = reader.read_object<ledger::RowResult>();
    if (!row.ok()) break;
    if (row->code == 0) ++created;
  }
  return created;
}

}  // namespace keel::node
