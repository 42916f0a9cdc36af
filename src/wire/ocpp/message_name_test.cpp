#include "wire/ocpp/message_name.hpp"

#include <gtest/gtest.h>

namespace keel::ocpp {
namespace {

TEST(MessageName, short_ids_and_uuids_come_back_as_they_were) {
  for (const std::string_view id :
       {"1", "c2-14", "19223201", "123456789012345", "~!", "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "00000000-0000-4000-8000-000000000001"})
    EXPECT_EQ(message_of(name_message(id)), id);
}

TEST(MessageName, what_does_not_fit_is_told_apart_by_its_digest) {
  const auto first = name_message("1234567890123456");
  const auto second = name_message("1234567890123457");
  EXPECT_NE(first, second);
  EXPECT_EQ(message_of(first).size(), 36u);
  EXPECT_EQ(name_message("1234567890123456"), first);
  // Upper case is another text than the UUID's own.
  EXPECT_NE(name_message("3F2504E0-4F89-41D3-9A0C-0305E82C3301"),
            name_message("3f2504e0-4f89-41d3-9a0c-0305e82c3301"));
  EXPECT_NE(name_message("a b"), name_message("a\x01"
                                              "b"));
}

TEST(MessageName, no_id_is_zero) {
  EXPECT_TRUE(name_message("").is_zero());
  EXPECT_EQ(message_of({}), "");
}

}  // namespace
}  // namespace keel::ocpp
