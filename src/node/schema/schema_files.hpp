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

#include "base/describe/errors.hpp"
#include "base/describe/struct_info.hpp"
#include "base/result.hpp"
#include "kernel/published/schema_book.hpp"

namespace keel {

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

// The same for what a module lists (kernel/published): schema/module.<name>.json, and the packages
// of the described structs that it speaks of.
Result<> check_or_update_module_files(const std::filesystem::path& directory,
                                      const kernel::SchemaBook& published);

// The parts of it, for tests.
Result<> check_module_file(const std::filesystem::path& directory,
                           const kernel::ModuleSchema& schema);
Result<> update_module_file(const std::filesystem::path& directory,
                            const kernel::ModuleSchema& schema);

}  // namespace keel
