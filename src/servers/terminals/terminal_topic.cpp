#include "servers/terminals/terminal_topic.hpp"

namespace keel::servers {
namespace {
constexpr std::string_view kRoot = "charging/";
}

bool parse_terminal_topic(std::string_view topic, TerminalTopic& parsed) noexcept {
  if (!topic.starts_with(kRoot)) return false;
  topic.remove_prefix(kRoot.size());
  const std::size_t slash = topic.find('/');
  if (slash == std::string_view::npos || slash == 0) return false;
  parsed = {.station = topic.substr(0, slash), .verb = topic.substr(slash + 1)};
  return !parsed.verb.contains('/');
}

std::string answer_topic(const TerminalTopic& topic) {
  return std::string(kRoot) + std::string(topic.station) + "/answers/" + std::string(topic.verb);
}

std::string call_topic(std::string_view station, std::string_view action) {
  return std::string(kRoot) + std::string(station) + "/calls/" + std::string(action);
}

}  // namespace keel::servers
