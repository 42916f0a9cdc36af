// A topic or a filter as a client of the API writes it: with "/" between the levels as in MQTT, or,
// without any "/", with "." as in NATS; what comes of it is the topic (docs/streams.md).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace keel::servers {

// kBadParameter: `field` is no topic; no filter.
Result<std::string> topic_of(std::string_view field, std::string_view text);
Result<std::string> filter_of(std::string_view field, std::string_view text);

}  // namespace keel::servers
