#include "servers/charging/command_key.hpp"

#include "base/hash/sha256.hpp"

namespace keel::servers {
namespace {

constexpr std::string_view kContent = "keel ocpp content";
constexpr std::string_view kOccasion = "keel ocpp occasion";

CommandId key_of(std::string_view kind, std::string_view station, kernel::CommandType type,
                 ByteView what) {
  const std::uint64_t station_bytes = station.size();
  const std::uint32_t number = type.value();
  const Digest digest = sha256(
      {as_bytes(kind), object_bytes(station_bytes), as_bytes(station), object_bytes(number), what});
  ByteReader reader(digest);
  const uint128 key = reader.read<uint128>().value();
  return CommandId(key == 0 ? 1 : key);
}

}  // namespace

CommandId key_of_content(std::string_view station, kernel::CommandType type, ByteView payload) {
  return key_of(kContent, station, type, payload);
}

CommandId key_of_occasion(std::string_view station, kernel::CommandType type,
                          const ConnectionNonce& connection, std::uint64_t number) {
  Bytes occasion(connection.begin(), connection.end());
  const ByteView bytes = object_bytes(number);
  occasion.insert(occasion.end(), bytes.begin(), bytes.end());
  return key_of(kOccasion, station, type, occasion);
}

}  // namespace keel::servers
