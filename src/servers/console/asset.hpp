// The files of the console, as they were built from console/ and compiled into the program.
#pragma once

#include <span>
#include <string_view>

namespace keel::servers {

struct Asset {
  std::string_view path;  // "/console/assets/index-BBxclOfA.css"; the page itself is "/"
  std::string_view content_type;
  std::string_view content;
  std::string_view gzip;  // the same, compressed; empty where that would not be smaller
};

// Of static lifetime. None in a build without a console (KEEL_CONSOLE=OFF).
std::span<const Asset> console_assets() noexcept;

}  // namespace keel::servers
