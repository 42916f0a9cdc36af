// The characters and small words of HTTP (RFC 9110, section 5.6; RFC 3986 for targets). Everything
// here reads a view and keeps nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace keel::http {

namespace detail {

enum CharacterClass : std::uint8_t {
  kTokenCharacter = 1,    // tchar: what names of headers and methods are made of
  kTargetCharacter = 2,   // what may stand unescaped in a path or a query: pchar, "/" and "?"
  kHostCharacter = 4,     // reg-name, unescaped
  kControlCharacter = 8,  // below space but for tab, and DEL: never part of a line
};

constexpr std::array<std::uint8_t, 256> make_character_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto mark = [&classes](std::string_view characters, std::uint8_t bits) {
    for (const char c : characters) classes[static_cast<unsigned char>(c)] |= bits;
  };
  constexpr std::string_view kAlphanumeric =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  mark(kAlphanumeric, kTokenCharacter | kTargetCharacter | kHostCharacter);
  mark("!#$%&'*+-.^_`|~", kTokenCharacter);
  mark("-._~!$&'()*+,;=", kTargetCharacter | kHostCharacter);
  mark(":@/?", kTargetCharacter);
  for (std::size_t c = 0; c < 32; ++c) {
    if (c != '\t') classes[c] |= kControlCharacter;
  }
  classes[127] |= kControlCharacter;
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> kCharacterClasses = make_character_classes();

}  // namespace detail

constexpr bool has_class(char c, std::uint8_t character_class) noexcept {
  return (detail::kCharacterClasses[static_cast<unsigned char>(c)] & character_class) != 0;
}
constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The number of token characters that `text` begins with.
constexpr std::size_t token_length(std::string_view text) noexcept {
  std::size_t length = 0;
  while (length < text.size() && has_class(text[length], detail::kTokenCharacter)) ++length;
  return length;
}
constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && token_length(text) == text.size();
}

// Where the first control character (any but tab) stands at or after `from`; text.size() when there
// is none.
std::size_t find_control(std::string_view text, std::size_t from) noexcept;

// ASCII only: names of headers and codings.
bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept;

// Without the spaces and tabs around it (OWS).
std::string_view trim(std::string_view text) noexcept;

// Decimal digits only, at least one; nothing when it is anything else or does not fit.
std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept;

// Takes the next element off a comma-separated list, trimmed; empty elements are passed over. False
// at the end. A comma inside a quoted string is not understood: use for lists of tokens only.
bool next_element(std::string_view& list, std::string_view& element) noexcept;

}  // namespace keel::http
