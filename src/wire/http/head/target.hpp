// Request targets (RFC 9112, section 3.2), hosts, percent-decoding (RFC 3986, section 2.1) and
// query strings. Strict: a character that may not stand there, or a "%" without two hexadecimal
// digits, is an error.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "wire/http/head/status.hpp"

namespace keel::http {

enum class TargetForm : std::uint8_t { origin, absolute, asterisk };

// Views into the target text. Nothing is decoded: "/a%2Fb" and "/a/b" are different paths.
struct Target {
  TargetForm form = TargetForm::origin;
  std::string_view authority;  // absolute form only: "host" or "host:port"
  std::string_view path;       // begins with "/"; "*" in asterisk form
  std::string_view query;      // after the first "?"; empty when there is none
};

// Absolute form is "http" or "https", a host without user information, and a path. Asterisk form
// goes with OPTIONS only. Authority form goes with CONNECT, which nobody here serves: it is a bad
// target.
Result<Target> parse_target(std::string_view text [[clang::lifetimebound]], Method method);

// host [ ":" port ], host not empty: a name, an IPv4 address or a bracketed IPv6 address.
bool is_host(std::string_view text) noexcept;

// Decodes into `out`, which must be as long as `text` at least (the caller's own bounded space; it
// may be the same memory), and returns the part that was filled. `plus_is_space` is for query
// strings.
struct PercentOptions {
  bool plus_is_space = false;
};
Result<std::string_view> percent_decode(std::string_view text,
                                        std::span<char> out [[clang::lifetimebound]],
                                        PercentOptions options = {});

// Walks "a=1&b=2" without decoding; an element without "=" has an empty value. Empty elements are
// an error.
//   QueryReader reader(request.query);
//   while (const auto pair = KEEL_TRY(reader.next())) …
class QueryReader {
 public:
  struct Pair {
    std::string_view name;
    std::string_view value;
  };

  explicit QueryReader(std::string_view query [[clang::lifetimebound]]) : rest_(query) {}

  // The next pair, or nothing at the end.
  Result<std::optional<Pair>> next();

 private:
  std::string_view rest_;
};

// The one value of `name`, decoded into `out`; nothing when it is absent, an error when it stands
// twice, when any part of the query is malformed, or (kOutputFull) when the value is longer than
// `out`.
Result<std::optional<std::string_view>> query_value(std::string_view query, std::string_view name,
                                                    std::span<char> out [[clang::lifetimebound]]);

}  // namespace keel::http
