// Described structs as CSV (RFC 4180): a column a field, a line a row, ends of line CR LF. The
// fields of a struct inside another stand in its place by their own names. Values are written as in
// JSON; several flags are joined by '|', and what is absent or zero time is an empty cell.
#pragma once

#include <string>

#include "base/describe/describe.hpp"

namespace keel::servers {

inline constexpr std::string_view kCsvType = "text/csv; charset=utf-8; header=present";

// Appends the line of the columns' names. No field is repeated, and no two have one name.
void append_csv_header(const StructInfo& info, std::string& to);
// Appends a row; `object` is an object of the type that `info` describes.
void append_csv_row(const StructInfo& info, ByteView object, std::string& to);

template <Described T>
void append_csv_row(const T& object, std::string& to) {
  append_csv_row(info<T>(), std::as_bytes(std::span<const T, 1>(&object, 1)), to);
}

}  // namespace keel::servers
