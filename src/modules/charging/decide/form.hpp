// The form of what is asked: lengths, characters, ranges. An Error (charging.bad_request) names the
// field. Private to this folder.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "modules/charging/requests.hpp"

namespace keel::charging {

// 1 to `most` printable ASCII characters without a space at either end.
Result<> check_name(std::string_view field, std::string_view value, std::size_t most);
// Up to `most` bytes of UTF-8 without zeros.
Result<> check_text(std::string_view field, std::string_view value,
                    std::size_t most = kMaxShortText);
Result<> check_range(std::string_view field, std::uint64_t value, std::uint64_t least,
                     std::uint64_t most);
Result<> check_readings(const std::vector<Reading>& readings);

}  // namespace keel::charging
