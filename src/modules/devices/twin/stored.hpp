// A part of a twin as its rows keep it: the tree with its times, in the order of the keys.
//
// A node is: its kind (1 byte: 0 leaf, 1 object), its time (8, nanoseconds since 1970), then of a
// leaf the length of its JSON (4) and the JSON; of an object the number of members (4), and of each
// the length of its key (2), the key and its node. Integers little-endian. For ever: snapshots hold
// it.
#pragma once

#include "base/bytes.hpp"
#include "modules/devices/twin/node.hpp"

namespace keel::devices {

Bytes stored_form(const Node& node);
// Of what stored_form() has made; asserts that it is. No bytes: an object without members.
Node from_stored_form(ByteView bytes);

}  // namespace keel::devices
