#include "journal/local/local_test_support.hpp"
#include "runtime/errors.hpp"

namespace keel::journal {
namespace {

using Opened = LocalJournal::Opened;

Task<Result<Opened>> open(Rig* rig, LocalOptions options) {
  co_return co_await LocalJournal::open(rig->core(), kDirectory, options);
}

TEST(LocalJournal, a_new_one_is_made_and_its_next_opening_has_the_next_epoch) {
  Rig rig(quiet_world(1));
  rig.run(
      +[](Rig* r) -> Task<> {
        for (std::uint64_t epoch = 1; epoch <= 3; ++epoch) {
          auto opened = (co_await open(r, small_options())).value();
          EXPECT_EQ(opened.report.made, epoch == 1);
          EXPECT_EQ(opened.report.epoch, epoch);
          EXPECT_FALSE(opened.report.dropped.has_value());
          EXPECT_TRUE((co_await opened.journal->close()).ok());
        }
      },
      &rig);
}

TEST(LocalJournal, reads_from_every_position_what_was_appended_over_many_segments) {
  Rig rig(quiet_world(2));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto opened = (co_await open(r, small_options())).value();
        Journal* journal = opened.journal.get();
        for (std::size_t i = 0; i < 60; ++i) {
          const AppendResult result = co_await append_records(journal, 1 + i % 5, i * 37 % 6000);
          EXPECT_EQ(result.outcome, AppendOutcome::durable) << result.error->to_string();
        }
        const Position end = journal->durable();
        EXPECT_EQ(end.value(), 180u);
        for (std::uint64_t after = 0; after <= end.value(); ++after) {
          EXPECT_EQ((co_await read_all(journal, Position(after))).value(), end.value());
        }
        EXPECT_TRUE((co_await journal->read(Position(181))).error().is(kNoSuchPosition));
        EXPECT_TRUE((co_await journal->close()).ok());

        auto again = (co_await open(r, small_options())).value();
        EXPECT_EQ(again.journal->durable(), end);
        EXPECT_EQ(again.report.records, 180u);
        EXPECT_GT(again.report.segments, 5u);
        EXPECT_EQ(again.journal->last_time().ns, 1180);
        EXPECT_EQ((co_await read_all(again.journal.get(), Position(0))).value(), end.value());
        EXPECT_TRUE((co_await again.journal->close()).ok());

        const VerifyReport report = (co_await verify(r->core().disk(), kDirectory)).value();
        EXPECT_TRUE(report.ok()) << to_json(report);
        EXPECT_FALSE(report.tail.has_value());
        EXPECT_EQ(report.records, 180u);
        EXPECT_EQ(report.epoch, 2u);
      },
      &rig);
}

TEST(LocalJournal, a_follower_sees_what_becomes_durable_while_it_reads) {
  Rig rig(quiet_world(3));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto opened = (co_await open(r, small_options())).value();
        Journal* journal = opened.journal.get();
        runtime::Scope scope(r->core());
        scope.spawn(
            +[](Journal* source) -> Task<> {
              const auto cursor = (co_await source->read(Position(0))).value();
              for (std::uint64_t seen = 0; seen < 200;) {
                EXPECT_TRUE((co_await source->wait_durable(Position(seen), {})).ok());
                while (auto record = (co_await cursor->next()).value()) {
                  EXPECT_EQ(record->envelope.sequence.value(), ++seen);
                  EXPECT_TRUE(std::ranges::equal(record->payload, payload_of(seen, 900)));
                }
              }
            },
            journal);
        for (int i = 0; i < 100; ++i) co_await append_records(journal, 2, 900);
        co_await scope.join();
        EXPECT_TRUE((co_await journal->close()).ok());
      },
      &rig);
}

