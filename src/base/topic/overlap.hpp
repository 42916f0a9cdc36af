// Whether two topic filters have a topic in common. As topic_filter.hpp: nothing recurses or
// allocates, and both filters are valid.
#pragma once

#include <string_view>

namespace keel::topic {

// Some topic matches both. Time is linear in the lengths.
bool overlap(std::string_view a, std::string_view b) noexcept;

}  // namespace keel::topic
