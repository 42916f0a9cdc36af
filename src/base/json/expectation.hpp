// The sentences of the reader's errors. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "base/describe/struct_info.hpp"

namespace keel {

// What a value of this type looks like: "an integer from 0 to 255".
std::string expectation(const MemberType& type);

// What to say of a key that is not a field: with the name that was probably meant.
std::string unknown_key(const StructInfo& info, std::string_view key);

// The start of a text from outside, for quoting.
std::string shortened(std::string_view token);

}  // namespace keel
