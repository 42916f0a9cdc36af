// What Keel has published: schema/, against the types of today. After a change that is meant, and
// that serves whoever knew the old schema: KEEL_UPDATE_SCHEMA=1
// build/dev/tests/keel_node_schema_test
#include <gtest/gtest.h>

#include <map>

#include "base/schema/package_schema.hpp"
#include "engine/published/published.hpp"
#include "engine/state/command_ids.hpp"
#include "engine/state/tenant_revisions.hpp"
#include "modules/charging/charging.hpp"
#include "modules/charging/published/published.hpp"
#include "modules/devices/devices.hpp"
#include "modules/devices/published/published.hpp"
#include "modules/ledger/ledger.hpp"
#include "modules/ledger/published/published.hpp"
#include "modules/streams/published/published.hpp"
#include "modules/streams/streams.hpp"
#include "node/schema/schema_files.hpp"
#include "servers/api/routes/routes.hpp"
#include "servers/api/streams/stream_api.hpp"

namespace keel {
namespace {

// What the API speaks, by package: its own bodies, and what modules describe themselves.
std::map<std::string_view, std::vector<const StructInfo*>> types_of_the_api() {
  std::map<std::string_view, std::vector<const StructInfo*>> types;
  const auto add = [&](const StructInfo& (*body)()) {
    if (body != nullptr) types[package_of(body().name)].push_back(&body());
  };
  for (const servers::CommandRoute& route : servers::command_routes()) {
    add(route.request);
    add(route.response);
  }
  for (const servers::QueryRoute& route : servers::query_routes()) add(route.response);
  for (const servers::DocumentRoute& route : servers::document_routes()) add(route.response);
  for (const servers::StreamRoute& route : servers::stream_routes()) {
    add(route.request);
    add(route.response);
  }
  return types;
}

TEST(PublishedSchema, serves_the_clients_of_the_api) {
  const Result<> checked =
      check_or_update_schema_files(KEEL_SCHEMA_DIRECTORY, types_of_the_api()["keel.api"]);
  EXPECT_TRUE(checked.ok()) << checked.error().to_string();
}

std::string all_of(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += sentence + "; ";
  return text;
}

// What a module lists is all that it has, and is what schema/ says.
template <typename ModuleClass, typename... Options>
void expect_published(const kernel::SchemaBook& published, const Options&... options) {
  kernel::UndoLog undo;
  ModuleClass module(undo, kernel::HashSeed{1}, options...);
  EXPECT_EQ(all_of(kernel::omissions(published.schema(), module)), "");
  const Result<> checked = check_or_update_module_files(KEEL_SCHEMA_DIRECTORY, published);
  EXPECT_TRUE(checked.ok()) << checked.error().to_string();
}

TEST(PublishedSchema, serves_the_readers_of_the_engines_records) {
  kernel::UndoLog undo;
  engine::CommandIds ids(undo, kernel::HashSeed{1}, 1);
  engine::TenantRevisions revisions(undo, kernel::HashSeed{1}, 1);
  const std::array tables{ids.tables()[0], ids.tables()[1], &revisions.table()};
  const kernel::SchemaBook published = engine::published();
  EXPECT_EQ(all_of(kernel::omissions(published.schema(), tables)), "");
  const Result<> checked = check_or_update_module_files(KEEL_SCHEMA_DIRECTORY, published);
  EXPECT_TRUE(checked.ok()) << checked.error().to_string();
}

// One line a module of the node.
TEST(PublishedSchema, serves_the_readers_of_the_ledger) {
  expect_published<ledger::Ledger>(ledger::published(), ledger::LedgerOptions{});
}

TEST(PublishedSchema, serves_the_readers_of_streams) {
  expect_published<streams::Streams>(streams::published(), streams::StreamsOptions{});
}

TEST(PublishedSchema, serves_the_readers_of_charging) {
  kernel::UndoLog undo;
  const ledger::Ledger ledger(undo, kernel::HashSeed{1}, ledger::LedgerOptions{});
  expect_published<charging::Charging>(charging::published(), ledger);
}

TEST(PublishedSchema, serves_the_readers_of_devices) {
  expect_published<devices::Devices>(devices::published(), devices::DevicesOptions{});
}

// Nobody shows what a module does not publish: one package, one file.
void expect_published_of_the_api(const kernel::SchemaBook& book, std::string_view package) {
  const PackageSchema published = package_schema(book.messages());
  const auto of_the_api = types_of_the_api();
  for (const StructInfo* shown : of_the_api.at(package)) {
    EXPECT_NE(std::ranges::find(published.structs, shown->name, &StructSchema::name),
              published.structs.end())
        << shown->name;
  }
}

TEST(PublishedSchema, has_what_the_api_says_of_charging) {
  expect_published_of_the_api(charging::published(), "keel.charging");
}

TEST(PublishedSchema, has_what_the_api_says_of_devices) {
  expect_published_of_the_api(devices::published(), "keel.devices");
}

}  // namespace
}  // namespace keel
