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

TEST(Ocpp16Actions, give_the_status_of_an_answer_and_of_nothing_inside_it) {
  const auto status = [](std::string_view action, std::string_view answer) {
    return std::string(find_action(action)->check_response(answer).value());
  };
  EXPECT_EQ(status("Reset", R"({"status":"Accepted"})"), "Accepted");
  EXPECT_EQ(status("DataTransfer", R"({"data":"\"Accepted\"","status":"Rejected"})"), "Rejected");
  EXPECT_EQ(status("GetLog", R"({"status":"Rejected","filename":"Accepted"})"), "Rejected");
  EXPECT_EQ(status("GetConfiguration",
                   R"({"configurationKey":[{"key":"status","readonly":true,"value":"Rejected"}]})"),
            "");
  EXPECT_EQ(status("GetLocalListVersion", R"({"listVersion":3})"), "");
}

}  // namespace
}  // namespace keel::ocpp::v16
