#include "node/metrics/node_metrics.hpp"

#include "node/metrics/metrics_writer.hpp"
#include "node/metrics/mqtt_metrics.hpp"

namespace keel::node {
namespace {

Duration duration(std::uint64_t ns) {
  return Duration{static_cast<std::int64_t>(ns)};
}

// A family of metrics with a sample a cell: a field of its statistics.
struct Family {
  enum class Kind : std::uint8_t { counter, gauge, seconds };
  std::string_view name;
  std::string_view help;
  std::uint64_t engine::Statistics::* field;
  Kind kind;
};
using enum Family::Kind;
using Cell = engine::Statistics;

constexpr auto kFamilies = std::to_array<Family>({
    {"keel_commands_total", "Commands decided and journalled.", &Cell::commands, counter},
    {"keel_queries_total", "Queries answered.", &Cell::queries, counter},
    {"keel_commands_repeated_total", "Commands whose id had been answered before.", &Cell::repeated,
     counter},
    {"keel_journal_groups_total", "Groups made durable; one sync each.", &Cell::groups, counter},
    {"keel_journal_records_total", "Records in durable groups.", &Cell::group_records, counter},
    {"keel_journal_groups_refused_total", "Groups that the journal refused.", &Cell::groups_refused,
     counter},
    {"keel_journal_refusing", "1: the last group was refused (a full disk?).", &Cell::refusing,
     gauge},
    {"keel_journal_append_seconds_total", "Time from launching a group to its end, summed.",
     &Cell::append_ns, seconds},
    {"keel_answer_seconds_total", "Time from a request's arrival to its answer, summed.",
     &Cell::answer_ns, seconds},
    {"keel_answers_total", "Requests answered.", &Cell::answered, counter},
    {"keel_time_events_total", "Events caused by time.", &Cell::time_events, counter},
    {"keel_clock_holds_total", "Jumps of the wall clock that were not believed.",
     &Cell::clock_holds, counter},
    {"keel_clock_held", "1: the wall clock is not believed now.", &Cell::clock_held, gauge},
    {"keel_requests_waiting", "Requests not yet decided.", &Cell::waiting, gauge},
    {"keel_answers_waiting", "Answers that wait for their group.", &Cell::awaiting_durable, gauge},
    {"keel_command_ids", "Idempotency keys remembered.", &Cell::command_ids, gauge},
    {"keel_rows_hot", "Settled rows in memory.", &Cell::hot_rows, gauge},
    {"keel_rows_hot_bytes", "Memory of settled rows.", &Cell::hot_row_bytes, gauge},
    {"keel_rows_cold", "Settled rows in the archive.", &Cell::cold_rows, gauge},
    {"keel_archive_bytes", "Bytes of the archive's files.", &Cell::cold_bytes, gauge},
    {"keel_archive_runs", "Sorted runs of its indexes.", &Cell::cold_runs, gauge},
    {"keel_archive_flushes_total", "Times that rows were moved there.", &Cell::flushes, counter},
    {"keel_archive_failures_total", "Times that moving or merging failed.", &Cell::flushes_failed,
     counter},
    {"keel_archive_flushed_bytes_total", "Bytes written of rows and new runs.",
     &Cell::flushed_bytes, counter},
    {"keel_archive_merged_bytes_total", "Bytes written by merging runs.", &Cell::merged_bytes,
     counter},
    {"keel_archive_fetches_total", "Rounds in which a request waited for old rows.", &Cell::fetches,
     counter},
    {"keel_archive_fetch_seconds_total", "That waiting, summed.", &Cell::fetch_ns, seconds},
    {"keel_archive_fetched_bytes_total", "Bytes read for requests.", &Cell::fetched_bytes, counter},
    {"keel_archive_cache_hits_total", "Blocks found in memory.", &Cell::cache_hits, counter},
    {"keel_archive_cache_misses_total", "Blocks that were not.", &Cell::cache_misses, counter},
    {"keel_archive_cache_bytes", "Memory of the cache.", &Cell::cache_bytes, gauge},
    {"keel_command_ids_bytes", "Memory of the idempotency keys.", &Cell::command_id_bytes, gauge},
});

struct Refusal {
  std::string_view reason;
  std::uint64_t engine::Statistics::* field;
};
constexpr auto kRefusals = std::to_array<Refusal>({
    {"not_allowed", &Cell::not_allowed},
    {"malformed", &Cell::malformed},
    {"conflict", &Cell::conflicts},
    {"other", &Cell::other_errors},
    {"overload", &Cell::shed},
    {"journal_refused", &Cell::taken_back},
    {"outcome_unknown", &Cell::unknown},
});

std::string label(const CellMetrics& cell) {
  return "cell=\"" + cell.name + '"';
}

void write_cells(const NodeMetrics& metrics, MetricsWriter& out) {
  out.gauge("keel_cell_ready", "1: this cell serves.");
  for (const CellMetrics& cell : metrics.cells) out.sample(label(cell), cell.ready ? 1 : 0);
  out.counter("keel_cell_reopenings_total", "Times that the cell was opened again.");
  for (const CellMetrics& cell : metrics.cells) out.sample(label(cell), cell.reopenings);
  out.counter("keel_retention_segments_total", "Old segments of class stream that were removed.");
  for (const CellMetrics& cell : metrics.cells) out.sample(label(cell), cell.retention_segments);
  out.counter("keel_retention_failures_total", "Times that they could not be.");
  for (const CellMetrics& cell : metrics.cells) out.sample(label(cell), cell.retention_failures);
  for (const Family& family : kFamilies) {
    if (family.kind == gauge) {
      out.gauge(family.name, family.help);
    } else {
      out.counter(family.name, family.help);
    }
    for (const CellMetrics& cell : metrics.cells) {
      const std::uint64_t value = cell.statistics.*family.field;
      if (family.kind == seconds) {
        out.seconds(label(cell), duration(value));
      } else {
        out.sample(label(cell), value);
      }
    }
  }
  out.counter("keel_requests_refused_total", "Requests that were not decided, by reason.");
  for (const CellMetrics& cell : metrics.cells) {
    for (const auto& [reason, field] : kRefusals)
      out.sample(label(cell) + ",reason=\"" + std::string(reason) + '"', cell.statistics.*field);
  }
}

void write_http(const servers::HttpServerStats& http, MetricsWriter& out) {
  out.counter("keel_http_connections_accepted_total", "Connections accepted.", http.accepted);
  out.counter("keel_http_connections_refused_total", "Connections over the limit.",
              http.refused_connections);
  out.gauge("keel_http_connections", "Connections open.", http.open);
  out.counter("keel_http_requests_total", "Requests read.", http.requests);
  out.counter("keel_http_bad_requests_total", "Requests refused by the parser.", http.bad_requests);
  out.counter("keel_http_timeouts_total", "Requests that did not end, clients that did not read.",
              http.timeouts);
  out.counter("keel_http_cut_total", "Connections cut because an outcome was unknown.", http.cut);
  out.counter("keel_http_received_bytes_total", "Bytes received.", http.received_bytes);
  out.counter("keel_http_sent_bytes_total", "Bytes sent.", http.sent_bytes);
  out.counter("keel_http_responses_total", "Responses, by class of status.");
  for (std::size_t status_class = 1; status_class < http.by_status_class.size(); ++status_class)
    out.sample("class=\"" + std::to_string(status_class) + "xx\"",
               http.by_status_class.at(status_class));
}

void write_tls(const runtime::TlsStats& tls, MetricsWriter& out) {
  out.counter("keel_tls_handshakes_total", "TLS handshakes, by how they ended.");
  out.sample("result=\"established\"", tls.established);
  out.sample("result=\"failed\"", tls.failed);
  out.sample("result=\"timed_out\"", tls.timed_out);
  out.sample("result=\"too_large\"", tls.too_large);
  out.counter("keel_tls_resumed_total", "Established by a ticket.", tls.resumed);
}

void write_stations(const StationMetrics& stations, MetricsWriter& out) {
  const servers::CentralSystemStats& counts = stations.counts;
  out.gauge("keel_ocpp_stations", "Charge points that are connected.", stations.connected);
  out.counter("keel_ocpp_deflated_total",
              "Connections with messages compressed (permessage-deflate).", stations.deflated);
  out.counter("keel_ocpp_refused_total", "Openings of charge points refused.", counts.refused);
  out.counter("keel_ocpp_replaced_total", "Connections replaced by newer ones.", counts.replaced);
  out.counter("keel_ocpp_not_stored_total",
              "Connections closed because a message could not be stored.", counts.not_stored);
  out.counter("keel_ocpp_requests_total", "Requests of charge points, of connections that ended.",
              counts.requests);
  out.counter("keel_ocpp_refused_requests_total", "Answered with an error.",
              counts.refused_requests);
  out.counter("keel_ocpp_repeated_total", "Requests answered from memory.", counts.repeated);
  out.counter("keel_ocpp_stray_answers_total", "Answers late, repeated, or to nothing.",
              counts.stray_answers);
  out.counter("keel_ocpp_bad_messages_total", "Messages that were none.", counts.bad_messages);
  out.counter("keel_ocpp_calls_total", "Calls to charge points.", counts.calls);
}

void write_scrub(const NodeMetrics& metrics, MetricsWriter& out) {
  const auto each = [&](auto value) {
    for (const CellMetrics& cell : metrics.cells) out.sample(label(cell), value(cell.scrub));
  };
  using Status = const ScrubStatus&;
  out.counter("keel_scrub_passes_total", "Times that all of the cold data was read again.");
  each([](Status scrub) { return scrub.passes; });
  out.counter("keel_scrub_bytes_total", "Bytes that the scrubber has read and checked.");
  each([](Status scrub) { return scrub.bytes; });
  out.counter("keel_scrub_failures_total", "Passes that ended because the disk could not be read.");
  each([](Status scrub) { return scrub.failures; });
  out.gauge("keel_scrub_segment", "The segment that is being read again.");
  each([](Status scrub) { return scrub.segment; });
  out.gauge("keel_scrub_last_segment", "The last cold segment of this pass.");
  each([](Status scrub) { return scrub.last_segment; });
  out.gauge("keel_scrub_problems", "Places where what is stored is not what was written.");
  each([](Status scrub) { return scrub.problems.size(); });
  out.gauge("keel_scrub_problem", "1 for each of those places.");
  for (const CellMetrics& cell : metrics.cells) {
    for (const journal::FileProblem& found : cell.scrub.problems) {
      out.sample(label(cell) + ",problem=\"" + std::string(found.problem.name) + "\",file=\"" +
                     found.file + "\",offset=\"" + std::to_string(found.problem.offset) + "\"",
                 1);
    }
  }
}

}  // namespace

void write_metrics(const NodeMetrics& metrics, std::string& text) {
  MetricsWriter out(text);
  out.gauge("keel_ready", "1: every cell serves.", metrics.ready() ? 1 : 0);
  write_cells(metrics, out);
  write_scrub(metrics, out);
  write_http(metrics.http, out);
  if (metrics.tls) write_tls(*metrics.tls, out);
  if (metrics.stations) write_stations(*metrics.stations, out);
  if (metrics.mqtt) write_mqtt(*metrics.mqtt, out);
  if (metrics.mqtt_sockets) write_mqtt_sockets(*metrics.mqtt_sockets, out);
}

}  // namespace keel::node
