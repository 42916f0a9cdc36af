// The harness must notice each way in which a module can break its promises.
#include "kernel/testing/module_harness.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "kernel/table.hpp"

namespace keel::kernel::testing {
namespace {

constexpr ModuleId kFaultyModule{60100};
constexpr CommandType kPut{kFaultyModule, 1};
constexpr ErrorKind kRefused{9004, "test.refused", ErrorClass::invalid};

struct Put {
  static constexpr EventType kEventType{kFaultyModule, 1};
  static constexpr SchemaVersion kSchemaVersion{1};
  std::uint64_t key;
  std::uint64_t value;
};
constexpr std::array kListed{EventSchema{Put::kEventType, Put::kSchemaVersion, "put", sizeof(Put)}};
constexpr std::array kWrongSize{EventSchema{Put::kEventType, Put::kSchemaVersion, "put", 8}};

enum class Fault : std::uint8_t {
  none,
  depends_on_hash_keys,     // puts the seed into an event
  remembers_in_a_variable,  // keeps state outside its tables
  changes_in_decide,        // changes a table without an event
  lists_nothing,            // emits an event that info() does not list
  lists_another_size,
  expires_too_much,
  needs_another_table,
};

// Puts rows with consecutive keys; an odd payload is an Error after it has emitted.
class Faulty final : public Module {
 public:
  Faulty(UndoLog& undo, HashSeed seed, Fault fault)
      : fault_(fault), seed_(seed), rows_({kFaultyModule, 1}, "test.rows", undo, seed) {}

  ModuleInfo info() const override {
    ModuleInfo info{.id = kFaultyModule, .name = "faulty"};
    if (fault_ == Fault::lists_another_size) {
      info.events = kWrongSize;
    } else if (fault_ != Fault::lists_nothing) {
      info.events = kListed;
    }
    return info;
  }
  void needs(const Command&, Needs& needs) const override {
    const std::uint16_t number = fault_ == Fault::needs_another_table ? 2 : 1;
    needs.row({kFaultyModule, number}, object_bytes(rows_.rows()));
  }
  Result<Outcome> decide(Transaction& tx, const Command& command, const Context&) const override {
    std::uint64_t value = command.payload.size();
    if (fault_ == Fault::depends_on_hash_keys) value = seed_.value();
    if (fault_ == Fault::remembers_in_a_variable) value = applied_;
    if (fault_ == Fault::changes_in_decide) {
      // unsafe: breaks the rule on purpose: the harness must notice
      const_cast<Faulty*>(this)->rows_.insert(1'000 + rows_.rows(), 0);
    }
    tx.emit(Put{.key = rows_.rows(), .value = value});
    if (command.payload.size() % 2 == 1) return kRefused;
    return Outcome{};
  }
  void apply(const Event& event) override {
    ++applied_;
    const auto put = ByteReader(event.payload).read_object<Put>().value();
    rows_.insert(put.key, put.value);
  }
  std::size_t expire(Transaction&, const Context&, std::size_t limit) const override {
    return fault_ == Fault::expires_too_much ? limit + 1 : 0;
  }
  Result<> query(const Query&, Bytes&) const override { return success(); }
  std::span<TableBase* const> tables() override { return tables_; }

 private:
  Fault fault_;
  HashSeed seed_;
  std::uint64_t applied_ = 0;
  Table<std::uint64_t, std::uint64_t> rows_;
  std::array<TableBase*, 1> tables_{&rows_};
};

// How many failures the harness reports on a module with that fault, in a few steps.
int failures_with(Fault fault) {
  ::testing::TestPartResultArray results;
  {
    const ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    ModuleHarness harness([fault](UndoLog& undo, HashSeed seed) {
      Modules modules;
      modules.push_back(std::make_unique<Faulty>(undo, seed, fault));
      return modules;
    });
    const std::array<std::byte, 3> payload{};
    for (std::size_t size = 0; size < 4; ++size) {
      static_cast<void>(harness.when(kPut, ByteView(payload).first(size)));
    }
    static_cast<void>(harness.when_due());
  }
  return results.size();
}

TEST(ModuleHarness, is_content_with_a_module_that_keeps_its_promises) {
  EXPECT_EQ(failures_with(Fault::none), 0);
}

TEST(ModuleHarness, notices_a_decision_that_depends_on_hash_keys) {
  EXPECT_GT(failures_with(Fault::depends_on_hash_keys), 0);
}

TEST(ModuleHarness, notices_state_outside_of_tables) {
  EXPECT_GT(failures_with(Fault::remembers_in_a_variable), 0);
}

TEST(ModuleHarness, notices_a_change_without_an_event) {
  EXPECT_GT(failures_with(Fault::changes_in_decide), 0);
}

TEST(ModuleHarness, notices_events_that_are_not_listed_or_of_another_size) {
  EXPECT_GT(failures_with(Fault::lists_nothing), 0);
  EXPECT_GT(failures_with(Fault::lists_another_size), 0);
}

TEST(ModuleHarness, notices_broken_bounds_and_unknown_tables) {
  EXPECT_GT(failures_with(Fault::expires_too_much), 0);
  EXPECT_GT(failures_with(Fault::needs_another_table), 0);
}

TEST(ModuleHarness, a_batch_that_is_too_large_is_refused_and_leaves_nothing) {
  ModuleHarness harness(
      [](UndoLog& undo, HashSeed seed) {
        Modules modules;
        modules.push_back(std::make_unique<Faulty>(undo, seed, Fault::none));
        return modules;
      },
      {.max_events = 0});
  const Decided decided = harness.when(kPut, {});
  ASSERT_TRUE(decided.error);
  EXPECT_EQ(decided.error->error_class(), ErrorClass::overload);
  EXPECT_TRUE(harness.journal().empty());
}

}  // namespace
}  // namespace keel::kernel::testing
