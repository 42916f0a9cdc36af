#include "node/operations.hpp"

#include "base/json/json.hpp"
#include "servers/api/errors.hpp"

namespace keel::node {

using runtime::Task;

namespace {

// What a signature is waited for, and how often it is looked for.
constexpr Duration kHeadTime = Duration::seconds(5);
constexpr Duration kHeadPause = Duration::milliseconds(2);

void append_json(const journal::HeadEntry& entry, std::string& to) {
  std::array<std::byte, journal::kHeadStatementBytes> statement;  // what is signed
  journal::encode_head_statement(entry, statement);
  JsonWriter json(to);
  json.begin_object();
  json.key("journal_id"), json.hexadecimal(entry.identity.journal_id);
  json.key("cell"), json.number(std::uint64_t{entry.identity.cell.value()});
  json.key("class"), json.text(journal::to_string(entry.identity.segment_class));
  json.key("group"), json.number(entry.group_number);
  json.key("position"), json.number(entry.last_sequence.value());
  json.key("epoch"), json.number(entry.epoch);
  json.key("time"), json.time(entry.last_time);
  json.key("head"), json.hexadecimal(entry.head);
  json.key("signed_at"), json.time(entry.signed_at);
  json.key("public_key"), json.hexadecimal(entry.public_key);
  json.key("statement"), json.hexadecimal(statement);
  json.key("signature"), json.hexadecimal(entry.signature);
  json.end_object();
}

}  // namespace

std::string NodeOperations::not_ready() const {
  if (draining_) return "the node is draining: it stops soon";
  for (const CellClients::Each& each : cells_.all()) {
    if (!each.cell.is_ready())
      return "the cell " + std::string(each.cell.name()) + " is being opened";
  }
  return {};
}

std::string NodeOperations::warning() const {
  for (const CellClients::Each& each : cells_.all()) {
    const ScrubStatus status = each.cell.scrub_status();
    if (!status.problems.empty())
      return std::string(each.cell.name()) + ": " + status.problems.front().to_string();
  }
  return {};
}

// Asks the cells' core to sign, and waits until the entry is in the heads file.
Task<Result<>> NodeOperations::sign_head(std::string& json) {
  if (heads_.key == nullptr) co_return Error(servers::kNotReady, "this node signs no chain heads");
  const std::uint64_t before = heads_.key->count();
  const Timestamp limit = core_.now() + kHeadTime;
  for (bool asked = false; heads_.key->count() == before;) {
    asked = asked || heads_.ask();
    if (core_.now() > limit)
      co_return Error(servers::kNotReady, "the head could not be signed in time");
    KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + kHeadPause, {}));
  }
  append_json(*heads_.key->newest(), json);
  co_return success();
}

Task<Result<>> NodeOperations::write_receipt(WantedReceipt wanted, std::string& json,
                                             runtime::Wait wait) {
  if (receipts_ == nullptr) co_return Error(servers::kNotFound, "this node gives no receipts");
  const Receipt receipt =
      KEEL_CO_TRY(co_await receipts_->receipt({.tenant = wanted.tenant,
                                               .session = charging::SessionNumber(wanted.session),
                                               .version = wanted.version},
                                              wait));
  to_json(receipt, json);
  co_return success();
}

Task<> NodeOperations::write_metrics(std::string& text) {
  NodeMetrics metrics;
  co_await read_metrics(metrics);
  node::write_metrics(metrics, text);
}

Task<> NodeOperations::read_metrics(NodeMetrics& metrics) {
  metrics = {};
  for (CellClients::Each& each : cells_.all()) {
    CellMetrics& cell =
        metrics.cells.emplace_back(CellMetrics{.name = std::string(each.cell.name()),
                                               .ready = each.cell.is_ready(),
                                               .reopenings = each.cell.reopenings(),
                                               .statistics = {},
                                               .scrub = each.cell.scrub_status()});
    cell.retention_segments = each.cell.retention_status().segments;
    cell.retention_failures = each.cell.retention_status().failures;
    if (!cell.ready) continue;
    const Result<engine::Statistics> statistics =
        co_await each.client.statistics({.deadline = core_.now() + Duration::seconds(1)});
    if (statistics.ok()) cell.statistics = *statistics;
  }
  if (servers_ == nullptr) co_return;
  for (const std::unique_ptr<NodeServer>& server : *servers_) server->read(metrics);
}

}  // namespace keel::node