TEST(LocalJournal, the_next_group_forms_while_one_is_in_flight) {
  Rig rig(quiet_world(4));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto opened = (co_await open(r, small_options())).value();
        Journal* journal = opened.journal.get();
        runtime::Scope scope(r->core());
        GroupBuilder* first = journal->form();
        first->append(envelope_of(1), payload_of(1, 10));
        EXPECT_EQ(journal->form(), nullptr);
        scope.spawn(
            +[](Journal* j, GroupBuilder* group) -> Task<> {
              EXPECT_EQ((co_await j->append(*group)).outcome, AppendOutcome::durable);
            },
            journal, first);
        co_await r->core().yield();
        GroupBuilder* second = journal->form();
        EXPECT_EQ(second->append(envelope_of(2), payload_of(2, 10)), Position(2));
        EXPECT_EQ(journal->form(), nullptr);
        EXPECT_EQ((co_await journal->append(*second)).outcome, AppendOutcome::durable);
        co_await scope.join();
        EXPECT_EQ((co_await read_all(journal, Position(0))).value(), 2u);
        EXPECT_TRUE((co_await journal->close()).ok());
      },
      &rig);
}

TEST(LocalJournal, is_sealed_when_nothing_follows_and_not_before) {
  Rig rig(quiet_world(5));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto opened = (co_await open(r, small_options())).value();
        LocalJournal* journal = opened.journal.get();
        for (int i = 0; i < 20; ++i) co_await append_records(journal, 1, 100);
        EXPECT_EQ(journal->seals_written(), 0u);
        EXPECT_TRUE(
            (co_await r->core().sleep_until(r->core().now() + Duration::milliseconds(20), {}))
                .ok());
        EXPECT_EQ(journal->seals_written(), 1u);
        EXPECT_TRUE(
            (co_await r->core().sleep_until(r->core().now() + Duration::seconds(20), {})).ok());
        EXPECT_EQ(journal->seals_written(), 1u);
        EXPECT_TRUE((co_await journal->close()).ok());
        EXPECT_EQ(journal->seals_written(), 1u);
      },
      &rig);
}

TEST(LocalJournal, only_one_process_has_it_open) {
  Rig rig(quiet_world(6));
  rig.run(
      +[](Rig* r) -> Task<> {
        auto opened = (co_await open(r, small_options())).value();
        EXPECT_TRUE((co_await open(r, small_options())).error().is(kInUse));
        EXPECT_TRUE((co_await opened.journal->close()).ok());
        auto again = (co_await open(r, small_options())).value();
        EXPECT_TRUE((co_await again.journal->close()).ok());
      },
      &rig);
}

TEST(LocalJournal, read_only_takes_no_lock_changes_nothing_and_refuses_appends) {
  Rig rig(quiet_world(7));
  rig.run(
      +[](Rig* r) -> Task<> {
        LocalOptions read_only = small_options();
        read_only.read_only = true;
        auto nothing = co_await open(r, read_only);
        EXPECT_FALSE(nothing.ok());
        auto opened = (co_await open(r, small_options())).value();
        co_await append_records(opened.journal.get(), 3, 50);
        auto reader = (co_await open(r, read_only)).value();
        EXPECT_EQ(reader.journal->form(), nullptr);
        EXPECT_EQ((co_await read_all(reader.journal.get(), Position(0))).value(), 3u);
        EXPECT_TRUE((co_await reader.journal->close()).ok());
        EXPECT_TRUE((co_await opened.journal->close()).ok());
      },
      &rig);
}

TEST(LocalJournal, options_that_do_not_fit_together_are_refused) {
  Rig rig(quiet_world(8));
  rig.run(
      +[](Rig* r) -> Task<> {
        LocalOptions options = small_options();
        options.group.bytes = 64 << 10;
        EXPECT_TRUE((co_await open(r, options)).error().is(kBadOptions));
        options = small_options();
        options.segment_bytes = 100'000;
        EXPECT_TRUE((co_await open(r, options)).error().is(kBadOptions));
        auto opened = (co_await open(r, small_options())).value();
        EXPECT_TRUE((co_await opened.journal->close()).ok());
        options = small_options();
        options.cell = CellId(2);
        EXPECT_TRUE((co_await open(r, options)).error().is(kBadOptions));
      },
      &rig);
}

