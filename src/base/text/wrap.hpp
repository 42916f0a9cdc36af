// Text in lines of a bounded width, for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace keel {

struct Wrap {
  std::size_t columns = 80;
  std::size_t indent = 0;   // of every line
  std::size_t hanging = 0;  // more, for the lines behind the first
};

// Appends the words of `text`, parted by single spaces and line ends. A word that is wider than a
// line stands on one of its own. Counts bytes: for ASCII.
void append_wrapped(std::string& to, std::string_view text, Wrap wrap);

}  // namespace keel
