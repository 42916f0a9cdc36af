// How much a decoder takes in before it refuses: foreign bytes decide neither the stack nor the
// memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace keel {

struct DecodeLimits {
  std::size_t input_bytes = std::size_t{16} << 20;
  std::uint32_t depth = 32;                     // structs inside structs
  std::size_t elements = std::size_t{1} << 18;  // of all repeated fields together
};

}  // namespace keel
