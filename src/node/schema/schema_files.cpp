#include "node/schema/schema_files.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/schema/package_schema.hpp"
#include "base/schema/proto_text.hpp"

namespace keel {
namespace {

struct Texts {
  std::string schema;
  std::string proto;
};

Texts texts_of(std::span<const StructInfo* const> roots) {
  return {to_text(package_schema(roots)), proto_text(roots)};
}

std::filesystem::path file_of(const std::filesystem::path& directory,
                              std::span<const StructInfo* const> roots, std::string_view ending) {
  return directory / (std::string(package_of(roots.front()->name)) + std::string(ending));
}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<> write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return Error(kOutdatedSchema, path.string() + " cannot be written");
  return success();
}

Result<> check_text(const std::filesystem::path& path, std::string_view expected) {
  const std::optional<std::string> published = read_file(path);
  if (published && *published == expected) return success();
  return Error(kOutdatedSchema, path.string() +
                                    (published ? " differs from the code" : " is missing") +
                                    "; publish with KEEL_UPDATE_SCHEMA=1");
}

}  // namespace

Result<> check_schema_files(const std::filesystem::path& directory,
                            std::span<const StructInfo* const> roots) {
  const std::filesystem::path schema_path = file_of(directory, roots, ".json");
  if (const auto published = read_file(schema_path)) KEEL_TRY(check_compatible(*published, roots));
  const Texts texts = texts_of(roots);
  KEEL_TRY(check_text(schema_path, texts.schema));
  return check_text(file_of(directory, roots, ".proto"), texts.proto);
}

Result<> update_schema_files(const std::filesystem::path& directory,
                             std::span<const StructInfo* const> roots) {
  const std::filesystem::path schema_path = file_of(directory, roots, ".json");
  if (const auto published = read_file(schema_path)) KEEL_TRY(check_compatible(*published, roots));
  const Texts texts = texts_of(roots);
  KEEL_TRY(write_file(schema_path, texts.schema));
  return write_file(file_of(directory, roots, ".proto"), texts.proto);
}

Result<> check_or_update_schema_files(const std::filesystem::path& directory,
                                      std::span<const StructInfo* const> roots) {
  const char* update = std::getenv("KEEL_UPDATE_SCHEMA");
  if (update != nullptr && std::string_view(update) == "1") {
    return update_schema_files(directory, roots);
  }
  return check_schema_files(directory, roots);
}

}  // namespace keel
