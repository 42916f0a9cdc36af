#include "node/commands/bench/bench_figures.hpp"

#include <algorithm>
#include <cstdio>

namespace keel::node {
namespace {

void number(JsonWriter& json, std::string_view name, std::int64_t value) {
  json.key(name), json.number(static_cast<std::uint64_t>(value));
}

}  // namespace

double microseconds(Duration duration) {
  return static_cast<double>(duration.ns) / 1e3;
}

ServerFigures between(const ProcessUsage& before, const ProcessUsage& after, Duration took) {
  ServerFigures figures{.took = took,
                        .user = after.user - before.user,
                        .system = after.system - before.system,
                        .resident_bytes = after.resident_bytes,
                        .threads = {}};
  // Workers of the kernel come and go.
  for (const ProcessUsage::Thread& now : after.threads) {
    const auto then = std::ranges::find(before.threads, now.id, &ProcessUsage::Thread::id);
    if (then != before.threads.end())
      figures.threads.push_back({.name = now.name, .cpu = now.cpu - then->cpu, .id = now.id});
  }
  return figures;
}

void print_latency(const Histogram& latency) {
  std::printf("             latency us p50 %.0f  p99 %.0f  p99.9 %.0f  max %.0f\n",
              microseconds(latency.percentile(500)), microseconds(latency.percentile(990)),
              microseconds(latency.percentile(999)), microseconds(latency.largest()));
}

void print_server(const ServerFigures& server, std::uint64_t operations, const char* operation) {
  const auto each = [operations](Duration duration) {
    return operations == 0 ? 0 : microseconds(duration) / static_cast<double>(operations);
  };
  std::printf("             server CPU us/%s %.2f (user %.2f, system %.2f), resident %llu MB\n",
              operation, each(server.user + server.system), each(server.user), each(server.system),
              static_cast<unsigned long long>(server.resident_bytes >> 20));
  std::printf("             threads, CPU s of %.1f s:", static_cast<double>(server.took.ns) / 1e9);
  for (const ProcessUsage::Thread& thread : server.threads)
    std::printf(" %s %.2f", thread.name.c_str(), static_cast<double>(thread.cpu.ns) / 1e9);
  std::printf("\n");
}

void write_latency(const Histogram& latency, JsonWriter& json) {
  number(json, "latency_p50_ns", latency.percentile(500).ns);
  number(json, "latency_p99_ns", latency.percentile(990).ns);
  number(json, "latency_p999_ns", latency.percentile(999).ns);
  number(json, "latency_max_ns", latency.largest().ns);
}

void write_server(const ServerFigures& server, JsonWriter& json) {
  number(json, "took_ns", server.took.ns);
  number(json, "server_user_ns", server.user.ns);
  number(json, "server_system_ns", server.system.ns);
  number(json, "resident_bytes", static_cast<std::int64_t>(server.resident_bytes));
  json.key("threads"), json.begin_list();
  for (const ProcessUsage::Thread& thread : server.threads) {
    json.begin_object();
    json.key("name"), json.text(thread.name);
    number(json, "cpu_ns", thread.cpu.ns);
    json.end_object();
  }
  json.end_list();
}

}  // namespace keel::node
