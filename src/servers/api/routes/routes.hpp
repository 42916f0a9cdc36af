// The API as data: every route of commands and queries, how its body becomes a payload, and how the
// answer's payload becomes a body. The router, the OpenAPI document and docs/api.md follow from
// these tables.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/describe/struct_info.hpp"
#include "engine/requests/answer.hpp"
#include "kernel/types.hpp"
#include "servers/api/documents/document.hpp"
#include "servers/api/parameters.hpp"
#include "servers/api/unsealer.hpp"

namespace keel::servers {

// A POST that changes something. Its body is JSON, or (where `media_type` names one) packed rows;
// the answer comes in kind.
struct CommandRoute {
  std::string_view path;
  std::string_view summary;
  kernel::CommandType type;
  const StructInfo& (*request)();
  const StructInfo& (*response)();
  std::string_view media_type = {};  // of packed rows: "application/vnd.keel.transfers"
  // Appends the payload that the module documents; whether balances are wanted in the answer.
  Result<bool> (*read_json)(std::string_view json, Bytes& payload);
  Result<> (*read_rows)(ByteView rows, bool balances, Bytes& payload) = nullptr;
  // Appends the answer as JSON.
  Result<> (*write_json)(const engine::Answer& answer, bool balances, std::string& body);
  std::string_view cell = {};        // whose module decides it; empty: money's
  std::string_view parameters = {};  // names in the query, separated by spaces
  // Instead of read_json, where the body is any JSON (`request` is null then).
  Result<> (*read_body)(Parameters& parameters, std::string_view body, Bytes& payload) = nullptr;
};

// A GET. `{id}` in the path is a decimal of up to 128 bits, or of devices their id. `response` is
// null where the answer is any JSON.
struct QueryRoute {
  std::string_view path;
  std::string_view summary;
  kernel::QueryType type;
  const StructInfo& (*response)();
  std::string_view parameters;  // names in the query, separated by spaces
  Result<> (*read)(Parameters& parameters, Bytes& payload);
  Result<> (*write_json)(ByteView payload, std::string& body) = nullptr;
  // Instead of write_json, where the answer holds what is personal.
  runtime::Task<Result<>> (*write_personal)(ByteView payload, const Unsealer& unsealer,
                                            std::string& body) = nullptr;
  // A page as CSV (?format=csv, or Accept: text/csv), and the cursor of the next one. Null where
  // the answer is no list.
  Result<std::uint64_t> (*write_csv)(ByteView payload, std::string& body) = nullptr;
  std::string_view cell = {};  // as in CommandRoute
};

// A GET whose answer is made while it is sent.
struct DocumentRoute {
  std::string_view path;
  std::string_view summary;
  const StructInfo& (*response)();
  std::string_view parameters;
  bool tabular = false;  // also as CSV
  DocumentMade (*read)(Parameters& parameters, Document::Context context);
};

// A GET that the node answers from beside the cell: from its files, from an index of its own.
struct NodeRoute {
  static constexpr std::size_t kMostNumbers = 4;
  struct Asked {
    TenantId tenant;
    PrincipalId principal;
    uint128 id = 0;                                     // what stood in the path
    std::array<std::uint64_t, kMostNumbers> numbers{};  // of the parameters, in order; absent: 0
  };
  std::string_view path;
  std::string_view summary;
  std::string_view parameters;  // names in the query, separated by spaces; each a number
  const StructInfo& (*response)();
};

std::span<const CommandRoute> command_routes() noexcept;
std::span<const QueryRoute> query_routes() noexcept;
std::span<const DocumentRoute> document_routes() noexcept;

// The parts that the first two are made of, a module each.
std::span<const CommandRoute> ledger_command_routes() noexcept;
std::span<const QueryRoute> ledger_query_routes() noexcept;
std::span<const CommandRoute> charging_command_routes() noexcept;
std::span<const QueryRoute> charging_query_routes() noexcept;

// Whether the path fits the pattern; `value` is then what stands in the place of "{id}".
bool matches(std::string_view pattern, std::string_view path, std::string_view& value) noexcept;

// The OpenAPI 3.1 document of the tables, and of what the node answers itself, as JSON.
std::string openapi_document(std::string_view version, std::span<const NodeRoute> of_node = {});

}  // namespace keel::servers
