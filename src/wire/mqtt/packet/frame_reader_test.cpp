#include "wire/mqtt/packet/frame_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "wire/mqtt/field/errors.hpp"

namespace keel::mqtt {
namespace {

Bytes frame_of(std::size_t length) {
  Bytes bytes{std::byte{0x30}};
  std::size_t left = length;
  do {
    const std::size_t more = left >= 128 ? 0x80 : 0;
    bytes.push_back(static_cast<std::byte>((left & 0x7f) | more));
    left >>= 7;
  } while (left != 0);
  for (std::size_t i = 0; i < length; ++i) bytes.push_back(static_cast<std::byte>(i));
  return bytes;
}

TEST(FrameReader, gives_views_into_what_was_fed) {
  Bytes bytes = frame_of(3);
  append(bytes, frame_of(0));
  FrameReader reader(100);
  reader.feed(bytes);
  ASSERT_EQ(reader.next(), FrameStep::frame);
  EXPECT_EQ(reader.frame().body.data(), ByteView(bytes).subspan(2).data());
  EXPECT_EQ(reader.frame().type(), 3);
  ASSERT_EQ(reader.next(), FrameStep::frame);
  EXPECT_TRUE(reader.frame().body.empty());
  EXPECT_EQ(reader.next(), FrameStep::need_more);
  EXPECT_EQ(reader.memory_bytes(), 0u);
}

TEST(FrameReader, refuses_a_length_of_five_bytes_or_an_overlong_one) {  // [MQTT-1.5.5-1]
  for (const char* hex : {"30ffffffff7f", "308000", "30808000", "3080808000"}) {
    const Bytes bytes = from_hex(hex).value();
    FrameReader reader(1u << 30);
    reader.feed(bytes);
    ASSERT_EQ(reader.next(), FrameStep::error) << hex;
    EXPECT_EQ(&reader.error(), &kBadLength);
    EXPECT_EQ(reader.next(), FrameStep::error);
  }
}

TEST(FrameReader, refuses_what_is_too_large_before_it_has_arrived) {
  FrameReader reader(10);
  const Bytes fits = frame_of(8);
  reader.feed(fits);
  EXPECT_EQ(reader.next(), FrameStep::frame);
  EXPECT_EQ(reader.next(), FrameStep::need_more);
  const Bytes head = from_hex("3009").value();
  reader.feed(head);
  ASSERT_EQ(reader.next(), FrameStep::error);
  EXPECT_EQ(&reader.error(), &kPacketTooLarge);
}

TEST(FrameReader, holds_no_more_memory_than_twice_what_has_arrived) {
  FrameReader reader(1u << 29);
  const Bytes head = from_hex("30ffffff7f61").value();
  reader.feed(head);
  EXPECT_EQ(reader.next(), FrameStep::need_more);
  EXPECT_LE(reader.memory_bytes(), 2 * head.size());
}

RC_GTEST_PROP(FrameReader, gives_the_same_however_the_bytes_are_cut, (bool holding)) {
  const auto lengths = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::elementOf(std::vector<std::size_t>{0, 1, 5, 127, 128, 300}));
  Bytes all;
  for (const std::size_t length : lengths) append(all, frame_of(length));
  FrameReader reader(1'000);
  std::vector<std::size_t> seen;
  ByteView rest = all;
  while (!rest.empty()) {
    const std::size_t size = std::min(*rc::gen::inRange<std::size_t>(1, 200), rest.size());
    const Bytes piece(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
    rest = rest.subspan(size);
    reader.feed(piece);
    if (holding) reader.hold();
    while (reader.next() == FrameStep::frame) {
      const ByteView body = reader.frame().body;
      for (std::size_t i = 0; i < body.size(); ++i) RC_ASSERT(body[i] == static_cast<std::byte>(i));
      seen.push_back(body.size());
      if (holding) reader.hold();
    }
  }
  RC_ASSERT(seen == lengths);
  RC_ASSERT(reader.buffered() == 0u);
}

}  // namespace
}  // namespace keel::mqtt
