// How far two names are apart, to suggest the one that was meant.
#pragma once

#include <cstddef>
#include <string_view>

namespace keel {

// Levenshtein distance: insertions, removals and changes of a character. Takes left x right steps:
// callers bound what is foreign.
std::size_t edit_distance(std::string_view left, std::string_view right);

}  // namespace keel
