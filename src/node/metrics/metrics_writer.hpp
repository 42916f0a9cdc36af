// MetricsWriter: the text format of Prometheus, version 0.0.4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace keel::node {

class MetricsWriter {
 public:
  explicit MetricsWriter(std::string& out [[clang::lifetimebound]]) : out_(out) {}

  // Begins a family: # HELP and # TYPE. The name ends in "_total" for counters.
  void counter(std::string_view name, std::string_view help) { family(name, help, "counter"); }
  void gauge(std::string_view name, std::string_view help) { family(name, help, "gauge"); }

  // One sample of the family that was begun. `labels`: as between the braces, or empty.
  void sample(std::string_view labels, std::uint64_t value);
  void sample(std::uint64_t value) { sample({}, value); }
  void seconds(std::string_view labels, Duration value);

  // A family of one sample.
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    counter(name, help);
    sample(value);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    gauge(name, help);
    sample(value);
  }

 private:
  void family(std::string_view name, std::string_view help, std::string_view type);
  void start(std::string_view labels);

  std::string& out_;
  std::string_view name_;
};

}  // namespace keel::node
