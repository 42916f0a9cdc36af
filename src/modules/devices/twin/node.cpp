#include "modules/devices/twin/node.hpp"

#include <algorithm>

#include "modules/devices/twin/json_text.hpp"

namespace keel::devices {

const Node* Node::find(std::string_view key) const {
  const auto at = std::ranges::lower_bound(members, key, {}, &Member::key);
  return at == members.end() || at->key != key ? nullptr : &at->node;
}

TwinSize size_of(const Node& node) {
  if (!node.is_object()) return {.bytes = node.text.size()};
  TwinSize size{.bytes = 2, .depth = 1};
  if (!node.members.empty()) size.bytes += node.members.size() - 1;  // commas
  for (const Member& member : node.members) {
    const TwinSize inner = size_of(member.node);
    size.bytes += json_text_size(member.key) + 1 + inner.bytes;
    size.depth = std::max(size.depth, inner.depth + 1);
    size.keys += 1 + inner.keys;
  }
  return size;
}

}  // namespace keel::devices
