#include "node/metrics/metrics_writer.hpp"

namespace keel::node {

void MetricsWriter::family(std::string_view name, std::string_view help, std::string_view type) {
  name_ = name;
  for (const std::string_view part :
       {std::string_view("# HELP "), name, std::string_view(" "), help,
        std::string_view("\n# TYPE "), name, std::string_view(" "), type, std::string_view("\n")})
    out_ += part;
}

void MetricsWriter::start(std::string_view labels) {
  out_ += name_;
  if (!labels.empty()) {
    out_ += '{';
    out_ += labels;
    out_ += '}';
  }
  out_ += ' ';
}

void MetricsWriter::sample(std::string_view labels, std::uint64_t value) {
  start(labels);
  out_ += std::to_string(value);
  out_ += '\n';
}

void MetricsWriter::seconds(std::string_view labels, Duration value) {
  start(labels);
  const auto ns = static_cast<std::uint64_t>(value.ns);
  const std::string fraction = std::to_string(ns % 1'000'000'000);
  out_ += std::to_string(ns / 1'000'000'000);
  out_ += '.';
  out_.append(9 - fraction.size(), '0');
  out_ += fraction;
  out_ += '\n';
}

}  // namespace keel::node
