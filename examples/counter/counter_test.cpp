#include "examples/counter/counter.hpp"

#include <gtest/gtest.h>

#include "kernel/testing/module_harness.hpp"

namespace keel::examples {
namespace {

using kernel::testing::Decided;
using kernel::testing::ModuleHarness;
using kernel::testing::Modules;

constexpr CounterName kDoors{"doors"};
constexpr CounterName kWindows{"windows"};

Modules make_modules(kernel::UndoLog& undo, kernel::HashSeed seed) {
  Modules modules;
  modules.push_back(std::make_unique<Counters>(undo, seed, kernel::TableOptions{.max_rows = 3}));
  return modules;
}

struct CounterTest : testing::Test {
  Decided create(const CounterName& name, std::uint64_t limit) {
    return harness.when(kCreateCounter, object_bytes(CreateCounter{.name = name, .limit = limit}));
  }
  CounterOutcome count(const CounterName& name, std::uint64_t by) {
    const Decided decided = harness.when(kCount, object_bytes(Count{.name = name, .by = by}));
    EXPECT_FALSE(decided.error);
    return CounterOutcome{decided.outcome.code};
  }
  std::uint64_t value_of(const CounterName& name) {
    const Bytes reply = harness.query(kGetCounter, object_bytes(name)).value();
    return ByteReader(reply).read_object<Counter>().value().value;
  }

  ModuleHarness harness{make_modules};
};

TEST_F(CounterTest, counts_up_to_its_limit) {
  harness.given(CounterCreated{.name = kDoors, .limit = 10});
  EXPECT_EQ(count(kDoors, 4), CounterOutcome::done);
  EXPECT_EQ(count(kDoors, 6), CounterOutcome::done);
  EXPECT_EQ(count(kDoors, 1), CounterOutcome::limit_reached);
  EXPECT_EQ(value_of(kDoors), 10u);
}

TEST_F(CounterTest, a_count_is_one_event_and_the_new_value) {
  harness.given(CounterCreated{.name = kDoors, .limit = 10});
  harness.given(Counted{.name = kDoors, .by = 5});
  const Decided decided = harness.when(kCount, object_bytes(Count{.name = kDoors, .by = 2}));
  EXPECT_EQ(decided.only<Counted>().by, 2u);
  EXPECT_EQ(ByteReader(decided.reply).read<std::uint64_t>().value(), 7u);
}

TEST_F(CounterTest, a_huge_count_does_not_wrap) {
  create(kDoors, UINT64_MAX);
  EXPECT_EQ(count(kDoors, UINT64_MAX), CounterOutcome::done);
  EXPECT_EQ(count(kDoors, 2), CounterOutcome::limit_reached);
}

TEST_F(CounterTest, a_name_is_taken_once_and_must_be_known) {
  EXPECT_TRUE(create(kDoors, 10).ok());
  EXPECT_EQ(CounterOutcome{create(kDoors, 99).outcome.code}, CounterOutcome::exists);
  EXPECT_EQ(count(kWindows, 1), CounterOutcome::unknown_name);
}

TEST_F(CounterTest, tenants_do_not_see_each_others_counters) {
  create(kDoors, 10);
  harness.set_tenant(TenantId(2));
  EXPECT_EQ(count(kDoors, 1), CounterOutcome::unknown_name);
  EXPECT_TRUE(harness.query(kGetCounter, object_bytes(kDoors)).error().is(kCounterMissing));
}

TEST_F(CounterTest, refuses_what_is_malformed_or_too_much) {
  EXPECT_TRUE(harness.when(kCount, object_bytes(kDoors)).is(kCounterMalformed));
  EXPECT_TRUE(harness.when(kCount, {}).is(kCounterMalformed));
  for (const char letter : {'a', 'b', 'c'}) EXPECT_TRUE(create(CounterName{letter}, 1).ok());
  EXPECT_TRUE(create(CounterName{'d'}, 1).is(kCountersFull));
}

}  // namespace
}  // namespace keel::examples
