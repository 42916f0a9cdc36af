#include "wire/mqtt/topic/subject.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/mqtt/topic/errors.hpp"
#include "wire/mqtt/topic/topic.hpp"

namespace keel::mqtt {
namespace {

TEST(Subject, is_a_topic_with_dots) {
  struct Row {
    const char* topic;
    const char* subject;
  };
  for (const Row& row : {Row{"a/b/c", "a.b.c"}, Row{"/a", "/.a"}, Row{"a//b", "a./.b"},
                         Row{"a.b/c", "a//b.c"}, Row{"/", "/./"}, Row{"a/", "a./"}, Row{".", "//"},
                         Row{"$SYS/x", "$SYS.x"}, Row{"a*b", "a*b"}}) {
    EXPECT_EQ(*subject_of_topic(row.topic), row.subject);
    EXPECT_EQ(*topic_of_subject(row.subject), row.topic);
  }
  EXPECT_EQ(*subject_of_filter("a/+/#"), "a.*.>");
}

TEST(Subject, has_no_wildcard_of_a_topic) {
  for (const char* bad : {"", "*", "a/>", "a/*/b", "+", "a/#"}) {
    EXPECT_TRUE(subject_of_topic(bad).error().is(kBadTopicName)) << bad;
  }
  EXPECT_TRUE(subject_of_filter("a/*").error().is(kBadTopicFilter));
  for (const char* bad : {"", "a..b", "a.*", ">", "a/b", "a.b/", "a.+", "///"}) {
    EXPECT_TRUE(topic_of_subject(bad).error().is(kBadTopicName)) << bad;
  }
}

RC_GTEST_PROP(Subject, comes_back_as_the_same_topic, ()) {
  const auto picks = *rc::gen::nonEmpty(
      rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab/.*>"))));
  const auto subject = subject_of_topic(picks);
  if (!subject.ok()) return;
  RC_ASSERT(*topic_of_subject(*subject) == picks);
}

}  // namespace
}  // namespace keel::mqtt
