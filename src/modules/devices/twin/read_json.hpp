// Reads a JSON document (RFC 8259) that is to go into a twin, strictly: nothing before or behind it
// but spaces, UTF-8 only, no lone surrogates, no key twice in one object, no empty key and, outside
// of lists, none that begins with "$" (those are the twin's own: "$version", "$updated").
//
// Bounds: TwinLimits; what is over one is refused while it is read. Pure; no recursion deeper than
// TwinLimits::depth.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "modules/devices/twin/node.hpp"

namespace keel::devices {

// An object; times are zero. kBadDocument, kTooLarge: the sentence says at which byte.
Result<Node> read_document(std::string_view json, const TwinLimits& limits = {});

// Any value: what a method is called with, or answers. The same rules, but for "$".
Result<Node> read_value(std::string_view json, const TwinLimits& limits = {});

}  // namespace keel::devices
