#include "modules/devices/twin/stored.hpp"

#include <array>

namespace keel::devices {
namespace {

template <StoredInteger T>
void put(Bytes& to, T value) {
  std::array<std::byte, sizeof(T)> bytes{};
  ByteWriter(bytes).write(value);
  append(to, bytes);
}

void put_node(Bytes& to, const Node& node) {
  put(to, static_cast<std::uint8_t>(node.is_object() ? 1 : 0));
  put(to, node.set_at.ns);
  if (!node.is_object()) {
    put(to, static_cast<std::uint32_t>(node.text.size()));
    append(to, as_bytes(node.text));
    return;
  }
  put(to, static_cast<std::uint32_t>(node.members.size()));
  for (const Member& member : node.members) {
    put(to, static_cast<std::uint16_t>(member.key.size()));
    append(to, as_bytes(member.key));
    put_node(to, member.node);
  }
}

Node take_node(ByteReader& from) {
  const bool is_object = from.read<std::uint8_t>().value() == 1;
  Node node{.kind = is_object ? Node::Kind::object : Node::Kind::leaf};
  node.set_at.ns = from.read<std::int64_t>().value();
  const std::uint32_t count = from.read<std::uint32_t>().value();
  if (!is_object) {
    node.text = as_text(from.take(count).value());
    return node;
  }
  node.members.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t length = from.read<std::uint16_t>().value();
    Member member{.key = std::string(as_text(from.take(length).value())), .node = {}};
    member.node = take_node(from);
    node.members.push_back(std::move(member));
  }
  return node;
}

}  // namespace

Bytes stored_form(const Node& node) {
  Bytes bytes;
  put_node(bytes, node);
  return bytes;
}

Node from_stored_form(ByteView bytes) {
  if (bytes.empty()) return {};
  ByteReader reader(bytes);
  Node node = take_node(reader);
  KEEL_ASSERT(reader.empty());
  return node;
}

}  // namespace keel::devices
