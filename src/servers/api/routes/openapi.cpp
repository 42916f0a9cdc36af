#include <set>

#include "base/json/json_writer.hpp"
#include "base/schema/openapi.hpp"
#include "servers/api/routes/handmade_routes.hpp"
#include "servers/api/routes/routes.hpp"
#include "servers/api/streams/stream_api.hpp"

namespace keel::servers {
namespace {

using Body = const StructInfo& (*)();  // null: any JSON

// {"<media type>": {"schema": {"$ref": …}}}
void json_content(Body body, std::string_view media_type, JsonWriter& json) {
  json.key(media_type), json.begin_object();
  json.key("schema"), json.begin_object();
  if (body != nullptr) json.key("$ref"), json.text(openapi_reference(body()));
  json.end_object();
  json.end_object();
}

void binary_content(std::string_view media_type, JsonWriter& json) {
  json.key(media_type), json.begin_object();
  json.key("schema"), json.begin_object();
  json.key("type"), json.text("string");
  json.key("format"), json.text("binary");
  json.end_object();
  json.end_object();
}

// What an answer may be beside JSON.
enum class Beside : std::uint8_t { nothing, packed_rows, csv };

void responses(Body response, Beside beside, JsonWriter& json) {
  json.key("responses"), json.begin_object();
  json.key("200"), json.begin_object();
  json.key("description"), json.text("The answer; durable.");
  json.key("content"), json.begin_object();
  json_content(response, "application/json", json);
  if (beside == Beside::packed_rows) binary_content("application/vnd.keel.results", json);
  if (beside == Beside::csv) binary_content("text/csv", json);
  json.end_object();
  json.end_object();
  json.key("default"), json.begin_object();
  json.key("description"), json.text("A problem document (RFC 9457) with a stable code.");
  json.key("content"), json.begin_object();
  json.key("application/problem+json"), json.begin_object(), json.end_object();
  json.end_object();
  json.end_object();
  json.end_object();
}

void parameter(std::string_view name, std::string_view in, bool required, JsonWriter& json) {
  json.begin_object();
  json.key("name"), json.text(name);
  json.key("in"), json.text(in);
  json.key("required"), json.boolean(required);
  json.key("schema"), json.begin_object();
  json.key("type"), json.text("string");
  json.end_object();
  json.end_object();
}

// Names, separated by spaces.
void query_parameters(std::string_view names, JsonWriter& json) {
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(' '));
    parameter(name, "query", false, json);
    names.remove_prefix(std::min(names.size(), name.size() + 1));
  }
}

// Each name in braces, as a parameter.
void path_parameters(std::string_view path, JsonWriter& json) {
  for (;;) {
    const std::size_t open = path.find('{');
    if (open == std::string_view::npos) return;
    const std::size_t close = path.find('}', open);
    parameter(path.substr(open + 1, close - open - 1), "path", true, json);
    path.remove_prefix(close + 1);
  }
}

void command_operation(const CommandRoute& route, JsonWriter& json) {
  json.key("post"), json.begin_object();
  json.key("summary"), json.text(route.summary);
  json.key("parameters"), json.begin_list();
  parameter("Idempotency-Key", "header", false, json);
  parameter("expected_revision", "query", false, json);
  const bool has_rows = !route.media_type.empty();
  if (has_rows) parameter("balances", "query", false, json);
  path_parameters(route.path, json);
  query_parameters(route.parameters, json);
  json.end_list();
  json.key("requestBody"), json.begin_object();
  json.key("required"), json.boolean(true);
  json.key("content"), json.begin_object();
  json_content(route.request, "application/json", json);
  if (has_rows) binary_content(route.media_type, json);
  json.end_object();
  json.end_object();
  responses(route.response, has_rows ? Beside::packed_rows : Beside::nothing, json);
  json.end_object();
}

// A QueryRoute, a DocumentRoute or a NodeRoute.
template <typename Route>
void query_operation(const Route& route, Beside beside, JsonWriter& json) {
  json.key("get"), json.begin_object();
  json.key("summary"), json.text(route.summary);
  json.key("parameters"), json.begin_list();
  path_parameters(route.path, json);
  query_parameters(route.parameters, json);
  if (beside == Beside::csv) parameter("format", "query", false, json);
  json.end_list();
  responses(route.response, beside, json);
  json.end_object();
}

