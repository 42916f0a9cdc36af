// Answer: what a cell says to a command or a query, when everything that it read is durable.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace keel::engine {

struct Answer {
  std::uint16_t code = 0;  // the module's outcome; 0 is success
  bool repeated = false;   // the id had been answered before: this is the same answer again
  Position position;       // of the command's outcome record; of a query, the last that it read
  Position revision;       // the tenant's last changed position: what expected_revision means
  Timestamp time;  // cell time of the decision; of a query, of the last decision that it saw
  Bytes payload;   // as the module documents it
};

}  // namespace keel::engine
