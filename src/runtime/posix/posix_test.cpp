#include <gtest/gtest.h>

#include <bit>
#include <cerrno>

#include "runtime/errors.hpp"
#include "runtime/posix/code_place.hpp"
#include "runtime/posix/memory/zero_pages.hpp"
#include "runtime/posix/os_error.hpp"
#include "runtime/posix/send_cursor.hpp"
#include "runtime/posix/socket.hpp"
#include "runtime/posix/threads/gathering.hpp"

namespace keel::runtime {
namespace {

// Sends through a cursor `at_once` bytes at a time, and answers what has come out.
std::string drain(std::vector<std::string> parts, std::size_t at_once) {
  std::vector<ByteView> views;
  for (const std::string& part : parts) views.push_back(as_bytes(part));
  SendCursor cursor(views);
  std::string sent;
  while (!cursor.done()) {
    std::size_t left = at_once;
    for (const iovec& vector : cursor.next()) {
      EXPECT_GT(vector.iov_len, 0u);
      const std::size_t take = std::min(left, vector.iov_len);
      sent.append(static_cast<const char*>(vector.iov_base), take);
      left -= take;
    }
    cursor.advance(at_once - left);
  }
  return sent;
}

TEST(SendCursor, sends_every_byte_once_whatever_the_kernel_takes) {
  for (std::size_t at_once = 1; at_once < 12; ++at_once) {
    EXPECT_EQ(drain({"", "abc", "d", "", "", "efghij", ""}, at_once), "abcdefghij");
  }
  EXPECT_EQ(drain({}, 1), "");
  EXPECT_EQ(drain({"", ""}, 1), "");
}

TEST(SendCursor, takes_more_parts_than_one_call_has_vectors) {
  std::vector<std::string> parts;
  std::string whole;
  for (int i = 0; i < 100; ++i) {
    parts.push_back(i % 3 == 0 ? "" : std::to_string(i));
    whole += parts.back();
  }
  EXPECT_EQ(drain(parts, 1000), whole);
  EXPECT_EQ(drain(parts, 7), whole);
}

TEST(OsError, names_what_a_caller_can_act_on) {
  EXPECT_TRUE(disk_error(ENOENT, "open x").is(kNoSuchFile));
  EXPECT_TRUE(disk_error(EEXIST, "open x").is(kFileExists));
  EXPECT_TRUE(disk_error(ENOSPC, "write x").is(kDiskFull));
  EXPECT_TRUE(disk_error(EDQUOT, "write x").is(kDiskFull));
  EXPECT_TRUE(disk_error(EROFS, "write x").is(kNotPermitted));
  EXPECT_TRUE(disk_error(EIO, "write x").is(kDiskFailed));
  EXPECT_TRUE(disk_error(EWOULDBLOCK, "lock x").is(kInUse));
  EXPECT_TRUE(socket_error(EMFILE, kListenFailed, "accept").is(kTooManyOpen));
  EXPECT_TRUE(socket_error(ECONNREFUSED, kConnectFailed, "connect").is(kConnectFailed));
  EXPECT_EQ(disk_error(EIO, "write x").detail(), "write x: Input/output error");
}

TEST(Socket, reads_and_writes_numeric_addresses) {
  const auto text = [](const char* address, std::uint16_t port) {
    return to_text(to_address({.address = address, .port = port}, kConnectFailed).value());
  };
  EXPECT_EQ(text("127.0.0.1", 80), "127.0.0.1:80");
  EXPECT_EQ(text("::1", 65535), "[::1]:65535");
  for (const char* wrong : {"", "localhost", "127.0.0.1 ", "1.2.3", "::1%lo"}) {
    EXPECT_TRUE(to_address({.address = wrong, .port = 1}, kListenFailed).error().is(kListenFailed))
        << wrong;
  }
}

TEST(ZeroPages, are_zero_and_aligned_for_direct_files) {
  const ZeroPages zeros;
  EXPECT_EQ(zeros.bytes().size(), kZeroPagesBytes);
  EXPECT_EQ(std::bit_cast<std::uintptr_t>(zeros.bytes().data()) % 4096, 0u);
  EXPECT_EQ(zeros.bytes().front(), std::byte{0});
  EXPECT_EQ(zeros.bytes().back(), std::byte{0});
}

TEST(CodePlace, is_a_file_and_an_offset_in_it) {
  const std::string place = code_place(std::bit_cast<const void*>(&drain));
  EXPECT_TRUE(place.starts_with("keel_runtime_posix_test+0x")) << place;
  EXPECT_NE(place, code_place(std::bit_cast<const void*>(&code_place)));
  EXPECT_EQ(code_place(nullptr), "unknown");
  int on_the_stack = 0;
  EXPECT_EQ(code_place(&on_the_stack), "unknown");
}

// A core over virtual time whose peers send a piece every `every`; each rest brings what comes in
// it. Answers how many of the turns of 100 ms were rests.
class RestingCore {
 public:
  explicit RestingCore(Duration rest) : gathering_(rest) {}

  template <typename Brings>
  int rests(Duration every, const Brings& brings) {
    int rests = 0;
    for (const Timestamp end = now_ + Duration::milliseconds(100); now_ < end;) {
      if (gathering_.pays(now_, received_)) {
        ++rests;
        gathering_.rested(received_);
        now_ = now_ + gathering_.rest();
        received_ += brings(gathering_.rest());
      } else {
        now_ = now_ + every;
        ++received_;
      }
    }
    return rests;
  }

 private:
  Gathering gathering_;
  Timestamp now_{Duration::seconds(1).ns};
  std::uint64_t received_ = 0;
};

TEST(Gathering, rests_while_two_or_more_are_to_be_expected) {
  const auto run = [](Duration rest, Duration every) {
    return RestingCore(rest).rests(every, [&](Duration while_resting) {
      return static_cast<std::uint64_t>(while_resting.ns / every.ns);
    });
  };
  const Duration rest = Duration::microseconds(500);
  EXPECT_EQ(run(rest, Duration::microseconds(260)), 0);
  EXPECT_GT(run(rest, Duration::microseconds(240)), 190);
  EXPECT_GT(run(rest, Duration::microseconds(10)), 190);
  EXPECT_EQ(run(Duration{}, Duration::microseconds(10)), 0);
}

TEST(Gathering, pauses_where_rests_bring_nobody) {
  const auto one = [](Duration) { return std::uint64_t{1}; };
  const int rests = RestingCore(Duration::microseconds(500)).rests(Duration::microseconds(50), one);
  EXPECT_GT(rests, 5);  // it tries again now and then
  EXPECT_LT(rests, 60);
}

}  // namespace
}  // namespace keel::runtime
