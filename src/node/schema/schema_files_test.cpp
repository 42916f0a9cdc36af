#include "node/schema/schema_files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/describe/describe.hpp"

namespace keel {
namespace {

// One type at three times: as published, grown by a field, and with a field gone that was not
// reserved.
struct Old {
  std::uint16_t code = 0;
  std::string note = {};
  static constexpr auto description() {
    return describe<Old>("keel.test.Order", field<1>("code", &Old::code),
                         field<2>("note", &Old::note));
  }
};

struct Grown {
  std::uint16_t code = 0;
  std::string note = {};
  bool urgent = false;
  static constexpr auto description() {
    return describe<Grown>("keel.test.Order", field<1>("code", &Grown::code),
                           field<2>("note", &Grown::note), field<3>("urgent", &Grown::urgent));
  }
};

struct Removed {
  std::uint16_t code = 0;
  static constexpr auto description() {
    return describe<Removed>("keel.test.Order", field<1>("code", &Removed::code));
  }
};

template <Described T>
std::vector<const StructInfo*> types() {
  return {&info<T>()};
}

class SchemaFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() /
                 ("keel_schema_test_" + std::to_string(::getpid()) + "_" +
                  ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directory(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path directory_;
};

TEST_F(SchemaFiles, are_missing_then_published_then_up_to_date) {
  EXPECT_TRUE(check_schema_files(directory_, types<Old>()).error().is(kOutdatedSchema));
  EXPECT_TRUE(update_schema_files(directory_, types<Old>()).ok());
  EXPECT_TRUE(check_schema_files(directory_, types<Old>()).ok());
  EXPECT_TRUE(std::filesystem::exists(directory_ / "keel.test.json"));
  EXPECT_TRUE(std::filesystem::exists(directory_ / "keel.test.proto"));
}

TEST_F(SchemaFiles, a_compatible_change_is_outdated_until_it_is_published) {
  ASSERT_TRUE(update_schema_files(directory_, types<Old>()).ok());
  EXPECT_TRUE(check_schema_files(directory_, types<Grown>()).error().is(kOutdatedSchema));
  EXPECT_TRUE(update_schema_files(directory_, types<Grown>()).ok());
  EXPECT_TRUE(check_schema_files(directory_, types<Grown>()).ok());
}

TEST_F(SchemaFiles, an_incompatible_change_is_refused_by_the_update_too) {
  ASSERT_TRUE(update_schema_files(directory_, types<Old>()).ok());
  EXPECT_TRUE(check_schema_files(directory_, types<Removed>()).error().is(kIncompatibleSchema));
  EXPECT_TRUE(update_schema_files(directory_, types<Removed>()).error().is(kIncompatibleSchema));
  EXPECT_TRUE(check_schema_files(directory_, types<Old>()).ok());
}

TEST_F(SchemaFiles, an_edited_proto_file_is_outdated) {
  ASSERT_TRUE(update_schema_files(directory_, types<Old>()).ok());
  std::ofstream(directory_ / "keel.test.proto", std::ios::app) << "// by hand\n";
  EXPECT_TRUE(check_schema_files(directory_, types<Old>()).error().is(kOutdatedSchema));
}

kernel::ModuleSchema pumps(std::uint32_t bytes) {
  kernel::ModuleSchema schema{.module = 60051, .name = "pumps"};
  schema.rows.push_back({.name = "Pumped", .bytes = bytes, .fields = {{"x", 0, bytes, "x"}}});
  schema.events.push_back({.number = 1, .version = 1, .name = "pumped", .payload = "Pumped"});
  return schema;
}

TEST_F(SchemaFiles, a_modules_file_is_missing_then_published_and_keeps_its_rows) {
  EXPECT_TRUE(check_module_file(directory_, pumps(8)).error().is(kOutdatedSchema));
  ASSERT_TRUE(update_module_file(directory_, pumps(8)).ok());
  EXPECT_TRUE(check_module_file(directory_, pumps(8)).ok());
  EXPECT_TRUE(check_module_file(directory_, pumps(16)).error().is(kIncompatibleSchema));
  EXPECT_TRUE(update_module_file(directory_, pumps(16)).error().is(kIncompatibleSchema));

  kernel::ModuleSchema grown = pumps(8);
  grown.commands.push_back({.number = 1, .version = 1, .name = "pump"});
  EXPECT_TRUE(check_module_file(directory_, grown).error().is(kOutdatedSchema));
  EXPECT_TRUE(update_module_file(directory_, grown).ok());
}

}  // namespace
}  // namespace keel
