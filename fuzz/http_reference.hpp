// A second reading of an HTTP message that the parser has accepted: slow, plain, written without a
// look at the parser, and only for complete messages. Where the two disagree, one of them is wrong,
// and an attacker would have found a relay that agrees with the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keel::fuzz {

struct ReferenceMessage {
  std::string start_line;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  std::string rest;  // what follows the message

  std::vector<std::string> values(std::string_view name) const;
};

// Where a body without any length goes: a request has none, a response lasts to the end.
enum class Unframed : std::uint8_t { empty, to_the_end };

// Nothing when `bytes` do not begin with exactly one well-formed message.
std::optional<ReferenceMessage> read_reference(std::string_view bytes, Unframed unframed,
                                               bool body_expected = true);

}  // namespace keel::fuzz
