// The header fields of one message, as views into the bytes that the parser holds. They are valid
// exactly as long as the request or response that they came with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "wire/http/head/grammar.hpp"

namespace keel::http {

struct Header {
  std::string_view name;   // as sent; compare with equals_ignoring_case
  std::string_view value;  // without the white space around it; may hold bytes above 127
};

// Where a field stands in the message, from the message's first byte; survives a move of the
// buffer.
struct HeaderPlace {
  std::uint32_t name_at = 0;
  std::uint32_t name_size = 0;
  std::uint32_t value_at = 0;
  std::uint32_t value_size = 0;
};

class Headers {
 public:
  Headers() = default;
  Headers(std::string_view message, std::span<const HeaderPlace> places)
      : message_(message), places_(places) {}

  std::size_t size() const noexcept { return places_.size(); }
  bool empty() const noexcept { return places_.empty(); }

  Header operator[](std::size_t index) const {
    const HeaderPlace& place = places_[index];
    return {message_.substr(place.name_at, place.name_size),
            message_.substr(place.value_at, place.value_size)};
  }

  // The value of the first field of this name (any case); nothing when there is none.
  std::optional<std::string_view> find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].name_size != name.size()) continue;
      const Header header = (*this)[i];
      if (equals_ignoring_case(header.name, name)) return header.value;
    }
    return std::nullopt;
  }

  // How many fields have this name: a header that decides something is refused when it stands
  // twice.
  std::size_t count(std::string_view name) const noexcept {
    std::size_t found = 0;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (equals_ignoring_case((*this)[i].name, name)) ++found;
    }
    return found;
  }

 private:
  std::string_view message_;
  std::span<const HeaderPlace> places_;
};

}  // namespace keel::http