TEST(LocalJournal, a_full_disk_refuses_appends_and_goes_on_reading_and_recovers) {
  sim::WorldOptions world = quiet_world(9);
  world.disk.capacity_bytes = (1 << 20) + 4 * (64 << 10) + 8192;
  Rig rig(world);
  rig.run(
      +[](Rig* r) -> Task<> {
        auto opened = (co_await open(r, small_options())).value();
        Journal* journal = opened.journal.get();
        std::uint64_t acknowledged = 0;
        AppendResult result;
        for (int i = 0; i < 100; ++i) {
          result = co_await append_records(journal, 2, 2000);
          if (result.outcome != AppendOutcome::durable) break;
          acknowledged += 2;
        }
        EXPECT_EQ(result.outcome, AppendOutcome::refused);
        EXPECT_TRUE(result.error->is(kNoSpace)) << result.error->to_string();
        EXPECT_GT(acknowledged, 50u);
        EXPECT_EQ((co_await read_all(journal, Position(0))).value(), acknowledged);
        EXPECT_TRUE((co_await journal->close()).ok());

        // Opening again and again takes what is left, and then still reads.
        bool was_full = false;
        for (int i = 0; i < 20 && !was_full; ++i) {
          auto again = (co_await open(r, small_options())).value();
          was_full = again.report.full;
          EXPECT_EQ((co_await read_all(again.journal.get(), Position(0))).value(), acknowledged);
          EXPECT_TRUE((co_await again.journal->close()).ok());
        }
        EXPECT_TRUE(was_full);

        auto again = (co_await open(r, small_options())).value();
        EXPECT_EQ((co_await append_records(again.journal.get(), 1, 10)).outcome,
                  AppendOutcome::refused);
        r->machine.medium().faults().capacity_bytes = 1 << 30;
        EXPECT_EQ((co_await append_records(again.journal.get(), 1, 10)).outcome,
                  AppendOutcome::durable);
        EXPECT_EQ((co_await read_all(again.journal.get(), Position(0))).value(), acknowledged + 1);
        EXPECT_TRUE((co_await again.journal->close()).ok());
        const VerifyReport report = (co_await verify(r->core().disk(), kDirectory)).value();
        EXPECT_TRUE(report.ok()) << to_json(report);
      },
      &rig);
}

TEST(LocalJournal, after_a_failed_sync_the_outcome_is_unknown_and_everything_is_refused) {
  for (const SyncMode mode : {SyncMode::dsync, SyncMode::fdatasync}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Rig rig(quiet_world(seed));
      rig.run(
          +[](Rig* r, SyncMode sync) -> Task<> {
            LocalOptions options = small_options();
            options.sync = sync;
            auto opened = (co_await open(r, options)).value();
            EXPECT_EQ((co_await append_records(opened.journal.get(), 2, 500)).outcome,
                      AppendOutcome::durable);
            r->machine.medium().faults().sync_failed = sim::Chance::percent(100);
            r->machine.medium().faults().write_failed = sim::Chance::percent(50);
            const AppendResult failed = co_await append_records(opened.journal.get(), 2, 500);
            EXPECT_EQ(failed.outcome, AppendOutcome::unknown);
            EXPECT_TRUE(failed.error->is(kUnknownOutcome));
            r->machine.medium().faults().sync_failed = sim::Chance::never();
            r->machine.medium().faults().write_failed = sim::Chance::never();
            const AppendResult after = co_await append_records(opened.journal.get(), 1, 500);
            EXPECT_EQ(after.outcome, AppendOutcome::refused);
            EXPECT_TRUE(after.error->is(kBroken));
            EXPECT_EQ((co_await read_all(opened.journal.get(), Position(0))).value(), 2u);
            EXPECT_TRUE((co_await opened.journal->close()).ok());
          },
          &rig, mode);
    }
  }
}

