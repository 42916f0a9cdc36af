#include "servers/api/command_key.hpp"

#include "base/bytes.hpp"
#include "base/hash/sha256.hpp"
#include "servers/api/errors.hpp"

namespace keel::servers {
namespace {

constexpr std::size_t kLongestKey = 255;

// The bits of "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", or nothing.
std::optional<uint128> uuid_bits(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) digits += text[i];
  }
  const Result<Bytes> bytes = from_hex(digits);
  if (!bytes.ok()) return std::nullopt;
  uint128 bits = 0;
  for (const std::byte byte : *bytes) bits = bits << 8 | std::to_integer<unsigned>(byte);
  return bits;
}

}  // namespace

Result<CommandId> command_id_of(TenantId tenant, std::string_view key) {
  const bool visible = std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; });
  if (key.empty() || key.size() > kLongestKey || !visible)
    return Error(kBadIdempotencyKey, "Idempotency-Key: expected 1 to 255 visible ASCII characters");
  if (const auto bits = uuid_bits(key); bits && *bits != 0) return CommandId(*bits);
  const std::uint32_t number = tenant.value();
  const Digest digest = sha256({object_bytes(number), as_bytes(key)});
  ByteReader reader(digest);
  return CommandId(reader.read<uint128>().value());
}

}  // namespace keel::servers
