// Counts: how often each thing happened in a run or a campaign, by name. What a campaign promises
// to meet is declared at zero first, so that what never happened is seen.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace keel::torture {

class Counts {
 public:
  using Map = std::map<std::string, std::uint64_t, std::less<>>;

  void add(std::string_view name, std::uint64_t times = 1) {
    const auto found = counts_.find(name);
    if (found != counts_.end()) {
      found->second += times;
    } else {
      counts_.emplace(name, times);
    }
  }
  void declare(std::string_view name) { add(name, 0); }
  void add(const Counts& other) {
    for (const auto& [name, times] : other.counts_) add(name, times);
  }
  std::uint64_t of(std::string_view name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }
  const Map& all() const noexcept { return counts_; }

 private:
  Map counts_;
};

}  // namespace keel::torture
