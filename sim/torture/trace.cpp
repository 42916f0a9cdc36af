#include "sim/torture/trace.hpp"

#include <fmt/core.h>

namespace keel::torture {

void Trace::say(Timestamp at, std::string_view what, std::string_view detail) {
  std::string line =
      fmt::format("{:4}.{:09} s  {}", at.ns / 1'000'000'000, at.ns % 1'000'000'000, what);
  sha_.update(as_bytes(line));
  if (!detail.empty()) line.append(": ").append(detail);
  lines_.push_back(std::move(line));
  if (kept_ != 0 && lines_.size() > kept_) lines_.pop_front();
}

}  // namespace keel::torture
