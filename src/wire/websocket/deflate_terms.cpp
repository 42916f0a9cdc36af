#include "wire/websocket/deflate_terms.hpp"

#include "wire/http/head/grammar.hpp"
#include "wire/websocket/errors.hpp"

namespace keel::websocket {
namespace {

constexpr std::string_view kHeader = "sec-websocket-extensions";
constexpr std::string_view kDeflate = "permessage-deflate";

// Of one offer or answer, as it stands there.
struct Parameters {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  bool has_client_window = false;
  std::optional<std::uint8_t> client_max_window_bits;  // an offer may name it without a value
  std::optional<std::uint8_t> server_max_window_bits;
};

// The part before the separator, trimmed; the rest stays in `text`.
std::string_view cut_at(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return http::trim(part);
}

// Section 7.1.2: a decimal from 8 to 15 without leading zeros; it may stand in quotes (section 5).
std::optional<std::uint8_t> read_window_bits(std::string_view value) {
  if (value.size() > 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  const std::optional<std::uint64_t> bits = http::parse_decimal(value);
  if (!bits || value.front() == '0' || *bits < kLeastWindowBits - 1U || *bits > kMostWindowBits)
    return std::nullopt;
  return static_cast<std::uint8_t>(*bits);
}

// False: one that is unknown, malformed, or there already (section 7.1).
bool take_parameter(std::string_view text, Parameters& to) {
  const bool has_value = text.find('=') != std::string_view::npos;
  const std::string_view name = cut_at(text, '=');
  const std::string_view value = text;
  if (name == "server_no_context_takeover")
    return !has_value && !std::exchange(to.server_no_context_takeover, true);
  if (name == "client_no_context_takeover")
    return !has_value && !std::exchange(to.client_no_context_takeover, true);
  if (name == "client_max_window_bits") {
    to.client_max_window_bits = read_window_bits(http::trim(value));
    return (!has_value || to.client_max_window_bits) && !std::exchange(to.has_client_window, true);
  }
  if (name != "server_max_window_bits" || to.server_max_window_bits) return false;
  to.server_max_window_bits = read_window_bits(http::trim(value));
  return to.server_max_window_bits.has_value();
}

// One extension with its parameters; nothing when it is another one, or not to be understood.
std::optional<Parameters> read_extension(std::string_view text) {
  Parameters parameters;
  if (text.ends_with(';')) return std::nullopt;
  if (!http::equals_ignoring_case(cut_at(text, ';'), kDeflate)) return std::nullopt;
  while (!text.empty())
    if (!take_parameter(cut_at(text, ';'), parameters)) return std::nullopt;
  return parameters;
}

}  // namespace

std::optional<DeflateTerms> choose_offer(const http::Headers& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!http::equals_ignoring_case(headers[i].name, kHeader)) continue;
    std::string_view offers = headers[i].value;
    while (!offers.empty()) {
      const std::optional<Parameters> offer = read_extension(cut_at(offers, ','));
      if (!offer) continue;
      const DeflateTerms terms{.asked_window_bits = offer->server_max_window_bits};
      if (terms.window_bits() >= kLeastWindowBits) return terms;
    }
  }
  return std::nullopt;
}

std::string accepting(const DeflateTerms& terms) {
  std::string text("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
  if (terms.asked_window_bits)
    text += "; server_max_window_bits=" + std::to_string(*terms.asked_window_bits);
  return text;
}

Result<std::optional<DeflateTerms>> read_deflate_answer(const http::Headers& headers,
                                                        bool offered) {
  const std::size_t count = headers.count(kHeader);
  if (count == 0) return std::optional<DeflateTerms>();
  if (!offered) return Error(kNotAccepted, "the server chose an extension that was not offered");
  const std::optional<Parameters> answer = read_extension(headers.find(kHeader).value_or(""));
  const Error bad(kNotAccepted, "the server chose terms of permessage-deflate that do not suit");
  if (count > 1 || !answer || !answer->server_no_context_takeover) return bad;
  // An answer names a window with its size. Whatever window the server's messages have, ours
  // suffices.
  if (answer->has_client_window && !answer->client_max_window_bits) return bad;
  const DeflateTerms terms{.asked_window_bits = answer->client_max_window_bits};
  if (terms.window_bits() < kLeastWindowBits) return bad;
  return std::optional(terms);
}

}  // namespace keel::websocket
