// Kinds of error of wire/mqtt (250-285; 250-254 are of topic/).
#pragma once

#include "base/error.hpp"

namespace keel::mqtt {

inline constexpr ErrorKind kBadTopicName{250, "mqtt.bad_topic_name", ErrorClass::invalid};
inline constexpr ErrorKind kBadTopicFilter{251, "mqtt.bad_topic_filter", ErrorClass::invalid};
// Well-formed, but longer or deeper than this server takes.
inline constexpr ErrorKind kTopicTooLong{252, "mqtt.topic_too_long", ErrorClass::invalid};
inline constexpr ErrorKind kBadPattern{253, "mqtt.bad_pattern", ErrorClass::invalid};
inline constexpr ErrorKind kTooManySubscriptions{254, "mqtt.too_many_subscriptions",
                                                 ErrorClass::overload};

}  // namespace keel::mqtt
