#include "kernel/described/dispatch.hpp"

#include <gtest/gtest.h>

namespace keel::kernel {
namespace {

constexpr ErrorKind kUnknown{60'900, "test.no_such_type", ErrorClass::invalid};

struct Double {
  static constexpr QueryType kType{ModuleId(60104), 1};
  struct Answer {
    std::uint32_t number = 0;
    static constexpr auto description() {
      return describe<Answer>("keel.test.Doubled", field<1>("number", &Answer::number));
    }
  };
  std::uint32_t number = 0;
  static constexpr auto description() {
    return describe<Double>("keel.test.Double", field<1>("number", &Double::number));
  }
};
struct Negate {
  static constexpr QueryType kType{ModuleId(60104), 2};
  struct Answer {
    std::int32_t number = 0;
    static constexpr auto description() {
      return describe<Answer>("keel.test.Negated", field<1>("number", &Answer::number));
    }
  };
  std::uint32_t number = 0;
  static constexpr auto description() {
    return describe<Negate>("keel.test.Negate", field<1>("number", &Negate::number));
  }
};
using Queries = Types<Double, Negate>;

Double::Answer look_up(const Double& asked) {
  return {.number = 2 * asked.number};
}
Negate::Answer look_up(const Negate& asked) {
  return {.number = -static_cast<std::int32_t>(asked.number)};
}

Result<> ask(QueryType type, ByteView payload, Bytes& reply) {
  return answer_described({.type = type, .payload = payload}, Queries{}, kUnknown, reply,
                          [](const auto& asked) { return look_up(asked); });
}

TEST(Dispatch, finds_the_struct_of_a_type) {
  static_assert(types_of(Queries{}) == std::array{Double::kType, Negate::kType});
  Bytes payload;
  encode(Double{.number = 21}, payload);
  Bytes doubled;
  ASSERT_TRUE(ask(Double::kType, payload, doubled).ok());
  EXPECT_EQ(decode<Double::Answer>(doubled)->number, 42u);
  Bytes negated;
  ASSERT_TRUE(ask(Negate::kType, payload, negated).ok());
  EXPECT_EQ(decode<Negate::Answer>(negated)->number, -21);
}

TEST(Dispatch, refuses_a_type_that_is_in_no_list_and_a_payload_that_is_none) {
  Bytes reply;
  const Result<> unknown = ask(QueryType(ModuleId(60104), 3), {}, reply);
  EXPECT_TRUE(unknown.error().is(kUnknown));
  const std::array broken{std::byte{0xff}};
  const Result<> malformed = ask(Double::kType, broken, reply);
  ASSERT_FALSE(malformed.ok());
  EXPECT_FALSE(malformed.error().is(kUnknown));
  EXPECT_TRUE(reply.empty());
}

// An answer that counts how many were made of errors.
struct Counted {
  explicit(false) Counted(int value) : value(value) {}
  explicit(false) Counted(const Error&) { ++refusals; }
  int value = 0;
  static inline int refusals = 0;
};

TEST(Dispatch, makes_a_refusal_only_where_it_refuses) {
  Bytes payload;
  encode(Double{.number = 21}, payload);
  const auto ask_for = [&](QueryType type) {
    return dispatch(Query{.type = type, .payload = payload}, Queries{}, kUnknown,
                    [](const auto& asked) -> Counted { return static_cast<int>(asked.number); });
  };
  Counted::refusals = 0;
  EXPECT_EQ(ask_for(Double::kType).value, 21);
  EXPECT_EQ(Counted::refusals, 0);
  ask_for(QueryType(ModuleId(60104), 3));
  EXPECT_EQ(Counted::refusals, 1);
}

}  // namespace
}  // namespace keel::kernel
