#include "servers/ocpp/admission.hpp"

#include "base/hash/sha256.hpp"
#include "base/text/base64.hpp"
#include "wire/http/head/grammar.hpp"

namespace keel::servers {
namespace {

std::optional<unsigned> digit_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> station_of(std::string_view path, std::string_view base) {
  if (!path.starts_with(base)) return std::nullopt;
  path.remove_prefix(base.size());
  std::string station;
  while (!path.empty()) {
    char c = path.front();
    path.remove_prefix(1);
    if (c == '/') return std::nullopt;
    if (c == '%') {
      const auto high = path.empty() ? std::nullopt : digit_of(path[0]);
      const auto low = path.size() < 2 ? std::nullopt : digit_of(path[1]);
      if (!high || !low) return std::nullopt;
      c = static_cast<char>(*high * 16 + *low);
      path.remove_prefix(2);
    }
    if (c < ' ' || c > '~' || station.size() == charging::kMaxStationId) return std::nullopt;
    station += c;
  }
  if (station.empty()) return std::nullopt;
  return station;
}

std::optional<BasicCredentials> basic_credentials(std::string_view authorization) {
  const std::size_t space = authorization.find(' ');
  if (space == std::string_view::npos ||
      !http::equals_ignoring_case(authorization.substr(0, space), "basic"))
    return std::nullopt;
  const Result<Bytes> bytes = from_base64(http::trim(authorization.substr(space + 1)));
  if (!bytes.ok()) return std::nullopt;
  const std::string_view text = as_text(*bytes);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return BasicCredentials{.user = std::string(text.substr(0, colon)),
                          .password = std::string(text.substr(colon + 1))};
}

std::optional<std::uint8_t> proved_profile(std::string_view station,
                                           const charging::StationCredentials::Answer& known,
                                           const std::optional<BasicCredentials>& shown,
                                           const runtime::Security* security) {
  const bool secure = security != nullptr;
  if (secure && security->peer != nullptr)
    return security->peer->common_name == station ? std::optional<std::uint8_t>(3) : std::nullopt;
  if (!shown) return 0;
  // The same work whether the station is known or not.
  const bool right = equal_in_constant_time(sha256(as_bytes(shown->password)), known.secret);
  if (!known.found || !known.has_secret || shown->user != station || !right) return std::nullopt;
  return secure ? 2 : 1;
}

}  // namespace keel::servers
