#include "modules/devices/twin/json_text.hpp"

#include <utility>

#include "base/text/rfc3339.hpp"

namespace keel::devices {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// What stands behind the backslash; 0: the character stands for itself, 'u': by its number.
constexpr char escape_of(char character) {
  switch (character) {
    case '"':
    case '\\':
      return character;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return static_cast<unsigned char>(character) < 0x20 ? 'u' : '\0';
  }
}

void append_members(std::string& to, const Node& node) {
  for (const Member& member : node.members) {
    to += ',';
    append_json_text(to, member.key);
    to += R"(:{"$updated":")";
    append_rfc3339(to, member.node.set_at);
    to += '"';
    append_members(to, member.node);
    to += '}';
  }
}

}  // namespace

void append_json_text(std::string& to, std::string_view text) {
  to += '"';
  for (const char character : text) {
    const char escape = escape_of(character);
    if (escape == '\0') {
      to += character;
      continue;
    }
    to += '\\';
    to += escape;
    if (escape != 'u') continue;
    const auto byte = static_cast<unsigned char>(character);
    to += "00";
    to += kHexDigits[byte >> 4u];
    to += kHexDigits[byte & 15u];
  }
  to += '"';
}

std::size_t json_text_size(std::string_view text) {
  std::size_t size = 2;
  for (const char character : text) {
    const char escape = escape_of(character);
    size += escape == '\0' ? 1 : escape == 'u' ? 6 : 2;
  }
  return size;
}

void append_json(std::string& to, const Node& node) {
  if (!node.is_object()) {
    to += node.text;
    return;
  }
  to += '{';
  bool first = true;
  for (const Member& member : node.members) {
    if (!std::exchange(first, false)) to += ',';
    append_json_text(to, member.key);
    to += ':';
    append_json(to, member.node);
  }
  to += '}';
}

std::string json_of(const Node& node) {
  std::string text;
  append_json(text, node);
  return text;
}

void append_times(std::string& to, const Node& node, std::uint64_t version) {
  to += R"({"$version":)";
  to += std::to_string(version);
  if (node.set_at != Timestamp{}) {
    to += R"(,"$updated":")";
    append_rfc3339(to, node.set_at);
    to += '"';
  }
  append_members(to, node);
  to += '}';
}

}  // namespace keel::devices
