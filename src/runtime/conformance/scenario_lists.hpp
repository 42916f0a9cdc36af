// The scenarios of each file, and what they share. Private to this folder.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "runtime/conformance/conformance.hpp"

namespace keel::runtime::conformance {

std::vector<Scenario> file_scenarios();
std::vector<Scenario> stream_scenarios();
std::vector<Scenario> limit_scenarios();
std::vector<Scenario> scheduling_scenarios();
std::vector<Scenario> operating_system_scenarios();

// The value of a result that the scenario cannot go on without.
template <typename T>
T must(Result<T> result) {
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().to_string());
  return std::move(result).value();
}
inline void must(Result<> result) {
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().to_string());
  result.value();
}
template <typename T>
bool fails_with(const Result<T>& result, const ErrorKind& kind) {
  if (!result.ok() && result.error().is(kind)) return true;
  ADD_FAILURE() << "expected " << kind.name << ", got "
                << (result.ok() ? "success" : result.error().to_string());
  return false;
}

// Bytes that differ from place to place, so that a misplaced one shows.
inline std::byte pattern_at(std::uint64_t offset) {
  return static_cast<std::byte>((offset * 2654435761u + (offset >> 12)) >> 5);
}
inline Bytes pattern(std::size_t size, std::uint64_t from = 0) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = pattern_at(from + i);
  return bytes;
}

// Two ends of a connection over a listener of the core's own network.
struct Pair {
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Connection> server;
  std::unique_ptr<Connection> client;
};
Task<Pair> connected_pair(Core* core);

inline Wait within(Core& core, Duration limit) {
  return {.deadline = core.now() + limit};
}
// Long enough for any machine; a scenario that meets it has failed.
inline Wait patience(Core& core) {
  return within(core, Duration::seconds(60));
}

// Sends one part.
Task<Result<>> send_all(Connection* to, ByteView bytes, Wait wait);
// Receives exactly so many bytes, or less when the stream ends.
Task<Result<Bytes>> receive_exactly(Connection* from, std::size_t size, Wait wait);

}  // namespace keel::runtime::conformance
