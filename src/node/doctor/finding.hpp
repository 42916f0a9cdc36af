// Finding: what keel doctor says about one thing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace keel::node {

enum class Health : std::uint8_t {
  ok,
  warn,  // it works, and may surprise you
  fail,  // the node will not start, or what it promises does not hold here
};

std::string_view to_string(Health health) noexcept;

struct Finding {
  std::string_view check;  // "disk.sync": stable, for scripts
  Health health = Health::ok;
  std::string what;    // what was found, with its figures
  std::string advice;  // what to do; empty when all is well
};

}  // namespace keel::node
