#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace keel::detail {

void assertion_failed(const char* condition, const char* file, int line,
                      const char* function) noexcept {
  std::fprintf(stderr, "keel: assertion failed: %s (%s:%d, in %s)\n", condition, file, line,
               function);
  std::abort();
}

}  // namespace keel::detail
