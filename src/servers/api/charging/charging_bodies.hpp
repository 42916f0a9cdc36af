// Bodies of the API's charging routes that are not the module's own structs (modules/charging).
#pragma once

#include "base/describe/describe.hpp"
#include "base/ids.hpp"

namespace keel::servers {

// A command was done, or had been.
struct DoneBody {
  std::uint64_t position = 0;
  bool repeated = false;
  static constexpr auto description() {
    return describe<DoneBody>(
        "keel.api.Done", field<1>("position", &DoneBody::position, doc("In the journal; durable.")),
        field<2>("repeated", &DoneBody::repeated,
                 doc("The idempotency key had been answered before: this is the same answer.")));
  }
};

// A driver without what is personal: a node does not seal yet.
struct DriverBody {
  uint128 driver = 0;
  uint128 account = 0;
  std::uint64_t credit_limit = 0;
  bool blocked = false;
  std::uint16_t max_sessions = 0;
  static constexpr auto description() {
    return describe<DriverBody>(
        "keel.api.RegisterDriver", field<1>("driver", &DriverBody::driver, required()),
        field<2>("account", &DriverBody::account,
                 doc("The ledger account that pays; 0: one is opened.")),
        field<3>("credit_limit", &DriverBody::credit_limit,
                 doc("Of an account that is opened: how far it may go below zero.")),
        field<4>("blocked", &DriverBody::blocked),
        field<5>("max_sessions", &DriverBody::max_sessions, doc("At one time; 0: 1.")));
  }
};

struct DriverStateBody {
  uint128 driver = 0;
  uint128 account = 0;
  bool blocked = false;
  bool forgotten = false;
  std::uint16_t max_sessions = 0;
  std::uint32_t tokens = 0;
  std::uint32_t open_sessions = 0;
  static constexpr auto description() {
    return describe<DriverStateBody>("keel.api.DriverState",
                                     field<1>("driver", &DriverStateBody::driver),
                                     field<2>("account", &DriverStateBody::account),
                                     field<3>("blocked", &DriverStateBody::blocked),
                                     field<4>("forgotten", &DriverStateBody::forgotten),
                                     field<5>("max_sessions", &DriverStateBody::max_sessions),
                                     field<6>("tokens", &DriverStateBody::tokens),
                                     field<7>("open_sessions", &DriverStateBody::open_sessions));
  }
};

}  // namespace keel::servers
