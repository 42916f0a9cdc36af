#include "servers/devices/suspects.hpp"

#include <algorithm>

namespace keel::servers {

void Suspects::put(Devices::iterator device, Timestamp look_at) {
  looks_.erase({device->second.look_at, device->first});
  device->second.look_at = look_at;
  looks_.emplace(look_at, device->first);
}

void Suspects::add(std::string_view device, Timestamp now) {
  const auto known = devices_.try_emplace(std::string(device)).first;
  known->second.until = now + coming_in_;
  put(known, now);
}

bool Suspects::hurry(std::string_view device, Timestamp now) {
  const auto known = devices_.find(device);
  if (known == devices_.end()) return false;
  put(known, std::min(now, known->second.look_at));
  return true;
}

std::optional<std::string> Suspects::take_due(Timestamp now) {
  if (looks_.empty() || now < looks_.begin()->first) return std::nullopt;
  std::string device = looks_.begin()->second;
  const auto known = devices_.find(device);
  if (known->second.until <= now) {
    looks_.erase(looks_.begin());
    devices_.erase(known);
  } else {
    put(known, known->second.until);
  }
  return device;
}

void Suspects::look_again(std::string_view device, Timestamp at) {
  const auto known = devices_.find(device);
  if (known != devices_.end()) put(known, std::min(at, known->second.look_at));
}

}  // namespace keel::servers
