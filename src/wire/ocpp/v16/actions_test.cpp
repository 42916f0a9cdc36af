#include "wire/ocpp/v16/actions.hpp"

#include <gtest/gtest.h>

#include <set>

namespace keel::ocpp::v16 {
namespace {

TEST(Ocpp16Actions, each_stands_once_and_is_found) {
  std::set<std::string_view> names;
  std::size_t spoken = 0;
  for (const ActionInfo& action : actions()) {
    EXPECT_TRUE(names.insert(action.name).second) << action.name;
    EXPECT_EQ(find_action(action.name), &action);
    if (action.supported()) ++spoken;
  }
  EXPECT_EQ(names.size(), 39u);
  EXPECT_EQ(spoken, 34u);
  EXPECT_EQ(find_action("heartbeat"), nullptr);
}

TEST(Ocpp16Actions, say_who_may_ask) {
  EXPECT_TRUE(find_action("Heartbeat")->may_ask(Asks::station));
  EXPECT_FALSE(find_action("Heartbeat")->may_ask(Asks::central_system));
  EXPECT_TRUE(find_action("DataTransfer")->may_ask(Asks::station));
  EXPECT_TRUE(find_action("DataTransfer")->may_ask(Asks::central_system));
}

TEST(Ocpp16Actions, check_requests_and_answers) {
  const ActionInfo* reset = find_action("Reset");
  EXPECT_TRUE(reset->check_request(R"({"type":"Hard"})").ok());
  EXPECT_FALSE(reset->check_request(R"({"type":"Medium"})").ok());
  EXPECT_TRUE(reset->check_response(R"({"status":"Accepted"})").ok());
  EXPECT_FALSE(reset->check_response("{}").ok());
}

}  // namespace
}  // namespace keel::ocpp::v16
