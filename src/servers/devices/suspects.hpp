// Suspects: devices that a command may have barred, and when each is looked at next: at once when
// it is new or comes in, and for the last time when nobody who was being let in meanwhile can come
// in any more. Nobody is forgotten before that: a command whose outcome is not known may bar later.
//
// Knows no clock. Bound: one entry a device, for `coming_in`. Cost: of those who are due, whoever
// else waits.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace keel::servers {

class Suspects {
 public:
  // `coming_in`: longer than letting in takes anybody.
  explicit Suspects(Duration coming_in) : coming_in_(coming_in) {}

  // Due at once, also when it is known already.
  void add(std::string_view device, Timestamp now);
  // Due at once if it is known; whether it is.
  bool hurry(std::string_view device, Timestamp now);
  // One that is due, the longest first. It is due once more at the end of its time, or forgotten
  // when this is the end.
  std::optional<std::string> take_due(Timestamp now);
  // Is due at `at` already, unless it is forgotten.
  void look_again(std::string_view device, Timestamp at);

  std::size_t size() const noexcept { return devices_.size(); }

 private:
  struct Times {
    Timestamp until{};
    Timestamp look_at{};
  };
  using Devices = std::map<std::string, Times, std::less<>>;

  void put(Devices::iterator device, Timestamp look_at);

  Duration coming_in_;
  Devices devices_;
  std::set<std::pair<Timestamp, std::string>> looks_;  // each device once
};

}  // namespace keel::servers
