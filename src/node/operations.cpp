#include "node/operations.hpp"

#include "base/json/json.hpp"
#include "servers/api/errors.hpp"

namespace keel::node {

using runtime::Task;
using servers::NodeRoute;

namespace {

// What a signature is waited for, and how often it is looked for.
constexpr Duration kHeadTime = Duration::seconds(5);
constexpr Duration kHeadPause = Duration::milliseconds(2);

constexpr std::string_view kReceiptPath = "/v1/sessions/{id}/receipt";
constexpr std::string_view kTimelinePath = "/v1/sessions/{id}/timeline";
constexpr std::array<NodeRoute, 3> kRoutes{{
    {.path = kReceiptPath,
     .summary = "What a session was billed, signed and with its proof: docs/receipts.md.",
     .parameters = "version",
     .response = &info<Receipt>},
    {.path = kTimelinePath,
     .summary = "What became of a session, across all modules, in the journal's order.",
     .parameters = "after limit",
     .response = &info<Timeline>},
    {.path = "/v1/timelines/{id}",
     .summary = "The same, from a correlation id: of the session that it led to.",
     .parameters = "after limit",
     .response = &info<Timeline>},
}};

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

std::span<const NodeRoute> NodeOperations::routes() const noexcept {
  return kRoutes;
}

Task<Result<>> NodeOperations::answer(const NodeRoute& route, NodeRoute::Asked asked,
                                      std::string& json, runtime::Wait wait) {
  if (route.path == kReceiptPath) co_return co_await write_receipt(asked, json, wait);
  const Thread::Kind by =
      route.path == kTimelinePath ? Thread::Kind::session : Thread::Kind::correlation;
  co_return co_await write_timeline(by, asked, json, wait);
}

Task<Result<>> NodeOperations::write_receipt(NodeRoute::Asked asked, std::string& json,
                                             runtime::Wait wait) {
  if (sessions_.receipts == nullptr)
    co_return Error(servers::kNotFound, "this node gives no receipts");
  const std::uint64_t version = asked.numbers.front();
  if (asked.id > UINT32_MAX || version > UINT32_MAX)
    co_return Error(servers::kNotFound, "no session has this number, or no bill this version");
  const Receipt receipt = KEEL_CO_TRY(co_await sessions_.receipts->receipt(
      {.tenant = asked.tenant,
       .session = charging::SessionNumber(static_cast<std::uint32_t>(asked.id)),
       .version = static_cast<std::uint32_t>(version)},
      wait));
  to_json(receipt, json);
  co_return success();
}

Task<Result<>> NodeOperations::write_timeline(Thread::Kind by, NodeRoute::Asked asked,
                                              std::string& json, runtime::Wait wait) {
  if (sessions_.timelines == nullptr)
    co_return Error(servers::kNotFound, "this node gives no timelines");
  const std::uint64_t after = asked.numbers.at(0);
  const std::uint64_t limit = asked.numbers.at(1);
  const Timeline timeline = KEEL_CO_TRY(co_await sessions_.timelines->timeline(
      {.tenant = asked.tenant, .by = by, .id = asked.id, .after = Position(after), .limit = limit},
      wait));
  to_json(timeline, json);
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
