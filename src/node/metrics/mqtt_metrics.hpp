// The metrics of the MQTT server.
#pragma once

#include "node/metrics/metrics_writer.hpp"
#include "node/metrics/node_metrics.hpp"

namespace keel::node {

void write_mqtt(const MqttMetrics& metrics, MetricsWriter& out);
void write_mqtt_sockets(const servers::WebSocketStats& stats, MetricsWriter& out);

}  // namespace keel::node
