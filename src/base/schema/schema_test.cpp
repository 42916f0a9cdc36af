#include <gtest/gtest.h>

#include "base/describe/testing/sample.hpp"
#include "base/json/json.hpp"
#include "base/schema/openapi.hpp"
#include "base/schema/package_schema.hpp"
#include "base/schema/proto_text.hpp"

namespace keel {
namespace {

using sample::Everything;
using sample::Side;

// --- a type as it was published, and what could become of it ---
struct Old {
  std::uint16_t code = 0;
  std::string note = {};
  std::vector<std::uint32_t> numbers = {};
  Side side = Side::debit;
  static constexpr auto description() {
    return describe<Old>("keel.test.Order", field<1>("code", &Old::code),
                         field<2>("note", &Old::note, personal("code")),
                         field<3>("numbers", &Old::numbers), field<4>("side", &Old::side),
                         reserved<9>("gone"));
  }
};

// Grown: a wider integer, a new field, a field removed with its number and name reserved.
struct Grown {
  std::uint32_t code = 0;
  std::string note = {};
  Side side = Side::debit;
  std::string more = {};
  static constexpr auto description() {
    return describe<Grown>("keel.test.Order", field<1>("code", &Grown::code),
                           field<2>("note", &Grown::note, personal("code")), reserved<3>("numbers"),
                           field<4>("side", &Grown::side), field<5>("more", &Grown::more),
                           reserved<9>("gone"));
  }
};

struct Renamed {
  std::uint16_t code = 0;
  std::string text = {};
  std::vector<std::uint32_t> numbers = {};
  Side side = Side::debit;
  static constexpr auto description() {
    using R = Renamed;
    return describe<R>(
        "keel.test.Order", field<1>("code", &R::code), field<2>("text", &R::text, personal("code")),
        field<3>("numbers", &R::numbers), field<4>("side", &R::side), reserved<9>("gone"));
  }
};

struct Renumbered {
  std::uint16_t code = 0;
  std::string note = {};
  std::vector<std::uint32_t> numbers = {};
  Side side = Side::debit;
  static constexpr auto description() {
    using R = Renumbered;
    return describe<R>("keel.test.Order", field<1>("code", &R::code),
                       field<2>("note", &R::note, personal("code")), field<4>("side", &R::side),
                       field<5>("numbers", &R::numbers), reserved<9>("gone"));
  }
};

struct Removed {
  std::uint16_t code = 0;
  std::string note = {};
  Side side = Side::debit;
  static constexpr auto description() {
    using R = Removed;
    return describe<R>("keel.test.Order", field<1>("code", &R::code),
                       field<2>("note", &R::note, personal("code")), field<4>("side", &R::side),
                       reserved<9>("gone"));
  }
};

// Narrower, another shape, not personal any more, a required field, a reservation dropped.
struct Broken {
  std::uint8_t code = 0;
  std::string note = {};
  std::optional<std::uint32_t> numbers = {};
  std::uint32_t side = 0;
  std::string more = {};
  static constexpr auto description() {
    using B = Broken;
    return describe<B>("keel.test.Order", field<1>("code", &B::code), field<2>("note", &B::note),
                       field<3>("numbers", &B::numbers), field<4>("side", &B::side),
                       field<5>("more", &B::more, required()));
  }
};

template <Described T>
std::vector<const StructInfo*> only() {
  return {&info<T>()};
}

template <Described T>
Result<> check_against_old() {
  return check_compatible(to_text(package_schema(only<Old>())), only<T>());
}

std::size_t count_of(std::string_view text, char letter) {
  return static_cast<std::size_t>(std::ranges::count(text, letter));
}

TEST(Compatibility, the_same_and_the_grown_serve_the_old) {
  EXPECT_TRUE(check_against_old<Old>().ok());
  EXPECT_TRUE(check_against_old<Grown>().ok()) << check_against_old<Grown>().error().to_string();
}

TEST(Compatibility, what_was_read_by_number_or_name_must_stay) {
  const std::vector<std::pair<Result<>, std::string_view>> refusals{
      {check_against_old<Renamed>(), "field \"note\" is now called \"text\""},
      {check_against_old<Renumbered>(), "field \"numbers\" had number 3 and has 5"},
      {check_against_old<Removed>(), "\"numbers\" is gone without reserved<3>(\"numbers\")"},
  };
  for (const auto& [result, sentence] : refusals) {
    ASSERT_FALSE(result.ok());
    EXPECT_TRUE(result.error().is(kIncompatibleSchema));
    EXPECT_EQ(result.error().detail(), "keel.test.Order: " + std::string(sentence));
  }
}

TEST(Compatibility, names_everything_that_is_wrong) {
  const Result<> result = check_against_old<Broken>();
  ASSERT_FALSE(result.ok());
  for (std::string_view part :
       {"field \"code\" was uint16 and is uint8", "field \"note\" is personal in another way",
        "field \"numbers\" was repeated and is optional",
        "field \"side\" was enum keel.sample.Side and is uint32",
        "the new field \"more\" is required", "9 is no longer reserved"}) {
    EXPECT_NE(result.error().detail().find(part), std::string::npos) << result.error().detail();
  }
  EXPECT_EQ(count_of(result.error().detail(), ';'), 5u);
}

TEST(Compatibility, enumerators_stay_too) {
  const PackageSchema old = package_schema(only<Everything>());
  PackageSchema current = old;
  EnumSchema& side = *std::ranges::find(current.enums, "keel.sample.Side", &EnumSchema::name);
  side.enumerators.push_back({8, "new"});
  EXPECT_TRUE(incompatibilities(old, current).empty());
  side.enumerators[1].name = "kredit";
  EXPECT_EQ(incompatibilities(old, current).size(), 1u);
  side.enumerators.erase(side.enumerators.begin() + 1);
  EXPECT_EQ(incompatibilities(old, current).size(), 1u);
  side.reserved_values.push_back({1, "credit"});
  EXPECT_TRUE(incompatibilities(old, current).empty());
  // What only fields referred to may go with them; what stood for itself may not.
  current.enums.clear();
  EXPECT_TRUE(incompatibilities(old, current).empty());
  current.structs.clear();
  EXPECT_EQ(incompatibilities(old, current).size(), 1u);
}

TEST(Compatibility, a_text_that_is_no_schema_is_an_error_of_json) {
  EXPECT_TRUE(check_compatible("{}", only<Old>()).error().is(kMissingKey));
  EXPECT_TRUE(check_compatible("", only<Old>()).error().is(kMalformedJson));
}

// --- texts ---
TEST(ProtoText, says_types_numbers_and_reservations) {
  const std::string text = proto_text(only<Everything>());
  for (std::string_view part :
       {"syntax = \"proto3\";\n\npackage keel.sample;\n",
        "message Everything {\n  reserved 20;\n  reserved \"cell\";\n",
        "  // A 128-bit integer: 16 bytes, little-endian; none means zero.\n  bytes huge = 9;\n",
        "  sfixed64 at = 12;\n",
        "  // Personal data of the one whom tenant names.\n  string note = 14;\n",
        "  // Bits: linked = 1, history = 8, closed = 32768.\n  uint32 options = 18;\n",
        "  optional uint32 maybe_number = 30 [deprecated = true];\n",
        "  repeated Line lines = 536870911;\n", "// One line of an order.\nmessage Line {\n",
        "enum Side {\n  SIDE_DEBIT = 0;\n  SIDE_CREDIT = 1;\n  SIDE_BOTH = 7;\n  reserved 3;\n  "
        "reserved \"SIDE_NEITHER\";\n}"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
  }
  EXPECT_EQ(text.find("import"), std::string::npos);
}

TEST(ProtoText, imports_what_belongs_to_another_package) {
  const std::string text = proto_text(only<Old>());
  EXPECT_NE(text.find("import \"keel.sample.proto\";"), std::string::npos) << text;
  EXPECT_NE(text.find("  keel.sample.Side side = 4;"), std::string::npos) << text;
  EXPECT_EQ(text.find("enum "), std::string::npos);
}

TEST(OpenApi, one_schema_for_each_type_that_is_needed) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  openapi_schemas(only<Old>(), json);
  json.end_object();
  EXPECT_EQ(
      text,
      R"({"keel.test.Order":{"type":"object","additionalProperties":false,"properties":{)"
      R"("code":{"type":"integer","minimum":0,"maximum":65535},)"
      R"("note":{"type":"string","x-personal-of":"code"},)"
      R"("numbers":{"type":"array","items":{"type":"integer","minimum":0,"maximum":4294967295}},)"
      R"("side":{"type":"string","enum":["debit","credit","both"]}}}})");
}

TEST(OpenApi, refers_to_nested_types_and_lists_required_keys) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  const std::vector<const StructInfo*> types{&info<Everything>(), &info<Broken>()};
  openapi_schemas(types, json);
  json.end_object();
  for (
      std::string_view part :
      {R"("line":{"$ref":"#/components/schemas/keel.sample.Line"})",
       R"("keel.sample.Line":{"type":"object",)", R"("required":["more"])",
       R"("tag":{"type":"string","pattern":"^[0-9a-fA-F]{8}$"})",
       R"("blob":{"type":"string","contentEncoding":"base64","x-secret":true})",
       R"("options":{"type":"array","items":{"type":"string","enum":["linked","history","closed"]}})"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
  }
}

}  // namespace
}  // namespace keel
