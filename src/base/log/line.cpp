#include "base/log/line.hpp"

#include "base/json/json_writer.hpp"
#include "base/text/rfc3339.hpp"

namespace keel::log {
namespace {

// "2026-11-23T15:04:05.123" of "2026-11-23T15:04:05.123456789Z".
constexpr std::size_t kToMilliseconds = 23;
constexpr std::size_t kPlaceOfT = 10;
constexpr std::size_t kLevelWidth = 5;

bool is_plain(char c) {
  return c > ' ' && c < '\x7f' && c != '"' && c != '=' && c != '\\';
}

// A word as it is, anything else in quotation marks and escaped as in JSON.
void append_text(std::string& to, std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain)) {
    to += text;
  } else {
    append_json_text(to, text);
  }
}

void append_value(std::string& to, const Value& value) {
  std::visit(
      [&](const auto& held) {
        using Held = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string_view>) {
          append_text(to, held);
        } else if constexpr (std::is_same_v<Held, bool>) {
          to += held ? "true" : "false";
        } else {
          to += std::to_string(held);
        }
      },
      value);
}

void write_value(JsonWriter& json, const Value& value) {
  std::visit(
      [&](const auto& held) {
        using Held = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string_view>) {
          json.text(held);
        } else if constexpr (std::is_same_v<Held, bool>) {
          json.boolean(held);
        } else {
          json.number(held);
        }
      },
      value);
}

void append_as_text(std::string& to, LineHead head, const Event& event,
                    std::span<const Field> fields) {
  const std::size_t start = to.size();
  append_rfc3339(to, head.time);
  to.resize(start + kToMilliseconds);
  to[start + kPlaceOfT] = ' ';
  const std::string_view level = to_string(event.level);
  to.append(" ").append(level).append(kLevelWidth - level.size() + 1, ' ').append(event.name);
  for (const Field& field : fields) {
    to.append(" ").append(field.key).append("=");
    append_value(to, field.value);
  }
  if (head.held_back != 0) to.append(" held_back=").append(std::to_string(head.held_back));
  to += '\n';
}

void append_as_json(std::string& to, LineHead head, const Event& event,
                    std::span<const Field> fields) {
  JsonWriter json(to);
  json.begin_object();
  json.key("time"), json.time(head.time);
  json.key("level"), json.text(to_string(event.level));
  json.key("event"), json.text(event.name);
  for (const Field& field : fields) json.key(field.key), write_value(json, field.value);
  if (head.held_back != 0) json.key("held_back"), json.number(head.held_back);
  json.end_object();
  to += '\n';
}

}  // namespace

std::string_view to_string(Level level) noexcept {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "?";
}

void append_line(std::string& to, Format format, LineHead head, const Event& event,
                 std::span<const Field> fields) {
  if (format == Format::json) return append_as_json(to, head, event, fields);
  append_as_text(to, head, event, fields);
}

}  // namespace keel::log
