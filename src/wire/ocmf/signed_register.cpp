#include "wire/ocmf/signed_register.hpp"

#include "base/text/scaled_decimal.hpp"

namespace keel::ocmf {
namespace {

constexpr int kMostDepth = 8;

// Reads a JSON text from its beginning; each step is false when the text is not of that form.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool next_is(char character) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    if (!rest_.starts_with(character)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // A text or another scalar, as it is written, without the quotation marks.
  bool scalar(std::string_view& value) {
    if (!next_is('"')) return bare(value);
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) return false;
    value = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool skip(int depth = 0) {
    std::string_view ignored;
    if (depth > kMostDepth) return false;
    if (next_is('{')) {
      if (next_is('}')) return true;
      do {
        if (!scalar(ignored) || !next_is(':') || !skip(depth + 1)) return false;
      } while (next_is(','));
      return next_is('}');
    }
    if (next_is('[')) {
      if (next_is(']')) return true;
      do {
        if (!skip(depth + 1)) return false;
      } while (next_is(','));
      return next_is(']');
    }
    return scalar(ignored);
  }

 private:
  bool bare(std::string_view& value) {
    const std::size_t end = std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size());
    value = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return end > 0 && value.find_first_of("[{\":") == std::string_view::npos;
  }

  std::string_view rest_;
};

struct Readings {
  std::string_view value, unit, code;

  bool read_one(Scanner& json) {
    if (!json.next_is('{')) return false;
    if (json.next_is('}')) return true;
    do {
      std::string_view key;
      if (!json.scalar(key) || !json.next_is(':')) return false;
      std::string_view* const into = key == "RV"   ? &value
                                     : key == "RU" ? &unit
                                     : key == "RI" ? &code
                                                   : nullptr;
      if (into == nullptr ? !json.skip() : !json.scalar(*into)) return false;
    } while (json.next_is(','));
    return json.next_is('}');
  }
  bool read_all(Scanner& json) {
    if (!json.next_is('[')) return false;
    do {
      value = {};
      if (!read_one(json)) return false;
    } while (json.next_is(','));
    return json.next_is(']');
  }
  std::optional<std::uint64_t> wh() const {
    const bool is_imported = code.empty() || code.contains("1.8.0") || code.contains("01.08.00");
    const std::int64_t factor = unit == "kWh" ? 1'000 : unit == "Wh" ? 1 : 0;
    if (!is_imported || factor == 0) return std::nullopt;
    const auto amount = scaled_decimal(value, factor);
    if (!amount || *amount < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*amount);
  }
};

}  // namespace

std::optional<std::uint64_t> signed_register_wh(std::string_view payload) {
  Scanner json(payload);
  Readings readings;
  bool has_readings = false;
  if (!json.next_is('{')) return std::nullopt;
  do {
    std::string_view key;
    if (!json.scalar(key) || !json.next_is(':')) return std::nullopt;
    const bool is_list = key == "RD" && !has_readings;
    if (is_list ? !readings.read_all(json) : !json.skip()) return std::nullopt;
    has_readings = has_readings || is_list;
  } while (json.next_is(','));
  if (!json.next_is('}') || !has_readings) return std::nullopt;
  return readings.wh();
}

bool names_somebody(std::string_view payload) {
  Scanner json(payload);
  if (!json.next_is('{')) return true;
  do {
    std::string_view key;
    if (!json.scalar(key) || !json.next_is(':')) return true;
    std::string_view value;
    if (key != "ID") {
      if (!json.skip()) return true;
    } else if (!json.scalar(value) || !(value.empty() || value == "null")) {
      return true;
    }
  } while (json.next_is(','));
  return !json.next_is('}');
}

}  // namespace keel::ocmf
