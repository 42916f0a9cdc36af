// Media types and what a client accepts (RFC 9110, sections 8.3.1 and 12.5.1).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace keel::http {

// "application/json; charset=utf-8": views into the text that was parsed.
struct MediaType {
  std::string_view type;        // "application"
  std::string_view subtype;     // "json"
  std::string_view parameters;  // "charset=utf-8", checked but not taken apart

  // Whether this is `essence`, as "application/json", in any case and with any parameters.
  bool is(std::string_view essence) const noexcept;
};

// kBadMediaType when `text` is not one.
Result<MediaType> parse_media_type(std::string_view text [[clang::lifetimebound]]);

// How much a client wants `essence`, by its Accept header: 0 (not at all) to 1000. The most
// specific range that matches decides; parameters other than q are not compared. An empty header
// accepts everything.
Result<std::uint16_t> accept_quality(std::string_view accept, std::string_view essence);

}  // namespace keel::http
