#include "node/schema/schema_files.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include "base/json/json.hpp"
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

bool updating() {
  const char* update = std::getenv("KEEL_UPDATE_SCHEMA");
  return update != nullptr && std::string_view(update) == "1";
}

std::filesystem::path module_file(const std::filesystem::path& directory,
                                  const kernel::ModuleSchema& schema) {
  return directory / ("module." + schema.name + ".json");
}

Result<> check_module_compatible(const std::filesystem::path& path,
                                 const kernel::ModuleSchema& schema) {
  const std::optional<std::string> published = read_file(path);
  if (!published) return success();
  const auto old = KEEL_TRY(from_json<kernel::ModuleSchema>(*published));
  std::string sentences;
  for (const std::string& sentence : kernel::incompatibilities(old, schema)) {
    sentences += (sentences.empty() ? "" : "; ") + sentence;
  }
  if (!sentences.empty()) return Error(kIncompatibleSchema, std::move(sentences));
  return success();
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
  return updating() ? update_schema_files(directory, roots) : check_schema_files(directory, roots);
}

Result<> check_module_file(const std::filesystem::path& directory,
                           const kernel::ModuleSchema& schema) {
  const std::filesystem::path path = module_file(directory, schema);
  KEEL_TRY(check_module_compatible(path, schema));
  return check_text(path, kernel::to_text(schema));
}

Result<> update_module_file(const std::filesystem::path& directory,
                            const kernel::ModuleSchema& schema) {
  const std::filesystem::path path = module_file(directory, schema);
  KEEL_TRY(check_module_compatible(path, schema));
  return write_file(path, kernel::to_text(schema));
}

Result<> check_or_update_module_files(const std::filesystem::path& directory,
                                      const kernel::SchemaBook& published) {
  KEEL_TRY(updating() ? update_module_file(directory, published.schema())
                      : check_module_file(directory, published.schema()));
  // One package each: a module's own, in the main.
  std::map<std::string_view, std::vector<const StructInfo*>> packages;
  for (const StructInfo* message : published.messages()) {
    packages[package_of(message->name)].push_back(message);
  }
  for (const auto& [package, roots] : packages) {
    KEEL_TRY(check_or_update_schema_files(directory, roots));
  }
  return success();
}

}  // namespace keel
