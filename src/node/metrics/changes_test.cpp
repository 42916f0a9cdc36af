#include "node/metrics/changes.hpp"

#include <gtest/gtest.h>

#include "node/log/events.hpp"

namespace keel::node {
namespace {

using Told = std::vector<std::string_view>;

struct Names final : log::Logger {
  Told names;

 protected:
  void write_fields(const log::Event& event, std::span<const log::Field>) noexcept override {
    names.push_back(event.name);
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

TEST(Changes, nothing_is_told_while_nothing_changes) {
  NodeMetrics busy{.ready = true};
  busy.cell.shed = 7;
  EXPECT_EQ(told({busy, busy, busy}).back(), Told{});
  EXPECT_EQ(told({{}, {.ready = true}, {}}), (std::vector<Told>{{}, {}, {}}));
}

TEST(Changes, what_begins_has_a_name) {
  NodeMetrics now{.ready = true};
  now.cell.groups_refused = 1;
  now.cell.refusing = 1;
  now.cell.shed = 1;
  now.cell.snapshots_failed = 1;
  now.cell.clock_held = 1;
  now.http.refused_connections = 1;
  EXPECT_EQ(told({now}).front(), (Told{"http.connections_refused", "journal.refuses",
                                       "cell.shedding", "snapshot.failed", "clock.held"}));
}

TEST(Changes, a_full_disk_is_told_once_and_its_end_when_a_group_is_durable_again) {
  NodeMetrics full{.ready = true};
  full.cell.groups_refused = 1;
  full.cell.refusing = 1;
  NodeMetrics fuller = full;
  fuller.cell.groups_refused = 9;
  NodeMetrics written = fuller;
  written.cell.refusing = 0;
  EXPECT_EQ(told({full, fuller, fuller, written, written}),
            (std::vector<Told>{{"journal.refuses"}, {}, {}, {"journal.accepts"}, {}}));
}

TEST(Changes, a_refusal_between_two_looks_is_told_with_its_end) {
  NodeMetrics passed{.ready = true};
  passed.cell.groups_refused = 1;
  EXPECT_EQ(told({{.ready = true}, passed}).back(), (Told{"journal.refuses", "journal.accepts"}));
}

TEST(Changes, a_cell_that_was_opened_again_counts_from_zero) {
  NodeMetrics first{.ready = true};
  first.cell.snapshots_failed = 5;
  NodeMetrics again{.ready = true};
  again.cell.snapshots_failed = 1;
  EXPECT_EQ(told({first, {}, again}).back(), Told{"snapshot.failed"});
}

TEST(Changes, the_counters_of_a_closed_cell_are_not_read) {
  NodeMetrics now;
  now.cell.groups_refused = 1;
  EXPECT_EQ(told({now}).front(), Told{});
}

}  // namespace
}  // namespace keel::node
