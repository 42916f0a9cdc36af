// Status codes (RFC 9110, section 15) and methods (section 9) that Keel speaks of by name.
#pragma once

#include <cstdint>
#include <string_view>

namespace keel::http {

// Any number from 100 to 599 may arrive from a server; the named ones are those that Keel sends.
enum class Status : std::uint16_t {
  continue_ = 100,
  switching_protocols = 101,
  ok = 200,
  created = 201,
  accepted = 202,
  no_content = 204,
  moved_permanently = 301,
  see_other = 303,
  not_modified = 304,
  temporary_redirect = 307,
  bad_request = 400,
  unauthorized = 401,
  forbidden = 403,
  not_found = 404,
  method_not_allowed = 405,
  not_acceptable = 406,
  request_timeout = 408,
  conflict = 409,
  gone = 410,
  length_required = 411,
  precondition_failed = 412,
  content_too_large = 413,
  uri_too_long = 414,
  unsupported_media_type = 415,
  expectation_failed = 417,
  unprocessable_content = 422,
  upgrade_required = 426,
  precondition_required = 428,
  too_many_requests = 429,
  header_fields_too_large = 431,
  internal_server_error = 500,
  not_implemented = 501,
  bad_gateway = 502,
  service_unavailable = 503,
  gateway_timeout = 504,
  version_not_supported = 505,
  insufficient_storage = 507,
};

constexpr std::uint16_t code(Status status) noexcept {
  return static_cast<std::uint16_t>(status);
}
constexpr bool is_interim(Status status) noexcept {
  return code(status) / 100 == 1;
}
// A response of this status never has a body, whatever its headers say (RFC 9112, 6.3).
constexpr bool is_bodiless(Status status) noexcept {
  return is_interim(status) || status == Status::no_content || status == Status::not_modified;
}

// "Not Found"; empty for a code without a name here.
std::string_view reason(Status status) noexcept;

enum class Method : std::uint8_t {
  get,
  head,
  post,
  put,
  delete_,
  patch,
  options,
  trace,
  connect,
  other,  // a valid token that is none of these; its text is in the request
};

// Methods are case-sensitive: "get" is `other`.
Method method_from(std::string_view text) noexcept;
std::string_view to_string(Method method) noexcept;  // empty for `other`

enum class Version : std::uint8_t { http_1_0, http_1_1 };

}  // namespace keel::http
