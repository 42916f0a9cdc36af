// CellLogger: a logger whose lines say which cell they are about, in the field `cell`.
//
// Thread: as the logger behind it. Lifetime: that logger and the name outlive it.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/assert.hpp"
#include "base/log/log.hpp"

namespace keel::node {

class CellLogger final : public log::Logger {
 public:
  CellLogger(log::Logger& log [[clang::lifetimebound]],
             std::string_view cell [[clang::lifetimebound]])
      : log_(log), cell_(cell) {}

 protected:
  void write_fields(const log::Event& event, std::span<const log::Field> fields) noexcept override {
    std::array<log::Field, kMostFields> all;
    KEEL_ASSERT(fields.size() < all.size());
    *std::ranges::copy(fields, all.begin()).out = {.key = "cell", .value = cell_};
    log_.pass_on(event, std::span(all).first(fields.size() + 1));
  }

 private:
  static constexpr std::size_t kMostFields = 12;

  log::Logger& log_;
  std::string_view cell_;
};

}  // namespace keel::node
