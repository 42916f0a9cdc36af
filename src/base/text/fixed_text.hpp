// FixedText: a short text inside a row: no allocation, zeros after its end.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/assert.hpp"

namespace keel {

template <std::size_t Size>
struct FixedText {
  std::array<char, Size> chars{};

  FixedText() = default;
  // `text` has at most Size bytes, and no zeros: whoever makes it has looked.
  explicit FixedText(std::string_view text) {
    KEEL_ASSERT(text.size() <= Size);
    std::ranges::copy(text, chars.begin());
  }

  std::string_view view() const [[clang::lifetimebound]] {
    const auto end = std::ranges::find(chars, '\0');
    return std::string_view(chars.data(), Size).substr(0, std::size_t(end - chars.begin()));
  }
  std::string str() const { return std::string(view()); }

  friend auto operator<=>(const FixedText&, const FixedText&) = default;
};

}  // namespace keel
