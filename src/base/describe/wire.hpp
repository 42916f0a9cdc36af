// Described structs as bytes: Protocol Buffers' wire format
// (https://protobuf.dev/programming-guides/encoding), as a proto3 peer that compiled our .proto
// text reads and writes it. Which kind is which type: struct_info.hpp.
//
// Encoding is deterministic: fields by ascending number, defaults left out, packed where packing
// applies. It cannot fail; a text that is not UTF-8 and an enum without an enumerator are
// programmer's errors and stop the process here, before they reach a disk.
//
// Decoding skips fields that it does not know, lets the last value win, merges repeated occurrences
// of a message, and takes lists packed or not. It refuses what is malformed, values that their
// field cannot hold, unknown enumerators and what exceeds the limits, with an error whose sentence
// starts with the path of the field.
#pragma once

#include "base/describe/describe.hpp"
#include "base/describe/errors.hpp"
#include "base/describe/limits.hpp"

namespace keel {

// Appends the encoding of `object`, which is an object of the type that `info` describes.
void encode(const StructInfo& info, ByteView object, Bytes& out);
// Decodes into `object`, whose fields keep what the bytes do not mention. After an error its
// content is unspecified but valid.
Result<> decode(const StructInfo& info, ByteSpan object, ByteView wire,
                const DecodeLimits& limits = {});

template <Described T>
void encode(const T& object, Bytes& out) {
  encode(info<T>(), std::as_bytes(std::span<const T, 1>(&object, 1)), out);
}

template <Described T>
Result<T> decode(ByteView wire, const DecodeLimits& limits = {}) {
  T object{};
  KEEL_TRY(decode(info<T>(), std::as_writable_bytes(std::span<T, 1>(&object, 1)), wire, limits));
  return object;
}

}  // namespace keel
