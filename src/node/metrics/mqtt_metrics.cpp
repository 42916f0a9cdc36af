#include "node/metrics/mqtt_metrics.hpp"

namespace keel::node {
namespace {

void write_server(const broker::ServerStats& server, MetricsWriter& out) {
  out.counter("keel_mqtt_connections_accepted_total", "Connections accepted.", server.accepted);
  out.counter("keel_mqtt_connections_refused_total", "Connections over the limit.",
              server.refused_connections);
  out.gauge("keel_mqtt_connections", "Connections open.", server.open);
  out.counter("keel_mqtt_clients_total", "Clients let in.", server.connected);
  out.counter("keel_mqtt_received_bytes_total", "Bytes received.", server.received_bytes);
  out.counter("keel_mqtt_sent_bytes_total", "Bytes sent.", server.sent_bytes);
  out.counter("keel_mqtt_connections_ended_total", "Connections that ended, by why.");
  const broker::ServerStats::Ended& ended = server.ended;
  out.sample("why=\"by_client\"", ended.by_client);
  out.sample("why=\"by_server\"", ended.by_server);
  out.sample("why=\"bad_login\"", ended.bad_login);
  out.sample("why=\"connect_timeout\"", ended.connect_timeout);
  out.sample("why=\"keep_alive\"", ended.keep_alive);
  out.sample("why=\"protocol_error\"", ended.protocol_error);
  out.sample("why=\"refused\"", ended.refused);
  out.sample("why=\"slow\"", ended.slow);
  out.sample("why=\"taken_over\"", ended.taken_over);
}

void write_broker(const broker::BrokerStats& broker, MetricsWriter& out) {
  out.gauge("keel_mqtt_sessions", "Sessions, with a connection and without.", broker.sessions);
  out.gauge("keel_mqtt_subscriptions", "Subscriptions.", broker.subscriptions);
  out.gauge("keel_mqtt_retained", "Retained messages.", broker.retained);
  out.gauge("keel_mqtt_retained_bytes", "Memory of retained messages.", broker.retained_bytes);
  const auto by_qos = [&out](const auto& counts) {
    for (std::size_t qos = 0; qos < counts.size(); ++qos)
      out.sample("qos=\"" + std::to_string(qos) + "\"", counts[qos]);
  };
  out.counter("keel_mqtt_messages_received_total", "Messages published by clients.");
  by_qos(broker.received);
  out.counter("keel_mqtt_messages_sent_total", "Messages sent to clients.");
  by_qos(broker.sent);
  out.counter("keel_mqtt_messages_dropped_total", "Deliveries that were not made, by why.");
  out.sample("why=\"ended\"", broker.dropped_ended);
  out.sample("why=\"expired\"", broker.dropped_expired);
  out.sample("why=\"no_receiver\"", broker.dropped_no_receiver);
  out.sample("why=\"not_allowed\"", broker.dropped_not_allowed);
  out.sample("why=\"offline\"", broker.dropped_offline);
  out.sample("why=\"queue_full\"", broker.dropped_queue_full);
  out.sample("why=\"slow\"", broker.dropped_slow);
  out.sample("why=\"too_large\"", broker.dropped_too_large);
  out.counter("keel_mqtt_refused_total", "What clients wanted and did not get, by why.");
  out.sample("why=\"not_allowed\"", broker.refused_not_allowed);
  out.sample("why=\"payload_format\"", broker.refused_payload_format);
  out.sample("why=\"retained_full\"", broker.refused_retained_full);
  out.sample("why=\"streams_cell\"", broker.refused_module);
  out.sample("why=\"subscription\"", broker.refused_subscriptions);
  out.counter("keel_mqtt_subscriptions_revoked_total",
              "Subscriptions of kept sessions that the rules do not allow any more.",
              broker.revoked_subscriptions);
}

}  // namespace

void write_mqtt(const MqttMetrics& metrics, MetricsWriter& out) {
  write_server(metrics.server, out);
  write_broker(metrics.broker, out);
  out.counter("keel_mqtt_batches_total", "Batches made durable.", metrics.batches.batches);
  out.counter("keel_mqtt_operations_total", "Operations in them.", metrics.batches.operations);
  out.counter("keel_mqtt_batch_retries_total", "Batches sent again.", metrics.batches.retries);
  out.counter("keel_mqtt_operations_failed_total", "Operations given up.", metrics.batches.failed);
  if (!metrics.tls) return;
  out.counter("keel_mqtt_tls_handshakes_total", "TLS handshakes, by how they ended.");
  out.sample("result=\"established\"", metrics.tls->established);
  out.sample("result=\"failed\"", metrics.tls->failed);
  out.sample("result=\"timed_out\"", metrics.tls->timed_out);
  out.sample("result=\"too_large\"", metrics.tls->too_large);
}

void write_mqtt_sockets(const servers::WebSocketStats& stats, MetricsWriter& out) {
  out.gauge("keel_mqtt_websockets", "Of the connections open, those over WebSocket.", stats.open);
  out.counter("keel_mqtt_websockets_opened_total", "WebSockets opened.", stats.opened);
  out.counter("keel_mqtt_websockets_deflated_total",
              "Of those opened, with messages compressed (permessage-deflate).", stats.deflated);
  out.counter("keel_mqtt_websockets_failed_total", "WebSockets that did not come to be or broke.");
  out.sample("why=\"refused\"", stats.refused);
  out.sample("why=\"protocol_error\"", stats.failed);
  out.sample("why=\"timed_out\"", stats.timed_out);
}

}  // namespace keel::node