class CountingSigner final : public HeadSigner {
 public:
  const std::array<std::byte, 32>& public_key() const override { return key_; }
  Task<Result<std::array<std::byte, 64>>> sign(ByteView statement) override {
    ++signings;
    std::array<std::byte, 64> signature{};
    std::ranges::copy(statement.first(64), signature.begin());
    co_return signature;
  }
  int signings = 0;

 private:
  std::array<std::byte, 32> key_{std::byte{5}};
};

TEST(LocalJournal, signed_heads_speak_against_a_journal_that_was_cut) {
  Rig rig(quiet_world(11));
  CountingSigner signer;
  rig.run(
      +[](Rig* r, CountingSigner* s) -> Task<> {
        LocalOptions options = small_options();
        options.signer = s;
        auto opened = (co_await open(r, options)).value();
        for (int i = 0; i < 40; ++i) co_await append_records(opened.journal.get(), 2, 1500);
        const HeadEntry entry = (co_await opened.journal->sign_head()).value();
        EXPECT_EQ(entry.last_sequence, Position(80));
        EXPECT_EQ((co_await opened.journal->sign_head()).value().group_number, entry.group_number);
        EXPECT_EQ(s->signings, 1);
        co_await append_records(opened.journal.get(), 1, 10);
        EXPECT_TRUE(
            (co_await r->core().sleep_until(r->core().now() + Duration::seconds(61), {})).ok());
        EXPECT_EQ(s->signings, 2);  // by itself
        EXPECT_TRUE((co_await opened.journal->close()).ok());
        runtime::Disk& disk = r->core().disk();
        const VerifyReport report = (co_await verify(disk, kDirectory)).value();
        EXPECT_TRUE(report.ok()) << to_json(report);
        EXPECT_EQ(report.heads, 2u);
        EXPECT_TRUE((co_await (co_await open(r, options)).value().journal->close()).ok());

        // Without all behind its first two segments it is a shorter, valid chain; the head tells.
        const std::vector<std::string> names = (co_await disk.list(kDirectory)).value();
        std::vector<std::string> segments;
        for (const std::string& name : names) {
          if (name.ends_with(".segment")) segments.push_back(name);
        }
        while (segments.size() > 2) {
          EXPECT_TRUE((co_await disk.remove(std::string(kDirectory) + '/' + segments.back())).ok());
          segments.pop_back();
        }
        const VerifyReport cut = (co_await verify(disk, kDirectory)).value();
        EXPECT_EQ(cut.problems.front().problem.name, "head_beyond_end");
        EXPECT_TRUE((co_await open(r, options)).error().is(kCorrupt));
      },
      &rig, &signer);
}

TEST(SparseIndex, keeps_its_size_and_finds_a_place_before_every_position) {
  SparseIndex index(16, 4096);
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    index.add(Position(i), {.segment = 1, .offset = i * 4096});
    EXPECT_LE(index.size(), 16u);
  }
  for (std::uint64_t i = 1; i <= 10'001; ++i) {
    const auto entry = index.find(Position(i));
    ASSERT_TRUE(entry.has_value());
    EXPECT_LE(entry->first_sequence.value(), i);
    EXPECT_EQ(entry->place.offset, entry->first_sequence.value() * 4096);
    EXPECT_LE(i - entry->first_sequence.value(), 3000u);
  }
}

TEST(SparseIndex, takes_places_in_any_order) {
  SparseIndex index(16, 4096);
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const std::uint64_t at = 1 + i * 7'919 % 20'000;  // a prime: each once
    index.add(Position(at), {.segment = 1 + at / 100, .offset = 4096 * (1 + at % 100)});
    EXPECT_LE(index.size(), 16u);
    const auto entry = index.find(Position(at));
    if (entry) {
      EXPECT_LE(entry->first_sequence.value(), at);
    }
    const auto behind = index.find_behind(Position(at));
    if (behind) {
      EXPECT_GT(behind->first_sequence.value(), at);
    }
  }
  EXPECT_GE(index.size(), 4u);
}

}  // namespace
}  // namespace keel::journal
