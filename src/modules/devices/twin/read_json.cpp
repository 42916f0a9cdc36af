#include "modules/devices/twin/read_json.hpp"

#include <algorithm>

#include "base/text/utf8.hpp"
#include "modules/devices/errors.hpp"
#include "modules/devices/twin/json_text.hpp"

namespace keel::devices {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Reader {
 public:
  Reader(std::string_view json, const TwinLimits& limits, bool has_own_keys)
      : json_(json), limits_(limits), has_own_keys_(has_own_keys) {}

  Result<Node> read_all() {
    Node node = KEEL_TRY(value(0));
    skip_spaces();
    if (at_ != json_.size()) return bad("nothing more is wanted behind the value");
    return node;
  }

 private:
  Error bad(std::string_view what) const { return at_error(kBadDocument, what); }
  Error large(std::string_view what) const { return at_error(kTooLarge, what); }
  Error at_error(const ErrorKind& kind, std::string_view what) const {
    return {kind, "at byte " + std::to_string(at_) + ": " + std::string(what)};
  }

  char peek() const { return at_ < json_.size() ? json_[at_] : '\0'; }
  bool take(char wanted) {
    if (at_ >= json_.size() || json_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void skip_spaces() {
    while (at_ < json_.size() && std::string_view(" \t\n\r").contains(json_[at_])) ++at_;
  }

  Result<Node> value(std::uint32_t depth) {
    skip_spaces();
    switch (peek()) {
      case '{':
        return object(depth + 1);
      case '[':
        return list(depth + 1);
      case '"': {
        Node node{.kind = Node::Kind::leaf};
        append_json_text(node.text, KEEL_TRY(text()));
        return node;
      }
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  Result<Node> word(std::string_view wanted) {
    if (!json_.substr(at_).starts_with(wanted)) return bad("expected a value");
    at_ += wanted.size();
    return Node{.kind = Node::Kind::leaf, .text = std::string(wanted)};
  }

  // Digits of one place of a number; none is an error.
  bool digits() {
    const std::size_t first = at_;
    while (is_digit(peek())) ++at_;
    return at_ != first;
  }
  Result<Node> number() {
    const std::size_t first = at_;
    static_cast<void>(take('-'));
    if (!take('0') && !digits()) return bad("expected a value");
    if (take('.') && !digits()) return bad("expected a digit behind the point");
    if (take('e') || take('E')) {
      if (!take('+')) static_cast<void>(take('-'));
      if (!digits()) return bad("expected a digit in the exponent");
    }
    const std::string_view text = json_.substr(first, at_ - first);
    if (text.size() > limits_.number_bytes) return large("a number is longer than it may be");
    return Node{.kind = Node::Kind::leaf, .text = std::string(text)};
  }

  Result<std::uint32_t> hex4() {
    std::uint32_t code = 0;
    for (int digit = 0; digit < 4; ++digit) {
      const char c = peek();
      const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
      if (!is_digit(c) && (lower < 'a' || lower > 'f')) return bad("expected 4 hexadecimal digits");
      code = code * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : lower - 'a' + 10);
      ++at_;
    }
    return code;
  }
  // Behind "\u".
  Result<> code_point(std::string& to) {
    std::uint32_t code = KEEL_TRY(hex4());
    if (code >= 0xdc00 && code <= 0xdfff) return bad("half of a character");
    if (code >= 0xd800 && code <= 0xdbff) {
      if (!take('\\') || !take('u')) return bad("half of a character");
      const std::uint32_t low = KEEL_TRY(hex4());
      if (low < 0xdc00 || low > 0xdfff) return bad("half of a character");
      code = 0x10000 + ((code - 0xd800) << 10u) + (low - 0xdc00);
    }
    const auto put = [&to](std::uint32_t byte) { to += static_cast<char>(byte); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xc0 | code >> 6u), put(0x80 | (code & 63u));
    } else if (code < 0x10000) {
      put(0xe0 | code >> 12u), put(0x80 | (code >> 6u & 63u)), put(0x80 | (code & 63u));
    } else {
      put(0xf0 | code >> 18u), put(0x80 | (code >> 12u & 63u));
      put(0x80 | (code >> 6u & 63u)), put(0x80 | (code & 63u));
    }
    return success();
  }
  Result<> escape(std::string& to) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    if (take('u')) return code_point(to);
    const std::size_t which = at_ < json_.size() ? kNames.find(json_[at_]) : std::string::npos;
    if (which == std::string_view::npos) return bad("no such escape");
    to += kMeant[which];
    ++at_;
    return success();
  }
  // What stands between the quotation marks.
  Result<std::string> text() {
    if (!take('"')) return bad("expected a text");
    std::string value;
    while (!take('"')) {
      if (at_ >= json_.size()) return bad("a text that does not end");
      if (take('\\')) {
        KEEL_TRY(escape(value));
        continue;
      }
      const std::size_t length = utf8_length(json_.substr(at_));
      if (length == 0) return bad("not UTF-8");
      if (static_cast<unsigned char>(json_[at_]) < 0x20) return bad("a control character");
      value += json_.substr(at_, length);
      at_ += length;
    }
    return value;
  }

  Result<Node> object(std::uint32_t depth) {
    if (depth > limits_.depth) return large("deeper than it may be");
    ++at_;
    Node node;
    skip_spaces();
    if (take('}')) return node;
    do {
      skip_spaces();
      Member member{.key = KEEL_TRY(text()), .node = {}};
      if (member.key.empty()) return bad("an empty key");
      if (member.key.size() > limits_.key_bytes) return large("a key is longer than it may be");
      if (has_own_keys_ && lists_ == 0 && member.key.starts_with('$')) {
        return bad("a key that begins with \"$\" is the twin's own");
      }
      if (++keys_ > limits_.keys) return large("more keys than it may have");
      skip_spaces();
      if (!take(':')) return bad("expected ':'");
      member.node = KEEL_TRY(value(depth));
      node.members.push_back(std::move(member));
      skip_spaces();
    } while (take(','));
    if (!take('}')) return bad("expected ',' or '}'");
    std::ranges::sort(node.members, {}, &Member::key);
    if (std::ranges::adjacent_find(node.members, {}, &Member::key) != node.members.end()) {
      return bad("a key stands twice in the object that ends here");
    }
    return node;
  }

  Result<Node> list(std::uint32_t depth) {
    if (depth > limits_.depth) return large("deeper than it may be");
    ++at_;
    ++lists_;
    Node node{.kind = Node::Kind::leaf, .text = "["};
    skip_spaces();
    if (!take(']')) {
      do {
        if (node.text.size() > 1) node.text += ',';
        append_json(node.text, KEEL_TRY(value(depth)));
        skip_spaces();
      } while (take(','));
      if (!take(']')) return bad("expected ',' or ']'");
    }
    --lists_;
    node.text += ']';
    return node;
  }

  std::string_view json_;
  const TwinLimits& limits_;
  bool has_own_keys_;
  std::size_t at_ = 0;
  std::uint32_t keys_ = 0;
  std::uint32_t lists_ = 0;  // that are open
};

// A document may have spaces, and be written with more bytes than it is kept with.
constexpr std::size_t kMostSpaces = 4;

Result<Node> read(std::string_view json, const TwinLimits& limits, bool has_own_keys) {
  if (json.size() > kMostSpaces * limits.bytes) {
    return Error(kTooLarge, std::to_string(json.size()) + " bytes, at most " +
                                std::to_string(kMostSpaces * limits.bytes) + " are read");
  }
  Node node = KEEL_TRY(Reader(json, limits, has_own_keys).read_all());
  const std::size_t bytes = size_of(node).bytes;
  if (bytes <= limits.bytes) return node;
  return Error(kTooLarge, std::to_string(bytes) + " bytes without spaces, at most " +
                              std::to_string(limits.bytes));
}

}  // namespace

Result<Node> read_document(std::string_view json, const TwinLimits& limits) {
  Node node = KEEL_TRY(read(json, limits, true));
  if (!node.is_object()) return Error(kBadDocument, "at byte 0: an object is wanted");
  return node;
}

Result<Node> read_value(std::string_view json, const TwinLimits& limits) {
  return read(json, limits, false);
}

}  // namespace keel::devices
