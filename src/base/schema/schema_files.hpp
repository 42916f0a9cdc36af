// The published schemas: schema/<package>.json (compared) and schema/<package>.proto (for peers). A
// folder that has described types publishes them with a test of three lines:
//
//   TEST(LedgerSchema, is_published_and_compatible) {
//     const std::array types{&info<OpenAccount>(), &info<CloseAccount>()};
//     const Result<> checked = check_or_update_schema_files(KEEL_SCHEMA_DIRECTORY, types);
//     EXPECT_TRUE(checked.ok()) << checked.error().to_string();
//   }
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "base/describe/errors.hpp"
#include "base/schema/package_schema.hpp"

namespace keel {

// Whether today's types serve whoever knew the schema of this text: kIncompatibleSchema with all
// that speaks against it, or an error of JSON where the text is none.
Result<> check_compatible(std::string_view old_text, std::span<const StructInfo* const> roots);

// Checks both files of the roots' package: kIncompatibleSchema, or kOutdatedSchema where a file is
// missing or differs from today's types.
Result<> check_schema_files(const std::filesystem::path& directory,
                            std::span<const StructInfo* const> roots);

// Writes both files; refuses with kIncompatibleSchema where the published ones speak against it.
Result<> update_schema_files(const std::filesystem::path& directory,
                             std::span<const StructInfo* const> roots);

// Updates where the environment has KEEL_UPDATE_SCHEMA=1, and checks otherwise.
Result<> check_or_update_schema_files(const std::filesystem::path& directory,
                                      std::span<const StructInfo* const> roots);

}  // namespace keel
