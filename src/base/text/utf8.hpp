// UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <string_view>

namespace keel {

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// The bytes of the character that starts `text`, or 0 where no well-formed one does. `text` is not
// empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

// Characters of a text that is UTF-8.
[[nodiscard]] std::size_t utf8_characters(std::string_view text) noexcept;

}  // namespace keel
