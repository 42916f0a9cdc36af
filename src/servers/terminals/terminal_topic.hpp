// The topics of terminals: "charging/STATION/VERB" is what one says,
// "charging/STATION/answers/VERB" what it is answered, "charging/STATION/calls/ACTION" what it is
// asked to do.
//
// A station's name is a level: one with "/", "+" or "#" in it cannot speak over MQTT.
#pragma once

#include <string>
#include <string_view>

namespace keel::servers {

struct TerminalTopic {
  std::string_view station;  // not empty
  std::string_view verb;
};

// False: it is no topic that a terminal says something in. (Its answers are not.)
bool parse_terminal_topic(std::string_view topic, TerminalTopic& parsed) noexcept;

std::string answer_topic(const TerminalTopic& topic);
std::string call_topic(std::string_view station, std::string_view action);

// What a station may do that proves its name with its secret: "%u" is its name.
inline constexpr std::string_view kStationPublishes = "charging/%u/+";
inline constexpr std::string_view kStationHearsAnswers = "charging/%u/answers/#";
inline constexpr std::string_view kStationHearsCalls = "charging/%u/calls/#";

}  // namespace keel::servers
