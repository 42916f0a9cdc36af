// A name for each fact of charging, as the oracle lists them: with the session that it is about.
#pragma once

#include <fmt/core.h>

#include "modules/charging/events.hpp"

namespace keel::torture {

constexpr std::string_view name_of(const charging::Configured&) {
  return "configured";
}
constexpr std::string_view name_of(const charging::TariffPublished&) {
  return "tariff";
}
constexpr std::string_view name_of(const charging::StationRegistered&) {
  return "station";
}
constexpr std::string_view name_of(const charging::DriverRegistered&) {
  return "driver";
}
constexpr std::string_view name_of(const charging::TokenRegistered&) {
  return "token";
}
constexpr std::string_view name_of(const charging::DriverForgotten&) {
  return "forgotten";
}
constexpr std::string_view name_of(const charging::MeterKeyRegistered&) {
  return "meter key";
}
constexpr std::string_view name_of(const charging::StationBooted&) {
  return "booted";
}
constexpr std::string_view name_of(const charging::StationsSeen&) {
  return "seen";
}
constexpr std::string_view name_of(const charging::StatusReported&) {
  return "status";
}
constexpr std::string_view name_of(const charging::TokenChecked&) {
  return "checked";
}
constexpr std::string_view name_of(const charging::StationNoted&) {
  return "noted";
}
constexpr std::string_view name_of(const charging::CallRequested&) {
  return "call";
}
constexpr std::string_view name_of(const charging::CallEnded&) {
  return "call ended";
}
constexpr std::string_view name_of(const charging::CallDropped&) {
  return "call dropped";
}
constexpr std::string_view name_of(const charging::StopKept&) {
  return "kept";
}
constexpr std::string_view name_of(const charging::StopReleased&) {
  return "released";
}

inline std::string name_of(const charging::SessionStarted& fact) {
  return fmt::format("started {}", fact.session.value());
}
inline std::string name_of(const charging::ReadingsRecorded& fact) {
  return fmt::format("readings {}", fact.session.value());
}
inline std::string name_of(const charging::IdleChanged& fact) {
  return fmt::format("idle {}", fact.session.value());
}
inline std::string name_of(const charging::SessionStopped& fact) {
  return fmt::format("stopped {}", fact.session.value());
}
// A bill, or that it was put off.
inline std::string name_of(const charging::SessionClosed& fact) {
  return fmt::format("billed {}", fact.session.value());
}
inline std::string name_of(const charging::SessionDeferred& fact) {
  return fmt::format("billed {}", fact.session.value());
}
inline std::string name_of(const charging::StopConflicted& fact) {
  return fmt::format("conflicted {}", fact.session.value());
}
inline std::string name_of(const charging::SessionExtended& fact) {
  return fmt::format("extended {}", fact.session.value());
}
inline std::string name_of(const charging::ReadingsUnplaced&) {
  return "unplaced";
}
inline std::string name_of(const charging::CorrectionEnded& fact) {
  return fmt::format("settled {}", fact.session.value());
}

}  // namespace keel::torture
