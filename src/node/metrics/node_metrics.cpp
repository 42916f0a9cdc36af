#include "node/metrics/node_metrics.hpp"

#include "node/metrics/metrics_writer.hpp"

namespace keel::node {
namespace {

Duration duration(std::uint64_t ns) {
  return Duration{static_cast<std::int64_t>(ns)};
}

void write_cell(const engine::Statistics& cell, MetricsWriter& out) {
  out.counter("keel_commands_total", "Commands decided and journalled.", cell.commands);
  out.counter("keel_queries_total", "Queries answered.", cell.queries);
  out.counter("keel_commands_repeated_total", "Commands whose id had been answered before.",
              cell.repeated);
  out.counter("keel_requests_refused_total", "Requests that were not decided, by reason.");
  out.sample("reason=\"not_allowed\"", cell.not_allowed);
  out.sample("reason=\"malformed\"", cell.malformed);
  out.sample("reason=\"conflict\"", cell.conflicts);
  out.sample("reason=\"other\"", cell.other_errors);
  out.sample("reason=\"overload\"", cell.shed);
  out.sample("reason=\"journal_refused\"", cell.taken_back);
  out.sample("reason=\"outcome_unknown\"", cell.unknown);
  out.counter("keel_journal_groups_total", "Groups made durable; one sync each.", cell.groups);
  out.counter("keel_journal_records_total", "Records in durable groups.", cell.group_records);
  out.counter("keel_journal_groups_refused_total", "Groups that the journal refused.",
              cell.groups_refused);
  out.gauge("keel_journal_refusing", "1: the last group was refused (a full disk?).",
            cell.refusing);
  out.counter("keel_journal_append_seconds_total",
              "Time from launching a group to its end, summed.");
  out.seconds({}, duration(cell.append_ns));
  out.counter("keel_answer_seconds_total", "Time from a request's arrival to its answer, summed.");
  out.seconds({}, duration(cell.answer_ns));
  out.counter("keel_answers_total", "Requests answered.", cell.answered);
  out.counter("keel_time_events_total", "Events caused by time.", cell.time_events);
  out.counter("keel_clock_holds_total", "Jumps of the wall clock that were not believed.",
              cell.clock_holds);
  out.gauge("keel_clock_held", "1: the wall clock is not believed now.", cell.clock_held ? 1 : 0);
  out.gauge("keel_requests_waiting", "Requests not yet decided.", cell.waiting);
  out.gauge("keel_answers_waiting", "Answers that wait for their group.", cell.awaiting_durable);
  out.gauge("keel_command_ids", "Idempotency keys remembered.", cell.command_ids);
  out.gauge("keel_rows_hot", "Settled rows in memory.", cell.hot_rows);
  out.gauge("keel_rows_hot_bytes", "Memory of settled rows.", cell.hot_row_bytes);
  out.gauge("keel_rows_cold", "Settled rows in the archive.", cell.cold_rows);
  out.gauge("keel_archive_bytes", "Bytes of the archive's files.", cell.cold_bytes);
  out.gauge("keel_archive_runs", "Sorted runs of its indexes.", cell.cold_runs);
  out.counter("keel_archive_flushes_total", "Times that rows were moved there.", cell.flushes);
  out.counter("keel_archive_failures_total", "Times that moving or merging failed.",
              cell.flushes_failed);
  out.counter("keel_archive_flushed_bytes_total", "Bytes written of rows and new runs.",
              cell.flushed_bytes);
  out.counter("keel_archive_merged_bytes_total", "Bytes written by merging runs.",
              cell.merged_bytes);
  out.counter("keel_archive_fetches_total", "Rounds in which a request waited for old rows.",
              cell.fetches);
  out.counter("keel_archive_fetch_seconds_total", "That waiting, summed.");
  out.seconds({}, duration(cell.fetch_ns));
  out.counter("keel_archive_fetched_bytes_total", "Bytes read for requests.", cell.fetched_bytes);
  out.counter("keel_archive_cache_hits_total", "Blocks found in memory.", cell.cache_hits);
  out.counter("keel_archive_cache_misses_total", "Blocks that were not.", cell.cache_misses);
  out.gauge("keel_archive_cache_bytes", "Memory of the cache.", cell.cache_bytes);
  out.gauge("keel_command_ids_bytes", "Memory of the idempotency keys.", cell.command_id_bytes);
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

void write_scrub(const ScrubStatus& scrub, MetricsWriter& out) {
  out.counter("keel_scrub_passes_total", "Times that all of the cold data was read again.",
              scrub.passes);
  out.counter("keel_scrub_bytes_total", "Bytes that the scrubber has read and checked.",
              scrub.bytes);
  out.counter("keel_scrub_failures_total", "Passes that ended because the disk could not be read.",
              scrub.failures);
  out.gauge("keel_scrub_segment", "The segment that is being read again.", scrub.segment);
  out.gauge("keel_scrub_last_segment", "The last cold segment of this pass.", scrub.last_segment);
  out.gauge("keel_scrub_problems", "Places where what is stored is not what was written.",
            scrub.problems.size());
  out.gauge("keel_scrub_problem", "1 for each of those places.");
  for (const journal::FileProblem& each : scrub.problems) {
    out.sample("problem=\"" + std::string(each.problem.name) + "\",file=\"" + each.file +
                   "\",offset=\"" + std::to_string(each.problem.offset) + "\"",
               1);
  }
}

}  // namespace

void write_metrics(const NodeMetrics& metrics, std::string& text) {
  MetricsWriter out(text);
  out.gauge("keel_ready", "1: the cell serves.", metrics.ready ? 1 : 0);
  out.counter("keel_cell_reopenings_total", "Times that the cell was opened again.",
              metrics.reopenings);
  write_cell(metrics.cell, out);
  write_scrub(metrics.scrub, out);
  write_http(metrics.http, out);
  if (metrics.tls) write_tls(*metrics.tls, out);
}

}  // namespace keel::node
