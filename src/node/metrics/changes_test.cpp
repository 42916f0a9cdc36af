#include "node/metrics/changes.hpp"

#include <gtest/gtest.h>

#include "node/log/events.hpp"

namespace keel::node {
namespace {

using Told = std::vector<std::string_view>;

struct Names final : log::Logger {
  Told names;
  std::vector<std::string> cells;  // that lines named

 protected:
  void write_fields(const log::Event& event, std::span<const log::Field> fields) noexcept override {
    names.push_back(event.name);
    for (const log::Field& field : fields)
      if (field.key == "cell") cells.emplace_back(std::get<std::string_view>(field.value));
  }
};

// What is told about each reading in turn.
std::vector<Told> told(std::initializer_list<NodeMetrics> readings) {
  Names log;
  Changes changes(log);
  std::vector<Told> all;
  for (const NodeMetrics& reading : readings) {
    changes.look(reading);
    all.push_back(std::exchange(log.names, {}));
  }
  return all;
}

NodeMetrics ready(const engine::Statistics& money, const engine::Statistics& streams = {}) {
  return {.cells = {{.name = "money", .ready = true, .statistics = money},
                    {.name = "streams", .ready = true, .statistics = streams}}};
}

NodeMetrics closed(const engine::Statistics& money = {}) {
  return {.cells = {{.name = "money", .statistics = money}, {.name = "streams"}}};
}

TEST(Changes, nothing_is_told_while_nothing_changes) {
  const NodeMetrics busy = ready({.shed = 7});
  EXPECT_EQ(told({busy, busy, busy}).back(), Told{});
  EXPECT_EQ(told({closed(), ready({}), closed()}), (std::vector<Told>{{}, {}, {}}));
}

TEST(Changes, what_begins_has_a_name) {
  NodeMetrics now = ready(
      {.shed = 1, .groups_refused = 1, .refusing = 1, .snapshots_failed = 1, .clock_held = 1});
  now.http.refused_connections = 1;
  EXPECT_EQ(told({now}).front(), (Told{"http.connections_refused", "journal.refuses",
                                       "cell.shedding", "snapshot.failed", "clock.held"}));
}

TEST(Changes, what_kept_sessions_have_lost_is_told) {
  NodeMetrics before = ready({});
  before.mqtt.emplace();
  NodeMetrics lost = before;
  lost.mqtt->broker.revoked_subscriptions = 1;
  NodeMetrics kept_from = lost;
  kept_from.mqtt->broker.dropped_not_allowed = 1;
  EXPECT_EQ(
      told({before, lost, lost, kept_from}),
      (std::vector<Told>{{}, {"mqtt.subscriptions_revoked"}, {}, {"mqtt.subscriptions_revoked"}}));
}

TEST(Changes, a_full_disk_is_told_once_and_its_end_when_a_group_is_durable_again) {
  const NodeMetrics full = ready({.groups_refused = 1, .refusing = 1});
  const NodeMetrics fuller = ready({.groups_refused = 9, .refusing = 1});
  const NodeMetrics written = ready({.groups_refused = 9});
  EXPECT_EQ(told({full, fuller, fuller, written, written}),
            (std::vector<Told>{{"journal.refuses"}, {}, {}, {"journal.accepts"}, {}}));
}

TEST(Changes, a_refusal_between_two_looks_is_told_with_its_end) {
  EXPECT_EQ(told({ready({}), ready({.groups_refused = 1})}).back(),
            (Told{"journal.refuses", "journal.accepts"}));
}

TEST(Changes, a_cell_that_was_opened_again_counts_from_zero) {
  EXPECT_EQ(told({ready({.snapshots_failed = 5}), closed(), ready({.snapshots_failed = 1})}).back(),
            Told{"snapshot.failed"});
}

TEST(Changes, the_counters_of_a_closed_cell_are_not_read) {
  EXPECT_EQ(told({closed({.groups_refused = 1})}).front(), Told{});
}

TEST(Changes, each_cell_is_looked_at_by_itself_and_named) {
  Names log;
  Changes changes(log);
  changes.look(ready({}, {}));
  changes.look(ready({.groups_refused = 1, .refusing = 1}, {.shed = 3}));
  EXPECT_EQ(log.names, (Told{"journal.refuses", "cell.shedding"}));
  EXPECT_EQ(log.cells, (std::vector<std::string>{"money", "streams"}));
}

}  // namespace
}  // namespace keel::node
