#include "wire/http/head/grammar.hpp"

#include <bit>
#include <cstring>
#include <span>

#include "base/checked.hpp"

namespace keel::http {
namespace {

constexpr std::uint64_t repeat(std::uint8_t byte) {
  return 0x0101010101010101u * byte;
}

// One bit (the topmost of its byte) for the first byte of `word` that is below 32 or is 127; bits
// above the lowest set one mean nothing, because the subtraction borrows.
constexpr std::uint64_t suspects(std::uint64_t word) {
  const std::uint64_t below_space = (word - repeat(32)) & ~word;
  const std::uint64_t deleted = word ^ repeat(127);
  return (below_space | ((deleted - repeat(1)) & ~deleted)) & repeat(128);
}

}  // namespace

std::size_t find_control(std::string_view text, std::size_t from) noexcept {
  const std::span<const char> bytes(text);
  std::size_t at = from;
  while (at + sizeof(std::uint64_t) <= bytes.size()) {
    std::uint64_t word;
    std::memcpy(&word, bytes.subspan(at, sizeof word).data(), sizeof word);
    const std::uint64_t found = suspects(word);
    if (found == 0) {
      at += sizeof word;
      continue;
    }
    at += static_cast<std::size_t>(std::countr_zero(found)) / 8;
    if (bytes[at] != '\t') return at;
    ++at;
  }
  while (at < bytes.size() && !has_class(bytes[at], detail::kControlCharacter)) ++at;
  return at;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (to_lower(left[i]) != to_lower(right[i])) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto scaled = checked_mul<std::uint64_t>(value, 10);
    if (!scaled) return std::nullopt;
    const auto sum = checked_add<std::uint64_t>(*scaled, static_cast<std::uint64_t>(c - '0'));
    if (!sum) return std::nullopt;
    value = *sum;
  }
  return value;
}

bool next_element(std::string_view& list, std::string_view& element) noexcept {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    element = trim(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    if (!element.empty()) return true;
  }
  return false;
}

}  // namespace keel::http
