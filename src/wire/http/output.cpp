#include "wire/http/output.hpp"

#include <array>
#include <cstring>

#include "wire/http/errors.hpp"

namespace keel::http {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

void Output::append(std::string_view text) noexcept {
  if (failure_ != nullptr || text.empty()) return;
  if (space_.size() - size_ < text.size()) return fail(kOutputFull);
  std::memcpy(space_.subspan(size_, text.size()).data(), text.data(), text.size());
  size_ += text.size();
}

void Output::append_decimal(std::uint64_t value) noexcept {
  std::array<char, 20> digits;
  std::size_t first = digits.size();
  do {
    digits[--first] = kDigits[value % 10];
    value /= 10;
  } while (value != 0);
  append(std::string_view(digits.data(), digits.size()).substr(first));
}

void Output::append_hexadecimal(std::uint64_t value) noexcept {
  std::array<char, 16> digits;
  std::size_t first = digits.size();
  do {
    digits[--first] = kDigits[value % 16];
    value /= 16;
  } while (value != 0);
  append(std::string_view(digits.data(), digits.size()).substr(first));
}

Result<ByteView> Output::finish() const {
  if (failure_ != nullptr) return *failure_;
  return ByteView(space_.first(size_));
}

}  // namespace keel::http
