#include "runtime/posix/code_place.hpp"

#include <dlfcn.h>

#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace keel::runtime {

std::string code_place(const void* code) {
  Dl_info file{};
  if (code == nullptr || ::dladdr(code, &file) == 0 || file.dli_fname == nullptr) return "unknown";
  const std::string_view path = file.dli_fname;
  const std::uintptr_t offset =
      std::bit_cast<std::uintptr_t>(code) - std::bit_cast<std::uintptr_t>(file.dli_fbase);
  std::array<char, 2 * sizeof(offset)> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), offset, 16);
  std::string place(path.substr(path.find_last_of('/') + 1));
  place += "+0x";
  place.append(digits.data(), written.ptr);
  return place;
}

}  // namespace keel::runtime
