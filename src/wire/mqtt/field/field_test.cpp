#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "wire/mqtt/field/errors.hpp"
#include "wire/mqtt/field/field_reader.hpp"
#include "wire/mqtt/field/field_writer.hpp"
#include "wire/mqtt/field/text.hpp"

namespace keel::mqtt {
namespace {

Bytes hex(std::string_view text) {
  return from_hex(text).value();
}

TEST(VariableInteger, has_the_values_of_the_specification) {  // section 1.5.5, table 1-1
  struct Row {
    const char* bytes;
    std::uint32_t value;
  };
  for (const Row& row :
       {Row{"00", 0}, Row{"7f", 127}, Row{"8001", 128}, Row{"ff7f", 16'383}, Row{"808001", 16'384},
        Row{"ffff7f", 2'097'151}, Row{"80808001", 2'097'152}, Row{"ffffff7f", kGreatestVariable}}) {
    const Bytes bytes = hex(row.bytes);
    FieldReader reader(bytes);
    EXPECT_EQ(reader.variable(), row.value);
    EXPECT_TRUE(reader.finish().ok());
    EXPECT_EQ(variable_bytes(row.value), bytes.size());
  }
}

TEST(VariableInteger, is_refused_when_it_is_longer_than_needed) {  // [MQTT-1.5.5-1]
  for (const char* bytes : {"8000", "ff00", "808000", "80808000", "8080808001", "ffffffff7f"}) {
    const Bytes held = hex(bytes);
    FieldReader reader(held);
    reader.variable();
    ASSERT_TRUE(reader.failed()) << bytes;
    EXPECT_EQ(reader.failure(), &kBadVariable) << bytes;
  }
}

TEST(FieldReader, keeps_the_first_failure_and_gives_nothing_after_it) {
  const Bytes bytes = hex("0005616263");
  FieldReader reader(bytes);
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.failure(), &kShortPacket);
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_TRUE(reader.empty());
  EXPECT_TRUE(reader.finish().error().is(kShortPacket));
}

TEST(FieldReader, says_that_bytes_are_left) {
  const Bytes bytes = hex("0102");
  FieldReader reader(bytes);
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_TRUE(reader.finish().error().is(kTrailingBytes));
}

TEST(FieldReader, refuses_a_packet_identifier_of_zero) {  // [MQTT-2.2.1-3]
  const Bytes bytes = hex("0000");
  FieldReader reader(bytes);
  reader.packet_id();
  EXPECT_EQ(reader.failure(), &kZeroPacketId);
}

TEST(Text, is_well_formed_utf8_without_controls) {  // [MQTT-1.5.4-1] [MQTT-1.5.4-2]
  using namespace std::string_literals;
  for (const auto& good :
       {""s, "a"s, "topic/with spaces"s, "\xc3\xa9"s, "\xf0\xaa\x9b\x94"s, " "s, "~"s,
        "\xef\xbb\xbf"s, "12345678\xe2\x82\xac"s, "\xc2\xa0"s, "\xef\xbf\xbd"s}) {
    EXPECT_TRUE(is_mqtt_text(good)) << to_hex(as_bytes(good));
  }
  for (const auto& bad : {"\0"s, "1234567\0"s, "12345678\0"s, "\x01"s, "abcdefg\x1f"s, "\x7f"s,
                          "1234567\x7f"s, "\xc2\x80"s, "\xc2\x9f"s, "\xed\xa0\x80"s,
                          "\xed\xbf\xbf"s, "\xc0\x80"s, "\xff"s, "\xc3"s, "\xf4\x90\x80\x80"s,
                          "\xef\xbf\xbe"s, "\xef\xbf\xbf"s, "\xef\xb7\x90"s, "\xf0\x9f\xbf\xbf"s}) {
    EXPECT_FALSE(is_mqtt_text(bad)) << to_hex(as_bytes(bad));
  }
}

RC_GTEST_PROP(Text, is_the_same_wherever_a_control_character_stands, (std::uint8_t control)) {
  const std::size_t before = *rc::gen::inRange<std::size_t>(0, 20);
  const std::size_t after = *rc::gen::inRange<std::size_t>(0, 20);
  const char c = static_cast<char>(control % 0x80);
  const std::string text = std::string(before, 'x') + c + std::string(after, 'y');
  RC_ASSERT(is_mqtt_text(text) == (c >= 0x20 && c != 0x7f));
}

RC_GTEST_PROP(Fields, are_read_as_they_were_written,
              (std::uint8_t a, std::uint16_t b, std::uint32_t c, std::vector<std::uint8_t> data)) {
  const std::uint32_t variable = c % (kGreatestVariable + 1);
  const ByteView binary = std::as_bytes(std::span(data));
  const auto describe = [&](auto& sink) {
    sink.u8(a);
    sink.u16(b);
    sink.u32(c);
    sink.variable(variable);
    sink.binary(binary);
    sink.text("text");
  };
  FieldCounter counter;
  describe(counter);
  Bytes space(counter.size());
  FieldWriter writer(space);
  describe(writer);
  const ByteView written = writer.finish().value();
  RC_ASSERT(written.size() == counter.size());
  FieldReader reader(written);
  RC_ASSERT(reader.u8() == a);
  RC_ASSERT(reader.u16() == b);
  RC_ASSERT(reader.u32() == c);
  RC_ASSERT(reader.variable() == variable);
  RC_ASSERT(std::ranges::equal(reader.binary(), binary));
  RC_ASSERT(reader.text() == "text");
  RC_ASSERT(reader.finish().ok());
  Bytes small(counter.size() - 1);
  FieldWriter cut(small);
  describe(cut);
  RC_ASSERT(cut.finish().error().is(kOutputFull));
}

TEST(FieldWriter, refuses_what_mqtt_cannot_say) {
  Bytes space(70'000);
  FieldWriter text(space);
  text.text(std::string(65'536, 'a'));
  EXPECT_TRUE(text.finish().error().is(kBadOutput));
  FieldWriter number(space);
  number.variable(kGreatestVariable + 1);
  EXPECT_TRUE(number.finish().error().is(kBadOutput));
}

}  // namespace
}  // namespace keel::mqtt
