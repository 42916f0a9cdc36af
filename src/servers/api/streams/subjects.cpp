#include "servers/api/streams/subjects.hpp"

#include "servers/api/errors.hpp"
#include "wire/mqtt/topic/topic.hpp"

namespace keel::servers {
namespace {

std::string with_levels(std::string_view text) {
  std::string topic(text);
  if (text.find('/') != std::string_view::npos) return topic;
  for (std::size_t at = 0; at < topic.size(); ++at) {
    char& c = topic[at];
    const bool is_alone =
        (at == 0 || text[at - 1] == '.') && (at + 1 == text.size() || text[at + 1] == '.');
    if (c == '.') c = '/';
    if (c == '*' && is_alone) c = '+';
    if (c == '>' && is_alone) c = '#';
  }
  return topic;
}

Error bad(std::string_view field, std::string_view text, std::string_view what) {
  return {kBadParameter, std::string(field) + ": got \"" + std::string(text) + "\", expected " +
                             std::string(what)};
}

}  // namespace

Result<std::string> topic_of(std::string_view field, std::string_view text) {
  std::string topic = with_levels(text);
  if (mqtt::check_topic_name(topic).ok()) return topic;
  return bad(field, text, "a topic: a/b/c or a.b.c, without wildcards");
}

Result<std::string> filter_of(std::string_view field, std::string_view text) {
  std::string filter = with_levels(text);
  const bool is_shared = filter.starts_with(mqtt::kSharePrefix);
  if (!is_shared && mqtt::check_topic_filter(filter).ok()) return filter;
  return bad(field, text, "a filter: a/+/c, a/# or a.*.c, a.>");
}

}  // namespace keel::servers
