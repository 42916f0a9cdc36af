// What Keel has published: schema/, against the types of today. After a change that is meant, and
// that serves whoever knew the old schema: KEEL_UPDATE_SCHEMA=1
// build/dev/tests/keel_node_schema_test
#include <gtest/gtest.h>

#include "node/schema/schema_files.hpp"
#include "servers/api/routes.hpp"

namespace keel {
namespace {

std::vector<const StructInfo*> types_of_the_api() {
  std::vector<const StructInfo*> types;
  for (const servers::CommandRoute& route : servers::command_routes()) {
    types.push_back(&route.request());
    types.push_back(&route.response());
  }
  for (const servers::QueryRoute& route : servers::query_routes()) {
    types.push_back(&route.response());
  }
  for (const servers::DocumentRoute& route : servers::document_routes()) {
    types.push_back(&route.response());
  }
  return types;
}

TEST(PublishedSchema, serves_the_clients_of_the_api) {
  const Result<> checked = check_or_update_schema_files(KEEL_SCHEMA_DIRECTORY, types_of_the_api());
  EXPECT_TRUE(checked.ok()) << checked.error().to_string();
}

}  // namespace
}  // namespace keel
