// The parameters of a request: what stands in the path's braces and in the query. Strict: a
// parameter that nobody asked for, stands twice or does not parse is an error that names it.
//
// Views refer to the request; use before Exchange::release_input().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bounded_vector.hpp"
#include "base/describe/struct_info.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "wire/http/request_parser.hpp"

namespace keel::servers {

class Parameters {
 public:
  static constexpr std::size_t kMost = 16;

  // `path_value`: what stood in the braces, still encoded; empty when the route has none.
  static Result<Parameters> read(const http::Request& request, std::string_view path_value);

  Result<uint128> path_id() const;
  // Of a path whose id is a name: as it stands there.
  std::string path_text() const { return std::string(path_value_); }
  bool has(std::string_view name) { return find(name) != nullptr; }
  Result<std::uint64_t> number(std::string_view name, std::uint64_t fallback,
                               std::uint64_t largest = UINT64_MAX);
  std::string text(std::string_view name);      // empty when absent
  Result<uint128> wide(std::string_view name);  // zero when absent
  // "7,8,9"; none when absent.
  Result<std::vector<uint128>> wide_list(std::string_view name);
  // "history,closed": the bits of a described enum's flags; none when absent.
  Result<std::uint64_t> flags(std::string_view name, const EnumInfo& known);
  Result<Timestamp> time(std::string_view name);  // RFC 3339; zero when absent
  // The index of the value among the choices; of the first when absent.
  Result<std::size_t> choice(std::string_view name, std::span<const std::string_view> choices);
  // Call at the end: what is left was not asked for.
  Result<> finish() const;

 private:
  struct One {
    std::string_view name;  // names need no decoding: an encoded one is unknown
    std::string value;
    bool used = false;
  };

  One* find(std::string_view name);

  std::string_view path_value_;
  BoundedVector<One, kMost> all_;
};

}  // namespace keel::servers
