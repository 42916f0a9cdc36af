#include "wire/ocpp/message.hpp"

#include <gtest/gtest.h>

namespace keel::ocpp {
namespace {

std::optional<ReadMessage> read(std::string_view text) {
  return read_message(text, {});
}

TEST(OcppMessage, reads_the_three_types) {
  const auto call = read(" [ 2 , \"a\\u0041\", \"Heartbeat\" , {\"x\":\"}]\\\"\"} ] ");
  ASSERT_TRUE(call.has_value());
  EXPECT_FALSE(call->defect.has_value());
  EXPECT_EQ(call->message.id, "a\\u0041");
  EXPECT_EQ(call->message.action, "Heartbeat");
  EXPECT_EQ(call->message.payload, "{\"x\":\"}]\\\"\"}");
  const auto result = read(R"([3,"i",{"a":[{}]}])");
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->message.type, MessageType::call_result);
  EXPECT_EQ(result->message.payload, R"({"a":[{}]})");
  const auto error = read(R"([4,"i","GenericError","why",{"a":1}])");
  ASSERT_TRUE(error.has_value());
  EXPECT_FALSE(error->defect.has_value());
  EXPECT_EQ(error->message.code, "GenericError");
  EXPECT_EQ(error->message.description, "why");
}

TEST(OcppMessage, an_error_may_leave_out_what_is_of_no_use) {
  EXPECT_FALSE(read(R"([4,"i","GenericError"])")->defect.has_value());
  EXPECT_FALSE(read(R"([4,"i","GenericError",""])")->defect.has_value());
}

TEST(OcppMessage, what_has_no_id_is_no_message) {
  for (const std::string_view text :
       {"", "[]", "{}", "}{not json", "[2]", "[2,7,\"Heartbeat\",{}]", "[2,\"\",\"Heartbeat\",{}]",
        "[99,\"a\",\"Foo\",{}]", "[2.0,\"a\",\"Foo\",{}]", "[2,\"a", "[2,\"a\nb\",\"Foo\",{}]"})
    EXPECT_FALSE(read(text).has_value()) << text;
  EXPECT_FALSE(read("[2,\"" + std::string(65, 'i') + "\",\"Foo\",{}]").has_value());
  EXPECT_FALSE(read_message(R"([2,"a","Foo",{}])", {.message_bytes = 10}).has_value());
}

TEST(OcppMessage, what_has_one_is_refused_by_it) {
  for (const std::string_view text :
       {R"([2,"a","Heartbeat"])", R"([2,"a","Heartbeat","text"])", R"([2,"a","Heartbeat",{})",
        R"([2,"a","Heartbeat",{}]x)", R"([2,"a","Heartbeat",{},1])", R"([2,"a",7,{}])",
        R"([2,"a","Heartbeat",null])"}) {
    const auto message = read(text);
    ASSERT_TRUE(message.has_value()) << text;
    EXPECT_EQ(message->defect, ErrorCode::protocol_error) << text;
    EXPECT_EQ(message->message.id, "a");
  }
  EXPECT_EQ(read("[2,\"a\",\"" + std::string(65, 'A') + "\",{}]")->defect,
            ErrorCode::not_implemented);
}

TEST(OcppMessage, depth_is_bounded) {
  const auto nested = [](int depth) {
    std::string text = "[2,\"a\",\"Foo\",";
    for (int i = 0; i < depth; ++i) text += "{\"a\":";
    text += "0";
    for (int i = 0; i < depth; ++i) text += "}";
    return text + "]";
  };
  EXPECT_FALSE(read(nested(16))->defect.has_value());
  EXPECT_EQ(read(nested(17))->defect, ErrorCode::protocol_error);
}

TEST(OcppMessage, writes_what_it_reads) {
  EXPECT_EQ(write_call("i", "Reset", R"({"type":"Hard"})"), R"([2,"i","Reset",{"type":"Hard"}])");
  EXPECT_EQ(write_result("a\\u0041", "{}"), R"([3,"a\u0041",{}])");
  EXPECT_EQ(write_error("i", ErrorCode::occurence_constraint_violation, "say \"why\""),
            R"([4,"i","OccurenceConstraintViolation","say \"why\"",{}])");
}

}  // namespace
}  // namespace keel::ocpp
