#include "node/commands/bench/ocpp/figures.hpp"

#include <cstdio>

namespace keel::node {
namespace {

unsigned long long whole(std::uint64_t value) {
  return value;
}

// Of one connection more, from the measure before to this one; never below zero.
std::uint64_t bytes_each(const IdleFigures& before, const IdleFigures& now) {
  if (now.connections <= before.connections || now.resident_bytes <= before.resident_bytes)
    return 0;
  return (now.resident_bytes - before.resident_bytes) / (now.connections - before.connections);
}

void print_target(const TargetFigures& target, double echo_us) {
  const MessageLoadResult load = target.load();
  Duration took;
  for (const RoundFigures& round : target.rounds) took = took + round.server.took;
  std::printf("%s\n", target.name.c_str());
  if (took.ns > 0) {
    std::printf("  messages %9.0f/s   server CPU us/message %.2f",
                static_cast<double>(load.messages) * 1e9 / static_cast<double>(took.ns),
                target.cpu_us_each());
    if (echo_us > 0) std::printf("   (the echo and %.2f)", target.cpu_us_each() - echo_us);
    std::printf("; by round");
    for (const RoundFigures& round : target.rounds) std::printf(" %.2f", round.cpu_us_each());
    std::printf("\n");
    print_latency(load.latency);
    if (load.failed > 0)
      std::printf("  failed %llu, the last: %s\n", whole(load.failed), load.last_error.c_str());
  }
  for (std::size_t i = 1; i < target.idle.size(); ++i) {
    const IdleFigures& idle = target.idle[i];
    std::printf("  idle     %9llu connections   %llu bytes each; CPU %.1f ms/s\n",
                whole(idle.connections), whole(bytes_each(target.idle[i - 1], idle)),
                static_cast<double>(idle.cpu.ns) * 1e3 / static_cast<double>(idle.took.ns));
  }
}

void number(JsonWriter& json, std::string_view name, std::uint64_t value) {
  json.key(name), json.number(value);
}

void write_load(const MessageLoadResult& load, JsonWriter& json) {
  number(json, "messages", load.messages);
  number(json, "sessions", load.sessions);
  number(json, "failed", load.failed);
  json.key("last_error"), json.text(load.last_error);
  write_latency(load.latency, json);
}

void write_idle(const TargetFigures& target, JsonWriter& json) {
  json.key("idle"), json.begin_list();
  for (std::size_t i = 0; i < target.idle.size(); ++i) {
    const IdleFigures& idle = target.idle[i];
    json.begin_object();
    number(json, "connections", idle.connections);
    number(json, "resident_bytes", idle.resident_bytes);
    if (i > 0) number(json, "bytes_each", bytes_each(target.idle[i - 1], idle));
    number(json, "cpu_ns", static_cast<std::uint64_t>(idle.cpu.ns));
    number(json, "took_ns", static_cast<std::uint64_t>(idle.took.ns));
    json.end_object();
  }
  json.end_list();
}

}  // namespace

double RoundFigures::cpu_us_each() const noexcept {
  if (load.messages == 0) return 0;
  return microseconds(server.user + server.system) / static_cast<double>(load.messages);
}

MessageLoadResult TargetFigures::load() const {
  MessageLoadResult all;
  for (const RoundFigures& round : rounds) all.add(round.load);
  return all;
}

double TargetFigures::cpu_us_each() const {
  Duration cpu;
  std::uint64_t messages = 0;
  for (const RoundFigures& round : rounds) {
    cpu = cpu + round.server.user + round.server.system;
    messages += round.load.messages;
  }
  return messages == 0 ? 0 : microseconds(cpu) / static_cast<double>(messages);
}

void print_ocpp(const OcppFigures& figures) {
  for (const TargetFigures& target : figures.targets)
    print_target(target, &target == &figures.targets[0] ? figures.targets[1].cpu_us_each() : 0);
  std::printf(
      "read back: %llu sessions, %llu acknowledged, %llu billed as they must be, books %s\n",
      whole(figures.billed.sessions), whole(figures.acknowledged), whole(figures.billed.billed),
      figures.billed.balanced ? "balanced" : "NOT BALANCED");
}

void write_ocpp(const OcppFigures& figures, JsonWriter& json) {
  json.key("targets"), json.begin_list();
  for (const TargetFigures& target : figures.targets) {
    json.begin_object();
    json.key("name"), json.text(target.name);
    write_load(target.load(), json);
    number(json, "cpu_ns_each", static_cast<std::uint64_t>(target.cpu_us_each() * 1e3));
    json.key("rounds"), json.begin_list();
    for (const RoundFigures& round : target.rounds) {
      json.begin_object();
      write_load(round.load, json);
      write_server(round.server, json);
      json.end_object();
    }
    json.end_list();
    write_idle(target, json);
    json.end_object();
  }
  json.end_list();
  number(json, "sessions", figures.billed.sessions);
  number(json, "acknowledged", figures.acknowledged);
  number(json, "billed", figures.billed.billed);
  json.key("balanced"), json.boolean(figures.billed.balanced);
}

}  // namespace keel::node
