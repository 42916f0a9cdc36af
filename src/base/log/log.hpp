// Logger: the port through which a part of Keel tells its operator something. An event is a
// constant with a stable name, like an ErrorKind; its fields are few, typed, and never a secret, a
// body or anything about a person.
//
//   inline constexpr log::Event kReady{"node.ready", log::Level::info, "The node serves."};
//   logger.write(kReady, {{"url", url}, {"ms", took_ms}});
//
// Thread: what implements it says; the node's takes lines from every core and never blocks.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace keel::log {

enum class Level : std::uint8_t {
  debug,  // for who looks for a fault
  info,   // what an operator wants to find later
  warn,   // it goes on, but somebody should look
  error,  // something that was asked for cannot be done
};

std::string_view to_string(Level level) noexcept;

struct Event {
  std::string_view name;  // "part.what_happened"; for ever: scripts and alerts rely on it
  Level level;
  std::string_view meaning;  // one sentence, for docs/logging.md
};

// Texts are views: they live until write() has returned.
using Value = std::variant<std::string_view, std::uint64_t, std::int64_t, bool>;

struct Field {
  std::string_view key;
  Value value;
};

class Logger {
 public:
  virtual ~Logger() = default;

  void write(const Event& event, std::initializer_list<Field> fields = {}) noexcept {
    write_fields(event, std::span(fields.begin(), fields.size()));
  }
  // The fields `error` (the kind's name) and `detail`, before the others.
  void write(const Event& event, const Error& error) noexcept {
    write(event, {{"error", error.kind().name}, {"detail", std::string_view(error.detail())}});
  }
  // For a logger that stands before another one.
  void pass_on(const Event& event, std::span<const Field> fields) noexcept {
    write_fields(event, fields);
  }

 protected:
  virtual void write_fields(const Event& event, std::span<const Field> fields) noexcept = 0;
};

// Says nothing.
class NoLogger final : public Logger {
 protected:
  void write_fields(const Event&, std::span<const Field>) noexcept override {}
};

}  // namespace keel::log
