// What only a real operating system can refuse: space on a disk, open files.
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "runtime/conformance/scenario_lists.hpp"
#include "runtime/errors.hpp"

namespace keel::runtime::conformance {
namespace {

Task<> no_space_to_write(Core& core, Cancellation&, Ground) {
  const auto full = must(co_await core.disk().open("/dev/full", {.write = true}));
  const Bytes some(4096);
  fails_with(co_await full->write(0, some), kDiskFull);
}

// A file system of its own, a megabyte large. Only root may mount it.
class SmallFileSystem {
 public:
  explicit SmallFileSystem(std::string where) : where_(std::move(where)) {
    mounted_ = ::mount("tmpfs", where_.c_str(), "tmpfs", 0, "size=1m") == 0;
  }
  ~SmallFileSystem() {
    if (mounted_) ::umount2(where_.c_str(), MNT_DETACH);
  }
  SmallFileSystem(const SmallFileSystem&) = delete;
  SmallFileSystem& operator=(const SmallFileSystem&) = delete;

  bool mounted() const noexcept { return mounted_; }

 private:
  std::string where_;
  bool mounted_ = false;
};

Task<> no_space_to_preallocate(Core& core, Cancellation&, Ground ground) {
  const SmallFileSystem small(ground.directory);
  if (!small.mounted()) {
    std::fputs("not root: preallocation on a full disk was not tried\n", stderr);
    co_return;
  }
  constexpr OpenFile kNew{.write = true, .create = true};
  const auto file = must(co_await core.disk().open(ground.directory + "/large", kNew));
  fails_with(co_await file->preallocate(4 * 1024 * 1024), kDiskFull);
  must(co_await core.disk().remove(ground.directory + "/large"));
  const auto fits = must(co_await core.disk().open(ground.directory + "/fits", kNew));
  must(co_await fits->truncate(0));
}

// While it lives no file can be opened.
class NoMoreFiles {
 public:
  NoMoreFiles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest_free = ::dup(STDERR_FILENO);
    ::close(lowest_free);
    const rlimit none{.rlim_cur = static_cast<rlim_t>(lowest_free), .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreFiles(const NoMoreFiles&) = delete;
  NoMoreFiles& operator=(const NoMoreFiles&) = delete;

 private:
  rlimit before_{};
};

Task<> too_many_open_files(Core& core, Cancellation&, Ground ground) {
  const auto listener = must(co_await core.network().listen({}, 16));
  const Endpoint at{.port = listener->port()};
  const auto client = must(co_await core.network().connect(at, patience(core)));
  {
    const NoMoreFiles no_more;
    fails_with(co_await listener->accept(patience(core)), kTooManyOpen);
    fails_with(co_await core.network().connect(at, patience(core)), kTooManyOpen);
    fails_with(co_await core.disk().open(ground.directory + "/x", {.create = true}), kTooManyOpen);
  }
  const auto server = must(co_await listener->accept(patience(core)));
  must(co_await send_all(client.get(), pattern(64), patience(core)));
  EXPECT_EQ(must(co_await receive_exactly(server.get(), 64, patience(core))), pattern(64));
}

}  // namespace

std::vector<Scenario> operating_system_scenarios() {
  return {
      {.name = "no_space_to_write", .run = no_space_to_write, .real_only = true},
      {.name = "no_space_to_preallocate", .run = no_space_to_preallocate, .real_only = true},
      {.name = "too_many_open_files", .run = too_many_open_files, .real_only = true},
  };
}

}  // namespace keel::runtime::conformance
