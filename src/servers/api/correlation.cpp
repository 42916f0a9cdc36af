#include "servers/api/correlation.hpp"

#include <optional>
#include <string_view>

namespace keel::servers {
namespace {

// "00-", 32 digits of the trace, "-", 16 of the parent, "-", 2 of flags.
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kParentAt = kTraceAt + kTraceDigits + 1;
constexpr std::size_t kParentDigits = 16;
constexpr std::size_t kFlagsAt = kParentAt + kParentDigits + 1;
constexpr std::size_t kFlagsDigits = 2;

// Lower-case hexadecimal digits alone.
std::optional<uint128> number_of(std::string_view digits) noexcept {
  constexpr std::string_view kDigits = "0123456789abcdef";
  uint128 number = 0;
  for (const char each : digits) {
    const std::size_t value = kDigits.find(each);
    if (value == std::string_view::npos) return std::nullopt;
    number = number << 4 | value;
  }
  return number;
}

}  // namespace

CorrelationId correlation_of(const http::Request& request, CommandId id) noexcept {
  const CorrelationId own(id.value());
  if (request.headers.count("traceparent") != 1) return own;
  const std::string_view text = *request.headers.find("traceparent");
  if (text.size() != kFlagsAt + kFlagsDigits || !text.starts_with("00-")) return own;
  if (text.at(kParentAt - 1) != '-' || text.at(kFlagsAt - 1) != '-') return own;
  const std::optional<uint128> trace = number_of(text.substr(kTraceAt, kTraceDigits));
  const std::optional<uint128> parent = number_of(text.substr(kParentAt, kParentDigits));
  const std::optional<uint128> flags = number_of(text.substr(kFlagsAt));
  const bool valid = trace && parent && flags && *trace != 0 && *parent != 0;
  return valid ? CorrelationId(*trace) : own;
}

}  // namespace keel::servers
