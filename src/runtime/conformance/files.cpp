// Files and directories.
#include "runtime/conformance/scenario_lists.hpp"
#include "runtime/errors.hpp"

namespace keel::runtime::conformance {
namespace {

constexpr OpenFile kNewFile{.write = true, .create = true, .exclusive = true};
constexpr OpenFile kNewDirectFile{.write = true, .create = true, .exclusive = true, .direct = true};

// A buffer that direct files accept.
struct alignas(4096) Page {
  std::array<std::byte, 4096> bytes{};
};
ByteSpan bytes_of(std::vector<Page>& pages) {
  return std::as_writable_bytes(std::span(pages));
}

Task<> write_and_read_back(Core* core, std::string path, OpenFile how) {
  constexpr std::size_t kPages = 40;
  std::vector<Page> pages(kPages);
  const Bytes expected = pattern(kPages * sizeof(Page));
  std::ranges::copy(expected, bytes_of(pages).begin());
  {
    const auto file = must(co_await core->disk().open(path, how));
    must(co_await file->write(0, bytes_of(pages).first(4096)));
    must(co_await file->write(8192, bytes_of(pages).subspan(8192)));
    must(co_await file->write_durable(4096, bytes_of(pages).subspan(4096, 4096)));
    must(co_await file->sync());
    EXPECT_EQ(must(co_await file->size()), expected.size());
  }
  const auto file = must(co_await core->disk().open(path, {.direct = how.direct}));
  std::vector<Page> read(kPages + 2);
  EXPECT_EQ(must(co_await file->read(0, bytes_of(read))), expected.size());
  EXPECT_TRUE(std::ranges::equal(expected, bytes_of(read).first(expected.size())));
  EXPECT_EQ(must(co_await file->read(expected.size(), bytes_of(read))), 0u);
  EXPECT_EQ(must(co_await file->read(8192, bytes_of(read).first(4096))), 4096u);
  EXPECT_TRUE(
      std::ranges::equal(std::span(expected).subspan(8192, 4096), bytes_of(read).first(4096)));
}

Task<> buffered_file(Core& core, Cancellation&, Ground ground) {
  co_await write_and_read_back(&core, ground.directory + "/plain", kNewFile);
}

Task<> direct_file(Core& core, Cancellation&, Ground ground) {
  co_await write_and_read_back(&core, ground.directory + "/direct", kNewDirectFile);
}

Task<> odd_sizes_and_short_reads(Core& core, Cancellation&, Ground ground) {
  const auto file = must(co_await core.disk().open(ground.directory + "/odd", kNewFile));
  const Bytes written = pattern(10'007);
  must(co_await file->write(3, written));
  Bytes read(20'000);
  EXPECT_EQ(must(co_await file->read(3, read)), written.size());
  EXPECT_TRUE(std::ranges::equal(written, std::span(read).first(written.size())));
  EXPECT_EQ(must(co_await file->read(10'000, read)), 10u);
  EXPECT_EQ(must(co_await file->read(0, ByteSpan(read).first(3))), 3u);
  EXPECT_EQ(read[0], std::byte{0});  // the hole before the first byte written
  EXPECT_EQ(must(co_await file->read(50'000, read)), 0u);
  must(co_await file->truncate(5));
  EXPECT_EQ(must(co_await file->size()), 5u);
  EXPECT_EQ(must(co_await file->read(0, read)), 5u);
}

Task<> opening_says_what_is_wrong(Core& core, Cancellation&, Ground ground) {
  const std::string path = ground.directory + "/there";
  fails_with(co_await core.disk().open(path, {}), kNoSuchFile);
  must(co_await core.disk().open(path, kNewFile));
  fails_with(co_await core.disk().open(path, kNewFile), kFileExists);
  must(co_await core.disk().open(path, {.write = true, .create = true}));
  fails_with(co_await core.disk().remove(ground.directory + "/absent"), kNoSuchFile);
  fails_with(co_await core.disk().list(ground.directory + "/absent"), kNoSuchFile);
  fails_with(co_await core.disk().rename(ground.directory + "/absent", path), kNoSuchFile);
}

// The simulated disk makes a file in any directory.
Task<> a_file_needs_its_directory(Core& core, Cancellation&, Ground ground) {
  fails_with(co_await core.disk().open(ground.directory + "/no/where", kNewFile), kNoSuchFile);
}

Task<> preallocates_zeros(Core& core, Cancellation&, Ground ground) {
  constexpr std::uint64_t kSize = 3 * 1024 * 1024 + 4096;
  const std::string path = ground.directory + "/space";
  const auto file = must(co_await core.disk().open(path, kNewDirectFile));
  std::vector<Page> page(1);
  std::ranges::copy(pattern(4096), page[0].bytes.begin());
  must(co_await file->write_durable(0, bytes_of(page)));
  must(co_await file->preallocate(kSize));
  EXPECT_EQ(must(co_await file->size()), kSize);
  must(co_await file->preallocate(4096));  // smaller than it is: nothing to do
  EXPECT_EQ(must(co_await file->size()), kSize);

  std::vector<Page> all(kSize / 4096);
  EXPECT_EQ(must(co_await file->read(0, bytes_of(all))), kSize);
  EXPECT_TRUE(std::ranges::equal(all[0].bytes, page[0].bytes));  // what was there stays
  bool zero = true;
  for (const std::byte byte : bytes_of(all).subspan(4096)) zero = zero && byte == std::byte{0};
  EXPECT_TRUE(zero);
}

Task<> names_in_directories(Core& core, Cancellation&, Ground ground) {
  Disk& disk = core.disk();
  const std::string deep = ground.directory + "/a/b/c";
  must(co_await disk.make_directory(deep));
  must(co_await disk.make_directory(deep));
  for (const char* name : {"/2", "/10", "/1"}) {
    must(co_await disk.open(deep + name, kNewFile));
  }
  must(co_await disk.sync_directory(deep));
  EXPECT_EQ(must(co_await disk.list(deep)), (std::vector<std::string>{"1", "10", "2"}));
  must(co_await disk.rename(deep + "/10", deep + "/3"));
  must(co_await disk.rename(deep + "/2", deep + "/3"));  // takes the place of what is there
  must(co_await disk.remove(deep + "/1"));
  must(co_await disk.sync_directory(deep));
  EXPECT_EQ(must(co_await disk.list(deep)), (std::vector<std::string>{"3"}));
  EXPECT_GT(must(co_await disk.free_bytes(deep)), 0u);
}

Task<> lock_is_held_by_one(Core& core, Cancellation&, Ground ground) {
  const std::string path = ground.directory + "/lock";
  {
    const auto held = must(co_await core.disk().lock(path));
    fails_with(co_await core.disk().lock(path), kInUse);
  }
  must(co_await core.disk().lock(path));
}

Task<> write_a_page(File* file, std::uint64_t page_number, int* done) {
  std::vector<Page> page(1);
  std::ranges::copy(pattern(4096, page_number * 4096), page[0].bytes.begin());
  must(co_await file->write(page_number * 4096, bytes_of(page)));
  ++*done;
}

Task<> many_writes_at_once(Core& core, Cancellation&, Ground ground) {
  constexpr int kWrites = 600;  // more than a ring has entries
  const auto file = must(co_await core.disk().open(ground.directory + "/many", kNewDirectFile));
  int done = 0;
  Scope scope(core);
  for (std::uint64_t i = 0; i < kWrites; ++i) scope.spawn(write_a_page, file.get(), i, &done);
  co_await scope.join();
  EXPECT_EQ(done, kWrites);
  must(co_await file->sync());
  std::vector<Page> all(kWrites);
  EXPECT_EQ(must(co_await file->read(0, bytes_of(all))), kWrites * 4096u);
  EXPECT_TRUE(std::ranges::equal(bytes_of(all), pattern(kWrites * 4096)));
}

}  // namespace

std::vector<Scenario> file_scenarios() {
  return {
      {.name = "buffered_file", .run = buffered_file},
      {.name = "direct_file", .run = direct_file},
      {.name = "odd_sizes_and_short_reads", .run = odd_sizes_and_short_reads},
      {.name = "opening_says_what_is_wrong", .run = opening_says_what_is_wrong},
      {.name = "a_file_needs_its_directory", .run = a_file_needs_its_directory, .real_only = true},
      {.name = "preallocates_zeros", .run = preallocates_zeros},
      {.name = "names_in_directories", .run = names_in_directories},
      {.name = "lock_is_held_by_one", .run = lock_is_held_by_one},
      {.name = "many_writes_at_once", .run = many_writes_at_once},
  };
}

}  // namespace keel::runtime::conformance
