#include "wire/mqtt/topic/subject.hpp"

#include "wire/mqtt/topic/errors.hpp"
#include "wire/mqtt/topic/topic.hpp"

namespace keel::mqtt {
namespace {

bool is_subject_wildcard(std::string_view level) noexcept {
  return level == "*" || level == ">";
}

void append_token(std::string& subject, std::string_view level) {
  if (level.empty()) subject += '/';
  for (const char c : level) {
    if (c == '.') {
      subject += "//";
    } else {
      subject += c;
    }
  }
}

// False for a token that no level maps to.
bool append_level(std::string& topic, std::string_view token) {
  if (token.empty() || is_subject_wildcard(token)) return false;
  if (token == "/") return true;
  for (std::size_t at = 0; at < token.size(); ++at) {
    if (token[at] != '/') {
      topic += token[at];
      continue;
    }
    if (token.substr(at, 2) != "//") return false;
    topic += '.';
    ++at;
  }
  return true;
}

}  // namespace

Result<std::string> subject_of_topic(std::string_view topic) {
  if (topic.empty() || has_wildcard(topic)) return kBadTopicName;
  auto subject = subject_of_filter(topic);
  if (!subject.ok()) return kBadTopicName;
  return subject;
}

Result<std::string> subject_of_filter(std::string_view filter) {
  std::string subject;
  LevelReader levels(filter);
  for (bool first = true; !levels.done(); first = false) {
    const std::string_view level = levels.next();
    if (is_subject_wildcard(level)) return kBadTopicFilter;
    if (!first) subject += '.';
    if (level == "+") {
      subject += '*';
    } else if (level == "#") {
      subject += '>';
    } else {
      append_token(subject, level);
    }
  }
  return subject;
}

Result<std::string> topic_of_subject(std::string_view subject) {
  std::string topic;
  for (bool first = true;; first = false) {
    const std::size_t dot = subject.find('.');
    if (!first) topic += '/';
    if (!append_level(topic, subject.substr(0, dot))) return kBadTopicName;
    if (dot == std::string_view::npos) break;
    subject.remove_prefix(dot + 1);
  }
  if (topic.empty() || has_wildcard(topic)) return kBadTopicName;
  return topic;
}

}  // namespace keel::mqtt
