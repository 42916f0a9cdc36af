// The one form in which a twin's JSON is written: no spaces, keys in the order of their bytes,
// numbers as they came, texts escaped only where RFC 8259 asks for it. So equal documents have
// equal bytes, and the state hash does not depend on who wrote them.
#pragma once

#include <string>
#include <string_view>

#include "modules/devices/twin/node.hpp"

namespace keel::devices {

// A text with its quotation marks. `text` is UTF-8.
void append_json_text(std::string& to, std::string_view text);
std::size_t json_text_size(std::string_view text);

// The value.
void append_json(std::string& to, const Node& node);
std::string json_of(const Node& node);

// The times: {"$updated":"2026-…","lamp":{"$updated":…}}, an object of the same shape where every
// leaf is an object with its time. `version` is that of the whole part, written as "$version".
void append_times(std::string& to, const Node& node, std::uint64_t version);

}  // namespace keel::devices