// Of named streams: all methods of one path.
void stream_operations(std::string_view path, JsonWriter& json) {
  for (const StreamRoute& route : stream_routes()) {
    if (route.path != path) continue;
    constexpr std::array<std::string_view, 5> kMethods{"get", "head", "post", "put", "delete"};
    json.key(kMethods.at(static_cast<std::size_t>(route.method))), json.begin_object();
    json.key("summary"), json.text(route.summary);
    json.key("parameters"), json.begin_list();
    if (route.method != http::Method::get) parameter("Idempotency-Key", "header", false, json);
    path_parameters(path, json);
    query_parameters(route.parameters, json);
    json.end_list();
    if (route.request != nullptr) {
      json.key("requestBody"), json.begin_object();
      json.key("content"), json.begin_object();
      json_content(route.request, "application/json", json);
      if (path.ends_with("/messages")) binary_content("application/octet-stream", json);
      json.end_object();
      json.end_object();
    }
    responses(route.response, Beside::nothing, json);
    json.end_object();
  }
}

void handmade_operations(JsonWriter& json) {
  for (const HandmadeRoute& route : handmade_routes()) {
    const bool changes = route.method == http::Method::post;
    json.key(route.path), json.begin_object();
    json.key(changes ? "post" : "get"), json.begin_object();
    json.key("summary"), json.text(route.summary);
    json.key("parameters"), json.begin_list();
    path_parameters(route.path, json);
    query_parameters(route.parameters, json);
    if (route.takes_key) parameter("Idempotency-Key", "header", false, json);
    json.end_list();
    json.key("responses"), json.begin_object();
    json.key("200"), json.begin_object();
    json.key("description"), json.text("The answer.");
    json.end_object();
    json.end_object();
    json.end_object();
    json.end_object();
  }
}

std::vector<const StructInfo*> bodies(std::span<const NodeRoute> of_node) {
  std::vector<const StructInfo*> all;
  const auto add = [&all](Body body) {
    if (body == nullptr) return;
    const StructInfo& info = body();
    if (std::ranges::find(all, &info) == all.end()) all.push_back(&info);
  };
  for (const CommandRoute& route : command_routes()) add(route.request), add(route.response);
  for (const QueryRoute& route : query_routes()) add(route.response);
  for (const DocumentRoute& route : document_routes()) add(route.response);
  for (const NodeRoute& route : of_node) add(route.response);
  for (const StreamRoute& route : stream_routes()) add(route.request), add(route.response);
  return all;
}

}  // namespace

std::string openapi_document(std::string_view version, std::span<const NodeRoute> of_node) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  json.begin_object();
  json.key("openapi"), json.text("3.1.0");
  json.key("info"), json.begin_object();
  json.key("title"), json.text("Keel");
  json.key("version"), json.text(version);
  json.end_object();
  json.key("paths"), json.begin_object();
  std::set<std::string_view> paths;
  for (const CommandRoute& route : command_routes()) paths.insert(route.path);
  for (const QueryRoute& route : query_routes()) paths.insert(route.path);
  for (const DocumentRoute& route : document_routes()) paths.insert(route.path);
  for (const NodeRoute& route : of_node) paths.insert(route.path);
  for (const StreamRoute& route : stream_routes()) paths.insert(route.path);
  for (const std::string_view path : paths) {
    json.key(path), json.begin_object();
    for (const CommandRoute& route : command_routes())
      if (route.path == path) command_operation(route, json);
    for (const QueryRoute& route : query_routes()) {
      if (route.path != path) continue;
      query_operation(route, route.write_csv != nullptr ? Beside::csv : Beside::nothing, json);
    }
    for (const DocumentRoute& route : document_routes())
      if (route.path == path)
        query_operation(route, route.tabular ? Beside::csv : Beside::nothing, json);
    for (const NodeRoute& route : of_node)
      if (route.path == path) query_operation(route, Beside::nothing, json);
    stream_operations(path, json);
    json.end_object();
  }
  handmade_operations(json);
  json.end_object();
  json.key("components"), json.begin_object();
  json.key("schemas"), json.begin_object();
  const std::vector<const StructInfo*> all = bodies(of_node);
  openapi_schemas(all, json);
  json.end_object();
  json.key("securitySchemes"), json.begin_object();
  json.key("token"), json.begin_object();
  json.key("type"), json.text("http");
  json.key("scheme"), json.text("bearer");
  json.end_object();
  json.end_object();
  json.end_object();
  json.key("security"), json.begin_list();
  json.begin_object(), json.key("token"), json.begin_list(), json.end_list(), json.end_object();
  json.end_list();
  json.end_object();
  return text;
}

}  // namespace keel::servers
