// modules_of(): what runs in the cell of a run.
#pragma once

#include "engine/state/cell_state.hpp"
#include "modules/charging/charging.hpp"
#include "modules/devices/devices.hpp"
#include "modules/ledger/ledger.hpp"
#include "modules/streams/streams.hpp"
#include "sim/torture/plan.hpp"

namespace keel::torture {

inline engine::ModuleFactory modules_of(const Plan& plan) {
  return [ledger_options = plan.ledger, charging = plan.charging, streams = plan.streams,
          devices = plan.devices](kernel::UndoLog& undo, kernel::HashSeed seed) {
    engine::Modules modules;
    auto ledger = std::make_unique<ledger::Ledger>(undo, seed, ledger_options);
    const ledger::Ledger& books = *ledger;
    modules.push_back(std::move(ledger));
    if (charging.on) {
      modules.push_back(std::make_unique<charging::Charging>(undo, seed, books, charging.options));
    }
    if (streams.on) {
      modules.push_back(std::make_unique<streams::Streams>(undo, seed, streams.options));
    }
    if (devices.on) {
      modules.push_back(std::make_unique<devices::Devices>(undo, seed, devices.options));
    }
    return modules;
  };
}

}  // namespace keel::torture
