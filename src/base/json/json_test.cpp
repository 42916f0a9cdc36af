#include "base/json/json.hpp"

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
std::string json_of(const T& object, Confidential confidential = Confidential::shown) {
  std::string text;
  to_json(object, text, confidential);
  return text;
}

TEST(JsonWriter, puts_commas_and_escapes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("a\"b");
  json.text("\\\"\b\f\n\r\t\x01\x1f/\x7f é€");
  json.key("list");
  json.begin_list();
  json.number(std::uint64_t{1});
  json.number(std::int64_t{-1});
  json.begin_object();
  json.end_object();
  json.begin_list();
  json.end_list();
  json.null();
  json.end_list();
  json.key("yes");
  json.boolean(true);
  json.end_object();
  EXPECT_EQ(out, R"({"a\"b":"\\\"\b\f\n\r\t\u0001\u001f/)"
                 "\x7f é€"
                 R"(","list":[1,-1,{},[],null],"yes":true})");
}

TEST(JsonWriter, escapes_a_character_alike_wherever_it_stands) {
  for (int code = 0; code < 0x80; ++code) {
    std::string alone;
    append_json_text(alone, std::string(1, static_cast<char>(code)));
    const std::string escaped = alone.substr(1, alone.size() - 2);
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'x');
      text[at] = static_cast<char>(code);
      std::string out;
      append_json_text(out, text);
      EXPECT_EQ(out, '"' + std::string(at, 'x') + escaped + std::string(19 - at, 'x') + '"');
    }
  }
}

TEST(JsonWriter, indents_for_people) {
  std::string out;
  JsonWriter json(out, JsonWriter::Layout::indented);
  json.begin_object();
  json.key("a");
  json.begin_list();
  json.number(std::uint64_t{1});
  json.number(std::uint64_t{2});
  json.end_list();
  json.key("b");
  json.begin_object();
  json.end_object();
  json.end_object();
  EXPECT_EQ(out, "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
}

TEST(JsonWriter, replaces_what_is_not_utf8) {
  std::string out;
  append_json_text(out, "a\xff\xe2\x82z");
  EXPECT_EQ(out, "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
}

TEST(JsonWriterDeathTest, a_key_needs_its_value) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("a");
  EXPECT_DEATH(json.end_object(), "after_key_");
}

TEST(Json, writes_each_kind_in_its_form) {
  Everything all;
  all.large = UINT64_MAX;
  all.signed_large = INT64_MIN;
  all.huge = ~uint128{0};
  all.at = Timestamp{1};
  all.blob = {std::byte{0xfb}, std::byte{0xff}};
  all.tag = {std::byte{0xab}};
  all.side = Side::both;
  all.options = Flags(Option::linked) | Option::closed;
  all.maybe_line = Line{};
  all.sides = {Side::credit};
  EXPECT_EQ(
      json_of(all),
      R"({"yes":false,"tiny":0,"small":0,"medium":0,"large":"18446744073709551615","signed_tiny":0,)"
      R"("signed_medium":0,"signed_large":"-9223372036854775808",)"
      R"("huge":"340282366920938463463374607431768211455","command":"0","tenant":0,)"
      R"("at":"1970-01-01T00:00:00.000000001Z","wait":"0","note":"","blob":"+/8=","tag":"ab000000",)"
      R"("side":"both","options":["linked","closed"],"line":{"account":"0","amount":"0","text":""},)"
      R"("maybe_line":{"account":"0","amount":"0","text":""},"numbers":[],"signed_numbers":[],"times":[],)"
      R"("sides":["credit"],"commands":[],"notes":[],"blobs":[],"lines":[]})");
}

TEST(Json, hides_personal_and_secret_fields_where_asked) {
  const std::string text =
      json_of(Everything{.note = "Ada", .blob = {std::byte{1}}}, Confidential::hidden);
  EXPECT_NE(text.find(R"("note":"[hidden]","blob":"[hidden]")"), std::string::npos) << text;
  EXPECT_EQ(text.find("Ada"), std::string::npos);
}

TEST(Json, round_trip_of_anything) {
  EXPECT_TRUE(rc::check([] {
    const Everything all = sample::any_everything();
    const std::string text = json_of(all);
    const Result<Everything> back = from_json<Everything>(text);
    RC_LOG(back.ok() ? text : back.error().to_string());
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == all);
  }));
}

TEST(Json, a_damaged_document_never_crashes) {
  EXPECT_TRUE(rc::check([] {
    std::string text = json_of(sample::any_everything());
    const std::size_t at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::arbitrary<char>();
    static_cast<void>(from_json<Everything>(text));
    static_cast<void>(from_json<Everything>(std::string_view(text).substr(0, at)));
  }));
}

