#include "counted.hpp"

#include <valgrind/callgrind.h>

#include <cstdio>
#include <string>

namespace keel::bench {

void counted(std::string_view name, std::uint64_t times, std::uint64_t operations_each,
             const std::function<void()>& operation) {
  operation();
  const std::string trigger = std::string(name) + " " + std::to_string(times * operations_each);
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_ZERO_STATS;
  for (std::uint64_t i = 0; i < times; ++i) operation();
  CALLGRIND_DUMP_STATS_AT(trigger.c_str());
  CALLGRIND_STOP_INSTRUMENTATION;
  std::printf("%s\n", trigger.c_str());
}

}  // namespace keel::bench
