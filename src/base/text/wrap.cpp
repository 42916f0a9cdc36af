#include "base/text/wrap.hpp"

namespace keel {

void append_wrapped(std::string& to, std::string_view text, Wrap wrap) {
  constexpr std::string_view kSpaces = " \n\t";
  std::size_t used = 0;  // columns of the line so far; 0: nothing stands on it
  bool first_line = true;
  while (true) {
    const auto start = text.find_first_not_of(kSpaces);
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const std::string_view word = text.substr(0, text.find_first_of(kSpaces));
    text.remove_prefix(word.size());
    if (used != 0 && used + 1 + word.size() > wrap.columns) {
      to += '\n';
      used = 0;
      first_line = false;
    }
    if (used == 0) {
      used = wrap.indent + (first_line ? 0 : wrap.hanging);
      to.append(used, ' ');
    } else {
      to += ' ';
      ++used;
    }
    to += word;
    used += word.size();
  }
  if (used != 0) to += '\n';
}

}  // namespace keel
