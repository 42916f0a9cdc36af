// The actions of OCPP 1.6 and of its security extensions: who asks whom, and what Keel speaks.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace keel::ocpp::v16 {

inline constexpr std::string_view kSubprotocol = "ocpp1.6";

enum class Asks : std::uint8_t { station, central_system, either };

struct ActionInfo {
  std::string_view name;
  Asks who = Asks::station;
  // Whether a payload is one of its requests or answers; null: known by name only (Reservation,
  // Smart Charging). Of an answer also the status that it gives; empty: such answers have none.
  Result<> (*check_request)(std::string_view payload) = nullptr;
  Result<std::string_view> (*check_response)(std::string_view payload) = nullptr;

  bool supported() const noexcept { return check_request != nullptr; }
  bool may_ask(Asks side) const noexcept { return who == side || who == Asks::either; }
};

std::span<const ActionInfo> actions() noexcept;
// Null: no such action.
const ActionInfo* find_action(std::string_view name) noexcept;

}  // namespace keel::ocpp::v16
