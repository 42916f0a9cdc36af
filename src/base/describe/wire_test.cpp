#include "base/describe/wire.hpp"

#include <gtest/gtest.h>

#include "base/describe/testing/arbitrary.hpp"

namespace keel {
namespace {

using sample::Everything;
using sample::Line;
using sample::Option;
using sample::Side;
using sample::Tree;

template <typename T>
Bytes encoded(const T& object) {
  Bytes bytes;
  encode(object, bytes);
  return bytes;
}
template <typename T>
std::string hex(const T& object) {
  return to_hex(encoded(object));
}
template <typename T>
Result<T> from(std::string_view text, const DecodeLimits& limits = {}) {
  return decode<T>(from_hex(text).value(), limits);
}

TEST(Wire, leaves_defaults_out) {
  EXPECT_EQ(hex(Everything{}), "");
  EXPECT_EQ(from<Everything>("").value(), Everything{});
}

TEST(Wire, writes_what_the_documentation_of_protobuf_says) {
  EXPECT_EQ(hex(Everything{.medium = 150}), "209601");  // field 4, varint
  EXPECT_EQ(hex(Everything{.signed_medium = -1}), "3801");
  EXPECT_EQ(hex(Everything{.signed_large = INT64_MIN}), "40ffffffffffffffffff01");
  EXPECT_EQ(hex(Everything{.huge = 258}), "4a1002010000000000000000000000000000");
  EXPECT_EQ(hex(Everything{.at = Timestamp{1}}), "610100000000000000");
  EXPECT_EQ(hex(Everything{.note = "testing"}), "720774657374696e67");
  EXPECT_EQ(hex(Everything{.side = Side::both}), "880107");
  EXPECT_EQ(hex(Everything{.options = Option::closed}), "9001808002");
  EXPECT_EQ(hex(Everything{.numbers = {3, 270, 86942}}), "c20206038e029ea705");  // packed
  EXPECT_EQ(hex(Everything{.notes = {"", "a"}}), "ea0200ea020161");
}

TEST(Wire, an_optional_zero_is_there_and_an_empty_message_is_not) {
  EXPECT_EQ(hex(Everything{.maybe_number = 0}), "f00100");
  EXPECT_EQ(hex(Everything{.maybe_line = Line{}}), "8a0200");
  EXPECT_EQ(hex(Everything{.line = Line{}}), "");
  EXPECT_EQ(from<Everything>("f00100").value().maybe_number, 0u);
  EXPECT_EQ(from<Everything>("8a0200").value().maybe_line, Line{});
}

TEST(Wire, long_messages_have_long_lengths) {
  for (std::size_t size : {120u, 127u, 128u, 129u, 16'384u, 3'000'000u}) {
    const Everything all{.line = {.text = std::string(size, 'x')}};
    EXPECT_EQ(decode<Everything>(encoded(all)).value(), all) << size;
  }
}

TEST(Wire, round_trip_of_anything) {
  EXPECT_TRUE(rc::check([] {
    const Everything all = sample::any_everything();
    const Bytes bytes = encoded(all);
    const Everything back = decode<Everything>(bytes).value();
    RC_ASSERT(back == all);
    RC_ASSERT(encoded(back) == bytes);
  }));
}

TEST(Wire, every_cut_is_an_error_or_another_value_but_never_a_crash) {
  EXPECT_TRUE(rc::check([] {
    const Bytes bytes = encoded(sample::any_everything());
    const ByteView cut = ByteView(bytes).first(*rc::gen::inRange<std::size_t>(0, bytes.size() + 1));
    const Result<Everything> decoded = decode<Everything>(cut);
    if (decoded.ok()) RC_ASSERT(encoded(*decoded).size() <= cut.size());
  }));
}

TEST(Wire, the_last_value_wins_and_messages_merge) {
  EXPECT_EQ(from<Everything>("2001"
                             "2002")
                .value()
                .medium,
            2u);
  EXPECT_EQ(from<Everything>("f00101"
                             "f00102")
                .value()
                .maybe_number,
            2u);
  // line { amount: 1 }, then line { text: "a" }
  const Line merged{.amount = 1, .text = "a"};
  EXPECT_EQ(from<Everything>("9a01021002"
                             "9a01031a0161")
                .value()
                .line,
            merged);
  EXPECT_EQ(from<Everything>("8a02021002"
                             "8a02031a0161")
                .value()
                .maybe_line,
            merged);
}

TEST(Wire, lists_come_packed_or_not_and_in_pieces) {
  const std::vector<std::uint32_t> expected{1, 2, 3};
  EXPECT_EQ(from<Everything>("c20203010203").value().numbers, expected);
  EXPECT_EQ(from<Everything>("c00201"
                             "c00202"
                             "c00203")
                .value()
                .numbers,
            expected);
  EXPECT_EQ(from<Everything>("c0020120c0bb3fc202020203").value().numbers, expected);
  EXPECT_EQ(from<Everything>("c20200").value().numbers.size(), 0u);
}

TEST(Wire, skips_what_it_does_not_know) {
  // field 22 as varint, fixed64, length, group (with a nested group) and fixed32; then medium = 1
  EXPECT_EQ(from<Everything>("b001ffffffffffffffffff01"
                             "b1010102030405060708"
                             "b20102aabb"
                             "b301"
                             "bb01bc01"
                             "0801"
                             "b401"
                             "b50101020304"
                             "2001")
                .value(),
            Everything{.medium = 1});
}

struct Refusal {
  std::string_view wire;
  const ErrorKind& kind;
  std::string_view path;
};

TEST(Wire, refuses_and_names_the_field) {
  const std::vector<Refusal> refusals{
      {"20", kMalformedWire, "medium: "},                       // a varint is missing
      {"20ff", kMalformedWire, "medium: "},                     // cut inside
      {"28ffffffffffffffffffff01", kMalformedWire, "large: "},  // eleven bytes
      {"28ffffffffffffffffff02", kMalformedWire, "large: "},    // more than 64 bits
      {"61010203", kMalformedWire, "at: "},                     // fixed64 cut
      {"7205abcd", kMalformedWire, "note: "},                   // length beyond the end
      {"72ffffffffffffffffff01", kMalformedWire, "note: "},     // a length near 2^64
      {"9a01031a0561", kMalformedWire, "line.text: "},       // beyond the end of the inner message
      {"00", kMalformedWire, "keel.sample.Everything: "},    // field 0
      {"0e", kMalformedWire, "keel.sample.Everything: "},    // wire type 6
      {"b401", kMalformedWire, "keel.sample.Everything: "},  // a group's end without its start
      {"b301bc01", kMalformedWire, "keel.sample.Everything: "},  // another group's end
      {"2200", kWrongWireType, "medium: "},                      // not a list: no packing
      {"7001", kWrongWireType, "note: "},
      {"0802", kValueOutOfRange, "yes: "},
      {"108002", kValueOutOfRange, "tiny: "},         // 256
      {"30ff03", kValueOutOfRange, "signed_tiny: "},  // -256
      {"2080808080808001", kValueOutOfRange, "medium: "},
      {"4a0101", kValueOutOfRange, "huge: "},           // 1 byte, not 16
      {"8201050102030405", kValueOutOfRange, "tag: "},  // 5 bytes, not 4
      {"7202c080", kNotUtf8, "note: "},
      {"880103", kUnknownEnumerator, "side: "},  // reserved
      {"900102", kUnknownEnumerator, "options: "},
      {"f2ffffff0f021002"
       "f2ffffff0f00"
       "faffffff0f041a02c080",
       kNotUtf8, "lines[0].text: "},
  };
  for (const Refusal& refusal : refusals) {
    const Result<Everything> decoded = from<Everything>(refusal.wire);
    ASSERT_FALSE(decoded.ok()) << refusal.wire;
    EXPECT_TRUE(decoded.error().is(refusal.kind))
        << refusal.wire << " " << decoded.error().to_string();
    EXPECT_TRUE(decoded.error().detail().starts_with(refusal.path)) << decoded.error().to_string();
  }
}

TEST(Wire, keeps_its_limits) {
  Tree deep;
  for (int i = 0; i < 40; ++i) {
    Tree outer;
    outer.branches.push_back(std::move(deep));
    deep = std::move(outer);
  }
  const Bytes bytes = encoded(deep);
  EXPECT_TRUE(decode<Tree>(bytes).error().is(kTooDeep));
  EXPECT_EQ(decode<Tree>(bytes, {.depth = 41}).value(), deep);

  const Everything many{.numbers = std::vector<std::uint32_t>(5, 1), .notes = {"a"}};
  EXPECT_TRUE(decode<Everything>(encoded(many), {.elements = 5}).error().is(kTooLarge));
  EXPECT_TRUE(decode<Everything>(encoded(many), {.elements = 6}).ok());
  EXPECT_TRUE(decode<Everything>(encoded(many), {.input_bytes = 4}).error().is(kTooLarge));

  std::string groups;
  for (int i = 0; i < 40; ++i) groups += "b301";
  EXPECT_TRUE(from<Everything>(groups).error().is(kTooDeep));
}

TEST(WireDeathTest, does_not_write_what_it_would_not_read) {
  EXPECT_DEATH(encoded(Everything{.note = "\xff"}), "is_utf8");
  EXPECT_DEATH(encoded(Everything{.side = static_cast<Side>(5)}), "find");
  EXPECT_DEATH(encoded(Everything{.options = Flags<Option>::from_bits(2)}), "all_bits");
}

struct Short {
  BoundedVector<std::uint32_t, 2> numbers;
  static constexpr auto description() {
    return describe<Short>("keel.sample.Short", field<1>("numbers", &Short::numbers));
  }
};

TEST(Wire, a_bounded_list_refuses_the_element_too_many) {
  EXPECT_EQ(hex(from<Short>("0a020102").value()), "0a020102");
  EXPECT_TRUE(from<Short>("0a03010203").error().is(kTooLarge));
}

struct Stubborn {
  std::uint32_t seven = 7;
  static constexpr auto description() {
    return describe<Stubborn>("keel.sample.Stubborn", field<1>("seven", &Stubborn::seven));
  }
};

TEST(Describe, defaults_other_than_zero_are_noticed) {
  EXPECT_TRUE(info<Everything>().defaults_are_zero());
  EXPECT_FALSE(info<Stubborn>().defaults_are_zero());
}

TEST(Describe, the_table_says_what_the_definition_says) {
  const StructInfo& all = info<Everything>();
  EXPECT_EQ(all.name, "keel.sample.Everything");
  EXPECT_EQ(package_of(all.name), "keel.sample");
  EXPECT_EQ(short_name_of(all.name), "Everything");
  EXPECT_EQ(all.find(14u)->name, "note");
  EXPECT_EQ(all.find("note")->attributes.subject, "tenant");
  EXPECT_TRUE(all.find("blob")->attributes.confidential());
  EXPECT_TRUE(all.find("maybe_number")->attributes.deprecated);
  EXPECT_EQ(all.find(20u), nullptr);
  EXPECT_EQ(all.reserved[0].name, "cell");
  EXPECT_EQ(all.find("lines")->type.structure().doc, "One line of an order.");
}

}  // namespace
}  // namespace keel
