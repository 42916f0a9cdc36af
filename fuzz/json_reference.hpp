// RFC 8259's grammar, written down once more and as plainly as possible: whether a text is one JSON
// value with nothing but spaces around it. For fuzz targets, beside the reader that Keel uses.
#pragma once

#include <string_view>

namespace keel::fuzz {

bool is_json(std::string_view text);

}  // namespace keel::fuzz
