#include "modules/devices/decide/decision.hpp"

#include <algorithm>

#include "base/text/utf8.hpp"

namespace keel::devices {
namespace {

Error bad(std::string_view field, std::string_view what) {
  return {kBadRequest, std::string(field) + ": " + std::string(what)};
}

constexpr bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == ':' || c == '-';
}

}  // namespace

Result<> check_name(std::string_view field, std::string_view value, std::size_t most) {
  if (value.empty() || value.size() > most) {
    return bad(field, std::to_string(value.size()) + " bytes, 1 to " + std::to_string(most) +
                          " are wanted");
  }
  if (!std::ranges::all_of(value, is_name_character)) {
    return bad(field, "only A-Z, a-z, 0-9 and . _ : - are allowed");
  }
  return success();
}

Result<> check_text(std::string_view field, std::string_view value, std::size_t most) {
  if (value.size() > most) {
    return bad(field, std::to_string(value.size()) + " bytes, at most " + std::to_string(most));
  }
  if (value.contains('\0') || !is_utf8(value)) return bad(field, "not a text in UTF-8");
  return success();
}

Result<> check_range(std::string_view field, std::uint64_t value, std::uint64_t least,
                     std::uint64_t most) {
  if (value >= least && value <= most) return success();
  return bad(field, "got " + std::to_string(value) + ", " + std::to_string(least) + " to " +
                        std::to_string(most) + " are wanted");
}

Result<> room_in(const kernel::TableBase& table, std::uint64_t rows) {
  if (table.rows() + rows <= table.max_rows()) return success();
  return Error(kTooMany, std::string(table.name()) + ": " + std::to_string(table.rows()) + " of " +
                             std::to_string(table.max_rows()) + " are kept");
}

}  // namespace keel::devices