TEST(Json, reads_other_spellings_of_the_same_value) {
  EXPECT_EQ(from_json<Everything>("{}").value(), Everything{});
  EXPECT_EQ(from_json<Everything>(" { \"medium\" : 7 } \n").value(), Everything{.medium = 7});
  EXPECT_EQ(from_json<Everything>(R"({"large":18446744073709551615})").value().large, UINT64_MAX);
  EXPECT_EQ(from_json<Everything>(R"({"signed_large":-9223372036854775808})").value().signed_large,
            INT64_MIN);
  EXPECT_TRUE(from_json<Everything>(R"({"huge":18446744073709551616})").value().huge == uint128{1}
                                                                                            << 64);
  EXPECT_TRUE(from_json<Everything>(R"({"huge":"0xff"})").value().huge == 255);
  EXPECT_EQ(from_json<Everything>(R"({"tag":"ABcdEF01"})").value().tag[0], std::byte{0xab});
  EXPECT_EQ(from_json<Everything>(R"({"not\u0065":"\u0041\ud83d\ude00"})").value().note, "A😀");
  EXPECT_EQ(from_json<Everything>(R"({"maybe_line":null})").value(), Everything{});
  EXPECT_EQ(from_json<Everything>(R"({"at":"1970-01-01T01:00:00+01:00"})").value().at, Timestamp{});
}

struct Refusal {
  std::string_view json;
  const ErrorKind& kind;
  std::string_view sentence;
};

TEST(Json, refuses_with_path_value_and_expectation) {
  const std::vector<Refusal> refusals{
      {R"({"medium":"abc"})", kWrongType,
       R"(medium: got "abc", expected an integer from 0 to 4294967295)"},
      {R"({"huge":"abc"})", kBadValue,
       R"(huge: got "abc", expected a decimal integer from 0 to 2^128-1)"},
      {R"({"huge":-1})", kBadValue, "huge: got -1, expected a decimal integer"},
      {R"({"huge":"340282366920938463463374607431768211456"})", kBadValue, "huge: got"},
      {R"({"tiny":256})", kBadValue, "tiny: got 256, expected an integer from 0 to 255"},
      {R"({"tiny":-0})", kBadValue, "tiny: got -0"},
      {R"({"tiny":1.0})", kBadValue, "tiny: got 1.0"},
      {R"({"tiny":1e1})", kBadValue, "tiny: got 1e1"},
      {R"({"tiny":01})", kBadValue, "tiny: got 01"},
      {R"({"tiny":1x})", kBadValue, "tiny: got 1x"},
      {R"({"tiny":null})", kWrongType, "tiny: got null"},
      {R"({"signed_tiny":-129})", kBadValue,
       "signed_tiny: got -129, expected an integer from -128 to 127"},
      {R"({"signed_large":"9223372036854775808"})", kBadValue, "signed_large: got"},
      {R"({"yes":1})", kWrongType, "yes: got 1, expected true or false"},
      {R"({"yes":truely})", kWrongType, "yes: got truely"},
      {R"({"at":"yesterday"})", kBadValue, R"(at: got "yesterday", expected a time)"},
      {R"({"tag":"abcdef"})", kBadValue,
       R"(tag: got "abcdef", expected a text of 8 hexadecimal digits)"},
      {R"({"side":"neither"})", kBadValue,
       R"(side: got "neither", expected one of "debit", "credit", "both")"},
      {R"({"options":["linked","odd"]})", kBadValue,
       R"(options: got "odd", expected a list of any of "linked")"},
      {R"({"options":"linked"})", kWrongType, R"(options: got "linked")"},
      {R"({"line":[]})", kWrongType, "line: got a list, expected an object"},
      {R"({"numbers":[1,2,"x"]})", kWrongType, R"(numbers[2]: got "x")"},
      {R"({"numbers":7})", kWrongType, "numbers: got 7, expected a list"},
      {R"({"lines":[{},{"amount":{}}]})", kWrongType,
       "lines[1].amount: got an object, expected an integer from"},
      {R"({"maybe_line":{"text":1}})", kWrongType, "maybe_line.text: got 1, expected a text"},
      {R"({"maybe_line":nil})", kWrongType, "maybe_line: got nil"},
      {R"({"lines":[{"acount":1}]})", kUnknownKey,
       R"(lines[0]: unknown key "acount", did you mean "account"?)"},
      {R"({"zzzzzz":1})", kUnknownKey, R"(keel.sample.Everything: unknown key "zzzzzz")"},
      {R"({"tiny":1,"tiny":1})", kDuplicateKey, "tiny: "},
      {R"({"tiny":1,"t\u0069ny":1})", kDuplicateKey, "tiny: "},
      // What is personal or secret is not repeated.
      {R"({"note":12345})", kWrongType, "note: got a number or word, expected a text"},
      {R"({"blob":"s3cret"})", kBadValue, "blob: got a text, expected a text in base64"},
  };
  for (const Refusal& refusal : refusals) {
    const Result<Everything> read = from_json<Everything>(refusal.json);
    ASSERT_FALSE(read.ok()) << refusal.json;
    EXPECT_TRUE(read.error().is(refusal.kind)) << refusal.json << " " << read.error().to_string();
    EXPECT_TRUE(read.error().detail().starts_with(refusal.sentence)) << read.error().to_string();
  }
}

