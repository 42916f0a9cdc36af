// MQTT topics and the subjects of streams are one space: "a/b/c" is "a.b.c", "+" is "*", "#" is
// ">". The mapping has one answer each way: an empty level is "/" (a subject has no empty token),
// and a "." within a level is "//".
//
//   a/b/c  <->  a.b.c      /a  <->  /.a      a//b  <->  a./.b      a.b/c  <->  a//b.c
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace keel::mqtt {

// Of a topic name. kBadTopicName for a level "*" or ">", which a subject could not tell from a
// wildcard.
Result<std::string> subject_of_topic(std::string_view topic);
// Of a topic filter; kBadTopicFilter.
Result<std::string> subject_of_filter(std::string_view filter);
// Back. kBadTopicName for what no topic maps to; wildcards too.
Result<std::string> topic_of_subject(std::string_view subject);

}  // namespace keel::mqtt
