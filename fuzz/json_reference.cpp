#include "json_reference.hpp"

#include <string>

namespace keel::fuzz {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr int kDeepest = 500;

class Grammar {
 public:
  explicit Grammar(std::string_view text) : rest_(text) {}

  bool document() { return value(0) && rest_.empty(); }

 private:
  bool next_is(char letter) const { return !rest_.empty() && rest_.front() == letter; }
  bool next_is_one_of(std::string_view letters) const {
    return !rest_.empty() && letters.find(rest_.front()) != std::string_view::npos;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void spaces() {
    while (next_is_one_of(" \t\r\n")) rest_.remove_prefix(1);
  }
  // At least one digit.
  bool digits() {
    if (!next_is_one_of(kDigits)) return false;
    while (next_is_one_of(kDigits)) rest_.remove_prefix(1);
    return true;
  }

  bool value(int depth) {
    if (depth > kDeepest) return false;
    spaces();
    const bool good = next_is('{')   ? list("{", "}", depth, true)
                      : next_is('[') ? list("[", "]", depth, false)
                      : next_is('"') ? text()
                                     : take("true") || take("false") || take("null") || number();
    spaces();
    return good;
  }

  bool list(std::string_view open, std::string_view close, int depth, bool keys) {
    take(open);
    spaces();
    if (take(close)) return true;
    do {
      spaces();
      if (keys && (!text() || !colon())) return false;
      if (!value(depth + 1)) return false;
    } while (take(","));
    return take(close);
  }
  bool colon() {
    spaces();
    return take(":");
  }

  bool number() {
    take("-");
    if (!take("0") && !digits()) return false;
    if (take(".") && !digits()) return false;
    if (take("e") || take("E")) {
      if (!take("+")) take("-");
      return digits();
    }
    return true;
  }

  bool text() {
    if (!take("\"")) return false;
    while (!rest_.empty() && !next_is('"')) {
      if (static_cast<unsigned char>(rest_.front()) < 0x20) return false;
      if (!next_is('\\')) {
        rest_.remove_prefix(1);
      } else if (!escape()) {
        return false;
      }
    }
    return take("\"");
  }
  bool escape() {
    take("\\");
    if (take("u")) {
      for (int i = 0; i < 4; ++i) {
        if (!next_is_one_of("0123456789abcdefABCDEF")) return false;
        rest_.remove_prefix(1);
      }
      return true;
    }
    if (!next_is_one_of("\"\\/bfnrt")) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

bool is_json(std::string_view text) {
  return Grammar(text).document();
}

}  // namespace keel::fuzz
