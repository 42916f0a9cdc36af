#include "modules/devices/twin/merge.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "modules/devices/twin/read_json.hpp"

namespace keel::devices {
namespace {

// Into a place where nothing stood: nulls in it mean nothing.
Node made_of(const Node& patch, Timestamp at) {
  if (!patch.is_object()) return {.kind = Node::Kind::leaf, .set_at = at, .text = patch.text};
  Node made;
  merge(made, patch, at);
  return made;
}

void merge_member(Node& target, const Member& patch, Member* before, Timestamp at) {
  if (patch.node.is_null()) return;
  if (before != nullptr && before->node.is_object() && patch.node.is_object()) {
    merge(before->node, patch.node, at);
    target.members.push_back(std::move(*before));
  } else {
    target.members.push_back({.key = patch.key, .node = made_of(patch.node, at)});
  }
}

// A number as digits without zeros at either end, and the power of ten of the last one.
struct Decimal {
  bool negative = false;
  std::string digits;  // empty: zero
  std::int64_t exponent = 0;
  friend bool operator==(const Decimal&, const Decimal&) = default;
};

bool is_number(std::string_view text) {
  return !text.empty() && (text.front() == '-' || (text.front() >= '0' && text.front() <= '9'));
}

// Of a number as RFC 8259 has it. Nothing: its exponent is beyond what is compared.
std::optional<Decimal> decimal_of(std::string_view text) {
  constexpr std::size_t kMostDigits = 9;
  Decimal number;
  number.negative = text.starts_with('-');
  if (number.negative) text.remove_prefix(1);
  const std::size_t mark = text.find_first_of("eE");
  if (mark != std::string_view::npos) {
    std::string_view power = text.substr(mark + 1);
    const bool is_negative = power.starts_with('-');
    if (is_negative || power.starts_with('+')) power.remove_prefix(1);
    if (power.size() > kMostDigits) return std::nullopt;
    for (const char digit : power) number.exponent = number.exponent * 10 + (digit - '0');
    if (is_negative) number.exponent = -number.exponent;
    text = text.substr(0, mark);
  }
  const std::size_t point = text.find('.');
  number.digits = text.substr(0, point);
  if (point != std::string_view::npos) {
    number.digits += text.substr(point + 1);
    number.exponent -= static_cast<std::int64_t>(text.size() - point - 1);
  }
  const std::size_t first = number.digits.find_first_not_of('0');
  if (first == std::string::npos) return Decimal{};  // minus zero too
  const std::size_t last = number.digits.find_last_not_of('0');
  number.exponent += static_cast<std::int64_t>(number.digits.size() - 1 - last);
  number.digits = number.digits.substr(first, last - first + 1);
  return number;
}

bool is_same_number(std::string_view left, std::string_view right) {
  const auto a = decimal_of(left);
  return a.has_value() && a == decimal_of(right);
}

// What was within the bounds when it came need not be within those of a part of it.
constexpr TwinLimits kNone{.bytes = std::size_t{1} << 40,
                           .depth = UINT32_MAX,
                           .keys = UINT32_MAX,
                           .key_bytes = SIZE_MAX,
                           .number_bytes = SIZE_MAX};

// The elements of a list in the written form: cut at the commas of its own level.
std::vector<Node> elements_of(const std::string& list) {
  std::vector<Node> elements;
  std::size_t first = 1;
  std::uint32_t depth = 0;
  bool in_text = false;
  for (std::size_t at = 1; at + 1 < list.size(); ++at) {
    const char c = list[at];
    if (in_text) {
      if (c == '\\') ++at;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      elements.push_back(read_value(list.substr(first, at - first), kNone).value());
      first = at + 1;
    }
  }
  if (list.size() > 2) {
    elements.push_back(read_value(list.substr(first, list.size() - 1 - first), kNone).value());
  }
  return elements;
}

}  // namespace

void merge(Node& target, const Node& patch, Timestamp at) {
  KEEL_ASSERT(patch.is_object());
  target.kind = Node::Kind::object;
  target.text.clear();
  target.set_at = at;
  std::vector<Member> before = std::exchange(target.members, {});
  target.members.reserve(before.size() + patch.members.size());
  auto old = before.begin();
  for (const Member& member : patch.members) {
    for (; old != before.end() && old->key < member.key; ++old) {
      target.members.push_back(std::move(*old));
    }
    Member* same = old != before.end() && old->key == member.key ? &*old++ : nullptr;
    merge_member(target, member, same, at);
  }
  for (; old != before.end(); ++old) target.members.push_back(std::move(*old));
}

bool is_same_value(const Node& left, const Node& right) {
  if (left.kind != right.kind) return false;
  if (left.is_object()) {
    return std::ranges::equal(left.members, right.members, [](const Member& a, const Member& b) {
      return a.key == b.key && is_same_value(a.node, b.node);
    });
  }
  if (left.text == right.text) return true;
  if (is_number(left.text) && is_number(right.text)) return is_same_number(left.text, right.text);
  if (!left.text.starts_with('[') || !right.text.starts_with('[')) return false;
  return std::ranges::equal(elements_of(left.text), elements_of(right.text), is_same_value);
}

Node delta_of(const Node& desired, const Node& reported) {
  Node delta{.set_at = desired.set_at};
  for (const Member& member : desired.members) {
    const Node* now = reported.find(member.key);
    if (now == nullptr) {
      delta.members.push_back(member);
    } else if (now->is_object() && member.node.is_object()) {
      Node inner = delta_of(member.node, *now);
      if (!inner.members.empty()) {
        delta.members.push_back({.key = member.key, .node = std::move(inner)});
      }
    } else if (!is_same_value(member.node, *now)) {
      delta.members.push_back(member);
    }
  }
  return delta;
}

}  // namespace keel::devices
