#include "base/text/rfc3339.hpp"

#include "base/checked.hpp"
#include "base/errors.hpp"

namespace keel {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

void append_padded(std::string& to, std::uint64_t value, std::size_t width) {
  std::array<char, 20> digits;
  for (std::size_t at = width; at > 0; --at, value /= 10) {
    digits[at - 1] = static_cast<char>('0' + value % 10);
  }
  to.append(std::string_view(digits.data(), width));
}

// Takes fixed parts off the front of a text; remembers whether one was missing.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::int64_t digits(std::size_t count) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!next_is_digit()) return refuse();
      value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    return value;
  }
  // One of the characters of `choice`; answers with it.
  char one_of(std::string_view choice) {
    if (text_.empty() || choice.find(text_.front()) == std::string_view::npos) {
      refuse();
      return '\0';
    }
    const char found = text_.front();
    text_.remove_prefix(1);
    return found;
  }
  bool next_is_digit() const {
    return !text_.empty() && text_.front() >= '0' && text_.front() <= '9';
  }
  bool next_is(char character) const { return text_.starts_with(character); }
  // The text is not what it should be: nothing more is found in it.
  std::int64_t refuse() {
    good_ = false;
    text_ = {};
    return 0;
  }
  bool ended_well() const { return good_ && text_.empty(); }

 private:
  std::string_view text_;
  bool good_ = true;
};

std::int64_t scan_fraction(Scanner& scanner) {
  if (!scanner.next_is('.')) return 0;
  scanner.one_of(".");
  std::int64_t ns = 0;
  std::int64_t unit = kSecond / 10;
  do {
    ns += scanner.digits(1) * unit;
    unit /= 10;
  } while (unit > 0 && scanner.next_is_digit());
  return ns;
}

std::int64_t scan_offset_seconds(Scanner& scanner) {
  const char sign = scanner.one_of("Zz+-");
  if (sign != '+' && sign != '-') return 0;
  const std::int64_t hours = scanner.digits(2);
  scanner.one_of(":");
  const std::int64_t minutes = scanner.digits(2);
  if (hours > 23 || minutes > 59) scanner.refuse();
  const std::int64_t seconds = hours * 3'600 + minutes * 60;
  return sign == '+' ? seconds : -seconds;
}

}  // namespace

void append_rfc3339_ms(std::string& to, Timestamp moment) {
  append_rfc3339(to, moment);
  to.resize(to.size() - 7);
  to += 'Z';
}

void append_rfc3339(std::string& to, Timestamp moment) {
  using namespace std::chrono;
  // Towards the past, and without a product that could leave 64 bits: the first second is not a
  // whole one.
  const std::int64_t rest = moment.ns % kSecond;
  const sys_seconds time{seconds(moment.ns / kSecond - (rest < 0 ? 1 : 0))};
  const auto ns = static_cast<std::uint64_t>(rest < 0 ? rest + kSecond : rest);
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const auto second = static_cast<std::uint64_t>((time - midnight).count());
  append_padded(to, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  to += '-';
  append_padded(to, static_cast<unsigned>(date.month()), 2);
  to += '-';
  append_padded(to, static_cast<unsigned>(date.day()), 2);
  to += 'T';
  append_padded(to, second / 3'600, 2);
  to += ':';
  append_padded(to, second / 60 % 60, 2);
  to += ':';
  append_padded(to, second % 60, 2);
  to += '.';
  append_padded(to, ns, 9);
  to += 'Z';
}

Result<Timestamp> timestamp_from_rfc3339(std::string_view text) {
  using namespace std::chrono;
  Scanner scanner(text);
  const auto year_number = static_cast<int>(scanner.digits(4));
  scanner.one_of("-");
  const auto month_number = static_cast<unsigned>(scanner.digits(2));
  scanner.one_of("-");
  const auto day_number = static_cast<unsigned>(scanner.digits(2));
  scanner.one_of("Tt");
  const std::int64_t hour = scanner.digits(2);
  scanner.one_of(":");
  const std::int64_t minute = scanner.digits(2);
  scanner.one_of(":");
  const std::int64_t second = scanner.digits(2);
  const std::int64_t fraction_ns = scan_fraction(scanner);
  const std::int64_t offset_seconds = scan_offset_seconds(scanner);
  if (!scanner.ended_well()) return Error(kBadText, "not of the form 2026-11-23T15:04:05Z");

  const year_month_day date{year(year_number), month(month_number), day(day_number)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) {
    return Error(kOutOfRange, "no such date or time of day");
  }
  const std::int64_t since_epoch =
      sys_days(date).time_since_epoch().count() * std::int64_t{86'400} + hour * 3'600 +
      minute * 60 + second - offset_seconds;
  // In 128 bits, so that the earliest second, which lies partly out of range, needs no case of its
  // own.
  const auto ns = checked_cast<std::int64_t>(int128{since_epoch} * kSecond + fraction_ns);
  if (!ns) return Error(kOutOfRange, "outside 1677-09-21 to 2262-04-11");
  return Timestamp{*ns};
}

}  // namespace keel
