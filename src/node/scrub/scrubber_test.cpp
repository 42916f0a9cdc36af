// The scrubber beside a journal that is being written, in the simulated world.
#include "node/scrub/scrubber.hpp"

#include "journal/local/local_test_support.hpp"

namespace keel::node {
namespace {

using journal::kDirectory;
using journal::LocalJournal;
using journal::Rig;
using runtime::Task;

struct Lines final : log::Logger {
  std::vector<std::string> names;

 protected:
  void write_fields(const log::Event& event, std::span<const log::Field>) noexcept override {
    names.emplace_back(event.name);
  }
};

struct Scene {
  explicit Scene(std::uint64_t bytes_per_second)
      : rig(journal::quiet_world(1)),
        scrubber(rig.core(),
                 {.journal_directory = std::string(kDirectory),
                  .snapshot_directory = {},
                  .bytes_per_second = bytes_per_second,
                  .pause = Duration::seconds(1)},
                 lines) {}

  void flip(std::uint64_t segment, std::uint64_t at) {
    const auto node =
        rig.machine.medium().find(std::string(kDirectory) + '/' +
                                  journal::segment_name(segment, journal::SegmentClass::main));
    Bytes byte(1);
    node->visible.read(at, byte);
    byte[0] ^= std::byte{4};
    node->visible.write(at, byte);
  }
  std::uint64_t found() const {
    return static_cast<std::uint64_t>(std::ranges::count(lines.names, "scrub.damage"));
  }

  Rig rig;
  Lines lines;
  Scrubber scrubber;
};

// A journal of several segments that goes on being written; `then` runs beside it and the scrubber.
template <typename Then>
void with_journal(Scene& scene, Then then) {
  scene.rig.run(
      +[](Scene* at, Then beside) -> Task<> {
        auto opened =
            (co_await LocalJournal::open(at->rig.core(), kDirectory, journal::small_options()))
                .value();
        for (int i = 0; i < 40; ++i)
          co_await journal::append_records(opened.journal.get(), 4, 2'000);
        runtime::Scope scope(at->rig.core());
        scope.spawn(
            [](Scrubber* scrubber, runtime::Wait wait) -> Task<> { co_await scrubber->run(wait); },
            &at->scrubber, scope.wait());
        co_await beside(at, opened.journal.get());
        co_await scope.cancel_and_join();
        EXPECT_TRUE((co_await opened.journal->close()).ok());
      },
      &scene, then);
}

Task<> passes(Scene* scene, std::uint64_t count) {
  while (scene->scrubber.status().passes < count)
    static_cast<void>(co_await scene->rig.core().sleep_until(
        scene->rig.core().now() + Duration::milliseconds(10), {}));
}

TEST(Scrubber, goes_over_cold_segments_again_and_again_and_finds_nothing_wrong_while_one_writes) {
  Scene scene(64 << 20);
  with_journal(
      scene, +[](Scene* at, LocalJournal* journal) -> Task<> {
        for (std::uint64_t pass = 1; pass <= 4; ++pass) {
          co_await passes(at, pass);
          for (int i = 0; i < 10; ++i) co_await journal::append_records(journal, 4, 2'000);
        }
        EXPECT_GE(at->scrubber.status().last_segment, 4u);
        EXPECT_GT(at->scrubber.status().bytes, 1'000'000u);
        EXPECT_TRUE(at->scrubber.status().problems.empty());
      });
  EXPECT_EQ(scene.found(), 0u);
}

TEST(Scrubber, a_flipped_bit_is_named_once_and_forgotten_when_it_is_right_again) {
  Scene scene(64 << 20);
  with_journal(
      scene, +[](Scene* at, LocalJournal* journal) -> Task<> {
        co_await passes(at, 1);
        at->flip(2, 9'000);
        co_await passes(at, 4);
        const ScrubStatus status = at->scrubber.status();
        EXPECT_EQ(status.problems.size(), 1u);
        EXPECT_EQ(status.problems.front().file,
                  journal::segment_name(2, journal::SegmentClass::main));
        EXPECT_EQ(at->found(), 1u);
        // Writing goes on, and the file may be put right.
        co_await journal::append_records(journal, 1, 100);
        at->flip(2, 9'000);
        co_await passes(at, status.passes + 2);
        EXPECT_TRUE(at->scrubber.status().problems.empty());
      });
}

TEST(Scrubber, keeps_to_its_pace) {
  Scene scene(100'000);
  with_journal(
      scene, +[](Scene* at, LocalJournal*) -> Task<> {
        const Timestamp begun = at->rig.core().now();
        co_await passes(at, 1);
        const double seconds = static_cast<double>((at->rig.core().now() - begun).ns) / 1e9;
        EXPECT_LT(static_cast<double>(at->scrubber.status().bytes), (seconds + 0.2) * 100'000);
      });
}

}  // namespace
}  // namespace keel::node
