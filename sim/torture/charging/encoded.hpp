// The bytes of a described struct, to compare it whole.
#pragma once

#include "base/describe/wire.hpp"

namespace keel::torture {

template <typename T>
Bytes encoded(const T& value) {
  Bytes bytes;
  encode(value, bytes);
  return bytes;
}

}  // namespace keel::torture
