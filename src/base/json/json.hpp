// Described structs as JSON. Which kind is which JSON type: base/describe/struct_info.hpp.
//
// Writing gives every field, in the order of the numbers, except optional ones that are absent.
//
// Reading takes the keys in any order. An absent key means zero, unless the field is required();
// null means absent for an optional field. 64- and 128-bit integers may be texts or numbers,
// 128-bit ones also "0x" and hexadecimal digits. Refused, with an error whose sentence starts with
// the path of the value: unknown keys (with the nearest name that there is), repeated keys, values
// that do not fit, anything after the document, and what exceeds the limits.
#pragma once

#include "base/describe/describe.hpp"
#include "base/describe/errors.hpp"
#include "base/describe/limits.hpp"
#include "base/json/json_writer.hpp"

namespace keel {

// Whether fields that are personal or secret stand there, or "[hidden]" in their place (logs,
// traces).
enum class Confidential : std::uint8_t { shown, hidden };

// `object` is an object of the type that `info` describes.
void to_json(const StructInfo& info, ByteView object, JsonWriter& json,
             Confidential confidential = Confidential::shown);
// After an error the content of `object` is unspecified but valid.
Result<> from_json(const StructInfo& info, ByteSpan object, std::string_view json,
                   const DecodeLimits& limits = {});

// Writes one value into a document that is being written.
template <Described T>
void to_json(const T& object, JsonWriter& json, Confidential confidential = Confidential::shown) {
  to_json(info<T>(), std::as_bytes(std::span<const T, 1>(&object, 1)), json, confidential);
}

// Appends a document of its own.
template <Described T>
void to_json(const T& object, std::string& out, Confidential confidential = Confidential::shown) {
  JsonWriter json(out);
  to_json(object, json, confidential);
}

template <Described T>
Result<T> from_json(std::string_view json, const DecodeLimits& limits = {}) {
  T object{};
  KEEL_TRY(from_json(info<T>(), std::as_writable_bytes(std::span<T, 1>(&object, 1)), json, limits));
  return object;
}

}  // namespace keel
