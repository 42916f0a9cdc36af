// UTF-8 encoded strings (MQTT 5, section 1.5.4).
#pragma once

#include <string_view>

namespace keel::mqtt {

// Well-formed UTF-8 without U+0000 [MQTT-1.5.4-1] [MQTT-1.5.4-2]. What a receiver may refuse is
// refused too: control characters and non-characters. U+FEFF is kept [MQTT-1.5.4-3].
[[nodiscard]] bool is_mqtt_text(std::string_view text) noexcept;

}  // namespace keel::mqtt