TEST(Json, refuses_what_is_no_document) {
  for (std::string_view text : {"",
                                " ",
                                "{",
                                "}",
                                "{]",
                                "[]",
                                "null",
                                "1",
                                "\"a\"",
                                "{\"tiny\":1",
                                "{\"tiny\"}",
                                "{\"tiny\":}",
                                "{\"tiny\":1,}",
                                "{,\"tiny\":1}",
                                "{\"tiny\":1 \"small\":2}",
                                "{\"numbers\":[1,]}",
                                "{\"numbers\":[1 2]}",
                                "{\"numbers\":[,1]}",
                                "{tiny:1}",
                                "{\"tiny\":1}{}",
                                "{\"tiny\":1} x",
                                "{\"tiny\":1}]",
                                "{\"note\":\"\xff\"}",
                                "{\"note\":\"a\nb\"}",
                                "{\"note\":\"\\x\"}",
                                "{\"note\":\"\\ud800\"}",
                                "{\"note\":\"",
                                "{\"tiny\":1}\"",
                                "{\"tiny\":/*1*/1}"}) {
    EXPECT_FALSE(from_json<Everything>(text).ok()) << text;
  }
}

TEST(Json, keeps_its_limits) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += R"({"branches":[)";
  for (int i = 0; i < 40; ++i) deep += "]}";
  EXPECT_TRUE(from_json<Tree>(deep).error().is(kTooDeep));
  EXPECT_TRUE(from_json<Tree>(deep, {.depth = 40}).ok());
  EXPECT_TRUE(from_json<Tree>(deep, {.input_bytes = 100}).error().is(kTooLarge));
  const std::string many = R"({"numbers":[1,2,3]})";
  EXPECT_TRUE(from_json<Everything>(many, {.elements = 2}).error().is(kTooLarge));
  EXPECT_TRUE(from_json<Everything>(many, {.elements = 3}).ok());
}

TEST(Json, a_long_document_is_read_and_leaves_nothing_behind) {
  const Everything all{.notes = std::vector<std::string>(3, std::string(1'000'000, 'x'))};
  EXPECT_EQ(from_json<Everything>(json_of(all)).value(), all);
  EXPECT_EQ(from_json<Everything>(R"({"medium":7})").value(), Everything{.medium = 7});
}

struct Order {
  std::uint32_t number = 0;
  std::optional<Line> line;
  static constexpr auto description() {
    return describe<Order>("keel.sample.Order", field<1>("number", &Order::number, required()),
                           field<2>("line", &Order::line));
  }
};

TEST(Json, a_required_key_must_be_there) {
  EXPECT_EQ(from_json<Order>(R"({"number":0})").value().number, 0u);
  const Result<Order> read = from_json<Order>(R"({"line":{}})");
  EXPECT_TRUE(read.error().is(kMissingKey));
  EXPECT_EQ(read.error().detail(), "number: missing, expected an integer from 0 to 4294967295");
}

struct Tag {
  std::string name;
  std::vector<std::string> others;
  static constexpr auto description() {
    return describe<Tag>("foreign.Tag", field<1>("theName", &Tag::name, max_length(3)),
                         field<2>("theOthers", &Tag::others, max_length(2)));
  }
};

TEST(Json, a_text_has_at_most_so_many_characters) {
  EXPECT_TRUE(from_json<Tag>("{\"theName\":\"\u00e4\u00f6\u00fc\",\"theOthers\":[\"ab\"]}").ok());
  const Result<Tag> long_name = from_json<Tag>(R"({"theName":"abcd"})");
  EXPECT_TRUE(long_name.error().is(kTooLong));
  EXPECT_EQ(long_name.error().detail(),
            R"(theName: got "abcd", expected a text of at most 3 characters)");
  EXPECT_TRUE(from_json<Tag>(R"({"theOthers":["ab","abc"]})").error().is(kTooLong));
}

TEST(JsonWriter, writes_milliseconds_when_asked) {
  std::string out;
  JsonWriter json(out);
  json.write_milliseconds();
  json.time(Timestamp{1'999'999'999});
  EXPECT_EQ(out, R"("1970-01-01T00:00:01.999Z")");
}

}  // namespace
}  // namespace keel
