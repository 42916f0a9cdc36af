#include "runtime/zlib/zlib_deflate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/websocket/errors.hpp"

namespace keel::runtime {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

Bytes bytes(std::initializer_list<unsigned> values) {
  Bytes made;
  for (const unsigned each : values) made.push_back(static_cast<std::byte>(each));
  return made;
}

std::string json_of_readings(std::size_t count) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i)
    text += R"({"timestamp":"2026-11-29T12:00:00Z","value":")" + std::to_string(i * 37) + "\"},";
  return text + "]";
}

class ZlibDeflateTest : public testing::Test {
 protected:
  std::string inflated(ByteView compressed, std::size_t most_bytes = kMiB) {
    Bytes to;
    const Result<> done = codec_.inflate(compressed, most_bytes, to);
    return done.ok() ? std::string(as_text(to)) : std::string(done.error().kind().name);
  }

  ZlibDeflate codec_;
};

// RFC 7692, section 7.2.3.
TEST_F(ZlibDeflateTest, reads_the_examples_of_the_rfc) {
  EXPECT_EQ(inflated(bytes({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00})), "Hello");
  EXPECT_EQ(inflated(bytes({0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00})),
            "Hello")
      << "a block without compression";
  EXPECT_EQ(inflated(bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00})), "Hello")
      << "a final block";
  EXPECT_EQ(inflated(bytes(
                {0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00})),
            "Hello")
      << "two blocks";
  EXPECT_EQ(inflated(bytes({0x00})), "") << "an empty message";
}

TEST_F(ZlibDeflateTest, refuses_what_does_not_inflate) {
  const std::string bad(websocket::kBadCompression.name);
  EXPECT_EQ(inflated(bytes({0xff, 0xff})), bad) << "a reserved type of block";
  EXPECT_EQ(inflated(bytes({0xf2, 0x48, 0xcd})), bad) << "it ends inside a block";
  EXPECT_EQ(inflated({}), bad) << "not even a block's head";
  EXPECT_EQ(inflated(bytes({0x00, 0x05, 0x00, 0xfa, 0xfe, 0x48})), bad) << "lengths that disagree";
  // A reference to what was said in another message: there is none.
  EXPECT_EQ(inflated(bytes({0xf2, 0x00, 0x11, 0x00, 0x00})), bad);
  // After all of it the codec is as new.
  EXPECT_EQ(inflated(bytes({0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00})), "Hello");
}

TEST_F(ZlibDeflateTest, bounds_what_a_message_inflates_to) {
  const std::string text = json_of_readings(500);
  Bytes small;
  ASSERT_TRUE(codec_.deflate(as_bytes(text), 15, small));
  EXPECT_EQ(inflated(small, text.size()), text);
  EXPECT_EQ(inflated(small, text.size() - 1), websocket::kTooLarge.name);
}

TEST_F(ZlibDeflateTest, a_bomb_is_refused_by_its_proportion) {
  // 4 MiB of zeros in 4 KiB, from a codec that lets them through.
  ZlibDeflate careless({.level = 9, .most_ratio = 2'000});
  Bytes bomb;
  ASSERT_TRUE(careless.deflate(Bytes(4 * kMiB), 15, bomb));
  ASSERT_LT(bomb.size(), 4'200u);
  Bytes to;
  const Result<> done = codec_.inflate(bomb, 16 * kMiB, to);
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().is(websocket::kTooLarge));
  EXPECT_LE(to.capacity(), bomb.size() * 100 + 1) << "and none of the rest was made";
}

TEST_F(ZlibDeflateTest, makes_no_message_that_it_would_refuse) {
  Bytes small;
  EXPECT_FALSE(codec_.deflate(Bytes(4 * kMiB), 15, small)) << "in proportion a bomb";
  EXPECT_FALSE(codec_.deflate(as_bytes("qwertyuiop"), 15, small)) << "it would not be smaller";
  EXPECT_TRUE(small.empty());
  EXPECT_TRUE(codec_.deflate(Bytes(60'000), 15, small)) << "small enough to be harmless";
  EXPECT_EQ(inflated(small).size(), 60'000u);
}

TEST_F(ZlibDeflateTest, many_streams_in_a_message_are_read_and_too_many_are_not) {
  const Bytes final_block = bytes({0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00});
  Bytes message;
  for (int i = 0; i < 64; ++i) append(message, final_block);
  Bytes read = message;
  read.push_back(std::byte{});
  EXPECT_EQ(inflated(read).size(), 64 * 5u);
  append(message, final_block);
  message.push_back(std::byte{});
  EXPECT_EQ(inflated(message), websocket::kBadCompression.name);
}

RC_GTEST_PROP(ZlibDeflate, what_is_deflated_inflates_and_no_message_knows_of_another,
              (const std::vector<std::string>& words)) {
  ZlibDeflate codec;
  for (const std::string& word : words) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += word + std::to_string(i % 7);
    const auto window = *rc::gen::inRange<std::uint8_t>(9, 16);
    Bytes small;
    RC_ASSERT(codec.deflate(as_bytes(text), window, small));
    RC_ASSERT(small.size() < text.size());
    // By a codec of its own: nothing was remembered.
    ZlibDeflate other;
    Bytes back;
    RC_ASSERT(other.inflate(small, text.size(), back).ok());
    RC_ASSERT(as_text(back) == text);
  }
}

}  // namespace
}  // namespace keel::runtime
