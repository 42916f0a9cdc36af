// Kinds of error of base/describe, base/json and base/schema (20-59).
#pragma once

#include "base/error.hpp"

namespace keel {

// Bytes that are not Protocol Buffers' wire format: cut short, an overlong varint, a length beyond
// the end.
inline constexpr ErrorKind kMalformedWire{20, "describe.malformed_wire", ErrorClass::invalid};
inline constexpr ErrorKind kWrongWireType{21, "describe.wrong_wire_type", ErrorClass::invalid};
// A value of the right type that its field cannot hold.
inline constexpr ErrorKind kValueOutOfRange{22, "describe.value_out_of_range", ErrorClass::invalid};
inline constexpr ErrorKind kNotUtf8{23, "describe.not_utf8", ErrorClass::invalid};
inline constexpr ErrorKind kUnknownEnumerator{24, "describe.unknown_enumerator",
                                              ErrorClass::invalid};
// The bounds of DecodeLimits.
inline constexpr ErrorKind kTooDeep{25, "describe.too_deep", ErrorClass::invalid};
inline constexpr ErrorKind kTooLarge{26, "describe.too_large", ErrorClass::invalid};

inline constexpr ErrorKind kMalformedJson{30, "json.malformed", ErrorClass::invalid};
inline constexpr ErrorKind kWrongType{31, "json.wrong_type", ErrorClass::invalid};
inline constexpr ErrorKind kBadValue{32, "json.bad_value", ErrorClass::invalid};
inline constexpr ErrorKind kUnknownKey{33, "json.unknown_key", ErrorClass::invalid};
inline constexpr ErrorKind kDuplicateKey{34, "json.duplicate_key", ErrorClass::invalid};
inline constexpr ErrorKind kMissingKey{35, "json.missing_key", ErrorClass::invalid};
// A text of more characters than max_length() of its field.
inline constexpr ErrorKind kTooLong{36, "json.too_long", ErrorClass::invalid};

// A published schema that today's code can no longer read, and one that was not published again.
inline constexpr ErrorKind kIncompatibleSchema{40, "schema.incompatible", ErrorClass::conflict};
inline constexpr ErrorKind kOutdatedSchema{41, "schema.outdated", ErrorClass::conflict};

}  // namespace keel
